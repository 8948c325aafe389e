"""Relaying, against the shortest script that keeps the same promises of order and durability."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

from aiokafka import AIOKafkaProducer
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.mongo import MongoTrail
from chassis.audit.seals import CommitSealer
from chassis.clock import SystemClock
from chassis.event_store import NewCommit
from chassis.event_store.documents import to_document
from chassis.event_store.mongo import COMMITS, MongoEventStore
from chassis.event_store.mongo_insert import DURABLE
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.relay import Relay
from chassis.relay.records import records_of
from contracts.base import JsonObject
from contracts.topics import PARTITIONS
from tests.benchmarks.bench_append import WRITERS, in_parallel, new_commits
from tests.benchmarks.harness import Ground, Measure, Result, measured, per_second, ratio_of
from tests.support.quayside import running
from tests.support.wait import eventually

Database = AsyncDatabase[JsonObject]
SOURCE = "/kobling/bench"
_RAW_PAGE = 500


async def bench_relay_drain(ground: Ground) -> Result:
    """A backlog, from the start of the relay until the last commit is marked."""
    count = ground.size(50_000, quick=5_000)
    rounds = await measured(_drained(ground, count, by_relay=True), _drained(ground, count, by_relay=False))
    return Result(
        f"relay, a backlog of {count}, against raw find + send_batch + update_many(500)",
        ratio_of(rounds, ours=0, baseline=1),
        bar=0.8,
        detail=f"{per_second(count, rounds, 0)} against {per_second(count, rounds, 1)}",
    )


async def bench_relay_while_appending(ground: Ground) -> Result:
    """64 writers and the relay in one process, until everything is published and marked; the baseline inserts the same
    documents 64 at a time while its script drains them."""
    count = ground.size(30_000, quick=5_000)
    rounds = await measured(_both(ground, count), _raw_both(ground, count))
    return Result(
        "relay while 64 writers append, against raw insert_many(64) beside the script",
        ratio_of(rounds, ours=0, baseline=1),
        bar=0.8,
        detail=f"{per_second(count, rounds, 0)} against {per_second(count, rounds, 1)}",
    )


async def bench_relay_after_minutes_of_appends(ground: Ground) -> Result:
    """The outbox must not slow down by what went through it: the time for the same work, at the end and at first."""
    chunk, seconds = 1_000, ground.size(180, quick=5)
    taken: list[float] = []
    async with _place(ground) as (database, topic):
        relay = _relay(ground, database, topic)
        store = MongoEventStore(database, on_append=relay.offer)
        async with running(relay):
            await eventually(lambda: _is_empty(database))
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                commits = new_commits(chunk)
                started_at = time.perf_counter()
                await in_parallel(store.append, commits)
                await eventually(lambda: _is_empty(database), every=0.002)
                taken.append(time.perf_counter() - started_at)
    part = max(1, len(taken) // 5)
    first, last = median(taken[:part]), median(taken[-part:])
    return Result(
        f"append and relay after {seconds} s of it, against its first fifth",
        last / first,
        bar=1.2,
        at_most=True,
        detail=f"{first * 1000:.0f} ms, then {last * 1000:.0f} ms for {chunk} commits",
    )


def _drained(ground: Ground, count: int, *, by_relay: bool) -> Measure:
    async def measure() -> float:
        async with _place(ground) as (database, topic):
            await _fill(database, new_commits(count))
            started_at = time.perf_counter()
            if by_relay:
                async with running(_relay(ground, database, topic)):
                    await eventually(lambda: _is_empty(database), timeout=300, every=0.01)
                    return time.perf_counter() - started_at
            await _raw_drain(ground, database, topic, count)
            return time.perf_counter() - started_at

    return measure


def _both(ground: Ground, count: int) -> Measure:
    async def measure() -> float:
        commits = new_commits(count)
        async with _place(ground) as (database, topic):
            relay = _relay(ground, database, topic)
            store = MongoEventStore(database, on_append=relay.offer)
            async with running(relay):
                started_at = time.perf_counter()
                await in_parallel(store.append, commits)
                await eventually(lambda: _is_empty(database), timeout=300, every=0.005)
                return time.perf_counter() - started_at

    return measure


def _raw_both(ground: Ground, count: int) -> Measure:
    async def measure() -> float:
        commits = new_commits(count)
        async with _place(ground) as (database, topic):
            started_at = time.perf_counter()
            await asyncio.gather(_fill(database, commits, group=WRITERS), _raw_drain(ground, database, topic, count))
            return time.perf_counter() - started_at

    return measure


async def _raw_drain(ground: Ground, database: Database, topic: str, count: int) -> None:
    """Page, send and mark, one after another, until `count` commits are through. No lease, no retry, no metrics."""
    outbox = MongoOutbox(database)
    producer = AIOKafkaProducer(
        bootstrap_servers=ground.kafka, acks="all", enable_idempotence=True, max_batch_size=1_000_000
    )
    async with producer:
        while count:
            page = await outbox.pending(_RAW_PAGE)
            batches: dict[int, Any] = {}
            for document in page:
                batch = batches.get(document["p"]) or batches.setdefault(document["p"], producer.create_batch())
                for key, value, headers, timestamp in records_of(document, source=SOURCE):
                    batch.append(timestamp=timestamp, key=key, value=value, headers=headers)
            sent = [await producer.send_batch(batch, topic, partition=number) for number, batch in batches.items()]
            await asyncio.gather(*sent)
            await outbox.mark(page)
            count -= len(page)


@asynccontextmanager
async def _place(ground: Ground) -> AsyncIterator[tuple[Database, str]]:
    async with ground.database() as database, ground.topic(partitions=PARTITIONS) as topic:
        await MongoEventStore(database).prepare()
        yield database, topic


async def _fill(database: Database, commits: Sequence[NewCommit], *, group: int = 1_000) -> None:
    collection = database.get_collection(COMMITS, write_concern=DURABLE)
    for start in range(0, len(commits), group):
        documents: list[Any] = [to_document(new, partitions=PARTITIONS) for new in commits[start : start + group]]
        await collection.insert_many(documents, ordered=False)


def _relay(ground: Ground, database: Database, topic: str) -> Relay:
    sealer = CommitSealer(MongoTrail(database, "bench"), SystemClock())
    return Relay(database, "bench", ground.kafka, topic=topic, seal=sealer)


async def _is_empty(database: Database) -> bool:
    return not await MongoOutbox(database).pending(1)
