"""The broker and the database are killed with kill -9 under load, and started again."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from chassis.event_store.mongo import MongoEventStore
from chassis.observability import REGISTRY
from contracts.base import JsonObject
from deploy.local.engines import Engines
from tests.faults.checker import Verdict, check, read_story
from tests.faults.load import Load
from tests.support.harbour import commit, quay_stream
from tests.support.quayside import PARTITIONS, Quayside, running
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(60 + 20 * 50)


@pytest.fixture
async def harbour(own_engines: Engines) -> AsyncIterator[Quayside]:
    """A store and a topic on engines that only these tests use."""
    name = f"faults{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=own_engines.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    await admin.close()
    async with AsyncMongoClient[JsonObject](own_engines.mongo) as client:
        harbour = Quayside(client[name], own_engines.kafka, name)
        await harbour.store.prepare()
        yield harbour
        await harbour.store.aclose()


async def verdict_on(harbour: Quayside, load: Load) -> Verdict:
    await eventually(harbour.is_drained, timeout=60)
    story = await read_story(harbour.database, topic=harbour.topic, kafka=harbour.kafka)
    return check(story, acknowledged=load.acknowledged)


async def some_more(load: Load, count: int = 60) -> None:
    target = len(load.acknowledged) + count
    await eventually(lambda: len(load.acknowledged) >= target, timeout=60)


async def test_a_broker_killed_under_load_loses_nothing_and_is_told_of_once(
    own_engines: Engines, harbour: Quayside, rounds: int
) -> None:
    relay = harbour.relay()
    load = Load([MongoEventStore(harbour.database, partitions=PARTITIONS, on_append=relay.offer)])
    kills = (rounds + 1) // 2

    with capture_logs() as logs:
        async with running(relay):
            async with load.running():
                for _ in range(kills):
                    await some_more(load)
                    await asyncio.to_thread(own_engines.kill_kafka)
                    await some_more(load)
                    await asyncio.to_thread(own_engines.start_kafka)
                    await eventually(harbour.is_drained, timeout=60)
            verdict = await verdict_on(harbour, load)

    assert verdict.findings == []
    assert len([entry for entry in logs if entry["event"] == "relay_stalled"]) <= 2 * kills


async def test_a_database_killed_during_appends_loses_nothing_that_was_acknowledged(
    own_engines: Engines, harbour: Quayside, rounds: int
) -> None:
    relay = harbour.relay()
    stores = [
        MongoEventStore(harbour.database, partitions=PARTITIONS, on_append=relay.offer, patience_seconds=20),
        MongoEventStore(harbour.database, partitions=PARTITIONS, patience_seconds=0.5),
    ]
    load = Load(stores)

    async with running(relay):
        async with load.running():
            for _ in range(rounds):
                await some_more(load)
                await asyncio.to_thread(own_engines.kill_mongo)
                await asyncio.to_thread(own_engines.start_mongo)
        verdict = await verdict_on(harbour, load)

    assert verdict.findings == []


async def test_a_relay_stopped_while_the_broker_is_away_ends_soon_and_the_next_one_goes_on(
    own_engines: Engines, harbour: Quayside
) -> None:
    await harbour.store.append(commit(quay_stream(), 0))
    async with running(harbour.relay()):
        await eventually(harbour.is_drained)
        await asyncio.to_thread(own_engines.kill_kafka)
        await harbour.store.append(commit(quay_stream(), 0))
        await eventually(
            lambda: REGISTRY.get_sample_value("kobling_relay_pending_commits", {"service": "harbour"}) == 1
        )
        stopped_at = time.monotonic()
    took_seconds = time.monotonic() - stopped_at
    await asyncio.to_thread(own_engines.start_kafka)
    async with running(harbour.relay()):
        await eventually(harbour.is_drained, timeout=60)

    assert took_seconds < 15
    assert len(await harbour.records()) == 2
