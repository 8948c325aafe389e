"""Appending from 64 writers at once, against the driver by hand with the same documents and the same durability."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from chassis.event_store import NewCommit
from chassis.event_store.documents import to_document
from chassis.event_store.mongo import COMMITS, MongoEventStore
from chassis.event_store.mongo_insert import DURABLE
from contracts.topics import PARTITIONS
from tests.benchmarks.harness import Ground, Measure, Result, measured, per_second, ratio_of
from tests.support.harbour import CrateLanded, commit, quay_stream

WRITERS = 64
_RAW_GROUP = 500


async def bench_append(ground: Ground) -> list[Result]:
    """The baselines make their documents from the same events: what differs is who groups them and who waits."""
    count = ground.size(20_000, quick=3_000)
    rounds = await measured(
        _timed(ground, count, _by_store), _timed(ground, count, _one_by_one, part=4), _timed(ground, count, _by_500)
    )
    ours, one_by_one, by_500 = (per_second(count, rounds, index) for index in range(3))
    return [
        Result(
            "append, 64 writers, against insert_one each",
            ratio_of(rounds, ours=0, baseline=1),
            bar=3.5,
            detail=f"{ours} against {one_by_one}",
        ),
        Result(
            "append, 64 writers, against raw insert_many(500)",
            ratio_of(rounds, ours=0, baseline=2),
            bar=0.5,
            detail=f"{ours} against {by_500}",
        ),
    ]


def new_commits(count: int) -> list[NewCommit]:
    """Commits of one event of 200 characters, each on a stream of its own."""
    return [commit(quay_stream(), 0, CrateLanded(weight_kg=5, mark="x" * 180)) for _ in range(count)]


async def in_parallel(work: Callable[[NewCommit], Awaitable[Any]], commits: Sequence[NewCommit]) -> None:
    """Work them off from 64 writers, each of which waits for its own answer."""
    queue = iter(commits)

    async def write() -> None:
        for each in queue:
            await work(each)

    await asyncio.gather(*(write() for _ in range(WRITERS)))


@asynccontextmanager
async def event_store(ground: Ground) -> AsyncIterator[tuple[MongoEventStore, AsyncCollection[Any]]]:
    """An empty store with its indexes, and its collection for those who use it by hand."""
    async with ground.database() as database:
        store = MongoEventStore(database)
        await store.prepare()
        yield store, database.get_collection(COMMITS, write_concern=DURABLE)


def _timed(
    ground: Ground,
    count: int,
    work: Callable[[MongoEventStore, AsyncCollection[Any], Sequence[NewCommit]], Awaitable[None]],
    *,
    part: int = 1,
) -> Measure:
    """Seconds for `count` commits; what is slow does only a part of them and is taken times that."""

    async def measure() -> float:
        commits = new_commits(count // part)
        async with event_store(ground) as (store, collection):
            started_at = time.perf_counter()
            await work(store, collection, commits)
            return (time.perf_counter() - started_at) * part

    return measure


async def _by_store(store: MongoEventStore, _: AsyncCollection[Any], commits: Sequence[NewCommit]) -> None:
    await in_parallel(store.append, commits)


async def _one_by_one(_: MongoEventStore, collection: AsyncCollection[Any], commits: Sequence[NewCommit]) -> None:
    async def insert(new: NewCommit) -> None:
        await collection.insert_one(to_document(new, partitions=PARTITIONS))

    await in_parallel(insert, commits)


async def _by_500(_: MongoEventStore, collection: AsyncCollection[Any], commits: Sequence[NewCommit]) -> None:
    for start in range(0, len(commits), _RAW_GROUP):
        group = [to_document(new, partitions=PARTITIONS) for new in commits[start : start + _RAW_GROUP]]
        await collection.insert_many(group, ordered=False)
