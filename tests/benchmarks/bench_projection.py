"""Building a read model from a topic, against what one would write by hand and what the framework does by itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import SystemClock
from chassis.consumer import Consumers
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.topics import PARTITIONS
from tests.benchmarks.harness import Ground, Measure, Result, measured, per_second, ratio_of
from tests.support.consuming import running
from tests.support.voyages import EVENTS_PER_STREAM, VoyageLogged, fill, history, voyages
from tests.support.wait import eventually

Database = AsyncDatabase[JsonObject]
Build = Callable[[Ground, str, Database, int], Awaitable[None]]

_RAW_PAGE = 500


async def bench_rebuild(ground: Ground) -> list[Result]:
    """The script decodes with msgspec and writes one upsert an event, 500 at a time; ours decodes with pydantic."""
    count = ground.size(50_000, quick=12_000)
    async with ground.topic(partitions=PARTITIONS) as topic:
        await fill(ground.kafka, topic, history(count))
        rounds = await measured(_timed(ground, topic, count, by_chassis), _timed(ground, topic, count, by_script))
        ours = per_second(count, rounds, 0)
        few = ground.size(600, quick=250)
        slow = await measured(_timed(ground, topic, few, by_plain_handler), rounds=3)
    per_message = median(seconds for [seconds] in slow) / few
    return [
        Result(
            "rebuild with pydantic, against raw getmany(500) + msgspec + bulk_write(500) + commit",
            ratio_of(rounds, ours=0, baseline=1),
            bar=1.0,
            detail=f"{ours} against {per_second(count, rounds, 1)}",
        ),
        Result(
            "rebuild with pydantic, against a plain FastStream handler with ACK",
            per_message * count / median(round_[0] for round_ in rounds),
            bar=10,
            detail=f"{ours} against {1 / per_message:,.0f}/s",
        ),
    ]


async def bench_sealed_rebuild(ground: Ground) -> Result:
    """Sealed fields are carried, not opened: they cost their bytes."""
    count = ground.size(30_000, quick=8_000)
    async with ground.topic(partitions=PARTITIONS) as plain, ground.topic(partitions=PARTITIONS) as sealed:
        await fill(ground.kafka, plain, history(count))
        await fill(ground.kafka, sealed, history(count, is_sealed=True))
        rounds = await measured(_timed(ground, sealed, count, by_chassis), _timed(ground, plain, count, by_chassis))
    return Result(
        "rebuild of sealed events, against plain ones",
        ratio_of(rounds, ours=0, baseline=1),
        bar=0.85,
        detail=f"{per_second(count, rounds, 0)} against {per_second(count, rounds, 1)}",
    )


async def bench_rebuild_is_linear(ground: Ground) -> Result:
    """Seconds an event of a long history, against those of one of 10 000."""
    short, long = 10_000, ground.size(1_000_000, quick=100_000)
    async with ground.topic(partitions=PARTITIONS) as few, ground.topic(partitions=PARTITIONS) as many:
        await fill(ground.kafka, few, history(short))
        await fill(ground.kafka, many, history(long))
        short_seconds = median([await _timed(ground, few, short, by_chassis)() for _ in range(3)])
        long_seconds = await _timed(ground, many, long, by_chassis)()
    return Result(
        f"rebuild of {long:,} events, seconds an event against those of {short:,}".replace(",", " "),
        (long_seconds / long) / (short_seconds / short),
        bar=1.2,
        detail=f"{long / long_seconds:,.0f}/s against {short / short_seconds:,.0f}/s",
        at_most=True,
    )


def _timed(ground: Ground, topic: str, count: int, build: Build) -> Measure:
    async def measure() -> float:
        async with ground.database() as database:
            started_at = time.perf_counter()
            await build(ground, topic, database, count)
            return time.perf_counter() - started_at

    return measure


async def by_chassis(ground: Ground, topic: str, database: Database, count: int) -> None:
    """Our consumers, from the first event until nothing is left; joining the group and leaving it included."""
    consumers = Consumers(
        "bench",
        ground.kafka,
        database,
        read_models=ReadModels(database, clock=SystemClock()),
        projections=[voyages(topic)],
    )

    def is_built() -> bool:
        [health] = consumers.health()
        return health.partitions == PARTITIONS and health.lag == 0

    async with running(consumers):
        await eventually(is_built, timeout=600, every=0.005)
    _require(await database["voyages.1"].count_documents({}), count)


async def by_script(ground: Ground, topic: str, database: Database, count: int) -> None:
    """What one writes by hand in an afternoon."""

    class Voyage(msgspec.Struct):
        harbour: str
        berth: int
        cargo: tuple[str, ...]
        captain: str
        note: str
        crew_count: int
        from_harbour: str
        is_loaded: bool

    decode = msgspec.json.Decoder(Voyage).decode
    collection = database["voyages"]
    await collection.create_index([("harbour", 1), ("berth", 1)])
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=ground.kafka,
        group_id=uuid4().hex,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        seen = 0
        while seen < count:
            batches = await consumer.getmany(timeout_ms=1000, max_records=_RAW_PAGE)
            records = [record for batch in batches.values() for record in batch]
            if records:
                writes = [_upsert(record.key, decode(record.value), dict(record.headers)) for record in records]
                await collection.bulk_write(writes, ordered=True)
                await consumer.commit()
                seen += len(records)
    finally:
        await consumer.stop()


def _upsert(key: bytes, voyage: Any, headers: dict[str, bytes]) -> UpdateOne:
    fields = {
        "harbour": voyage.harbour,
        "berth": voyage.berth,
        "cargo": list(voyage.cargo),
        "crew_count": voyage.crew_count,
        "is_loaded": voyage.is_loaded,
        "captain": voyage.captain,
        "position": int(headers["ce_position"]),
    }
    return UpdateOne({"_id": key.decode()}, {"$set": fields, "$inc": {"moored": 1}}, upsert=True)


async def by_plain_handler(ground: Ground, topic: str, database: Database, count: int) -> None:
    """FastStream as its tutorial has it, made safe by ACK."""
    broker = KafkaBroker(ground.kafka, logger=None)
    collection: AsyncCollection[JsonObject] = database["voyages"]
    done = asyncio.Event()
    seen = 0

    @broker.subscriber(topic, group_id=uuid4().hex, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK)
    async def handle(voyage: VoyageLogged) -> None:
        nonlocal seen
        await collection.update_one(
            {"_id": f"{voyage.harbour}-{voyage.berth}"},
            {"$set": voyage.model_dump(mode="json"), "$inc": {"moored": 1}},
            upsert=True,
        )
        seen += 1
        if seen == count:
            done.set()

    async with broker:
        await broker.start()
        await done.wait()


def _require(documents: int, count: int) -> None:
    if documents < count // EVENTS_PER_STREAM:
        raise RuntimeError(f"only {documents} documents of {count} events")
