"""What appending and polling cost in a store a hundred times as large, against the small one in the same run."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store.documents import to_document
from chassis.event_store.mongo import MongoEventStore
from chassis.event_store.mongo_outbox import MongoOutbox
from contracts.base import JsonObject
from contracts.topics import PARTITIONS
from tests.benchmarks.bench_append import in_parallel, new_commits
from tests.benchmarks.harness import Ground, Measure, Result, measured, ratio_of

Database = AsyncDatabase[JsonObject]
_SMALL = 10_000
_APPENDS = 1_000
_POLLS = 20


async def bench_growth(ground: Ground) -> list[Result]:
    """Both stores stand side by side, all but a handful of their commits relayed long ago."""
    count = ground.size(1_000_000, quick=100_000)
    async with _grown(ground, _SMALL) as small, _grown(ground, count) as large:
        appends = await measured(_appended(small), _appended(large))
        polls = await measured(_polled(small), _polled(large))
    return [
        Result(
            f"{what} among {count} events, against {_SMALL}",
            ratio_of(rounds, ours=0, baseline=1),
            bar=1.2,
            at_most=True,
            detail=f"{_milliseconds(rounds, 0)}, then {_milliseconds(rounds, 1)}",
        )
        for what, rounds in (("append, 64 writers,", appends), ("poll of 500 pending", polls))
    ]


def _milliseconds(rounds: list[list[float]], index: int) -> str:
    return f"{median(round_[index] for round_ in rounds) * 1000:.0f} ms"


@asynccontextmanager
async def _grown(ground: Ground, count: int) -> AsyncIterator[Database]:
    async with ground.database() as database:
        await MongoEventStore(database).prepare()
        for start in range(0, count, 1_000):
            documents: list[Any] = [to_document(new, partitions=PARTITIONS) for new in new_commits(1_000)]
            for document in documents if start else documents[500:]:
                del document["o"]
            await database["commits"].insert_many(documents, ordered=False)
        yield database


def _appended(database: Database) -> Measure:
    async def measure() -> float:
        store, commits = MongoEventStore(database), new_commits(_APPENDS)
        outbox = MongoOutbox(database)
        before = await outbox.pending(_APPENDS)
        started_at = time.perf_counter()
        await in_parallel(store.append, commits)
        taken = time.perf_counter() - started_at
        kept = {document["_id"] for document in before}
        await outbox.mark([each for each in await outbox.pending(2 * _APPENDS) if each["_id"] not in kept])
        return taken

    return measure


def _polled(database: Database) -> Measure:
    async def measure() -> float:
        outbox = MongoOutbox(database)
        started_at = time.perf_counter()
        for _ in range(_POLLS):
            await outbox.pending(1_000)
        return time.perf_counter() - started_at

    return measure
