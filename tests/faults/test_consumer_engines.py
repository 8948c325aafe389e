"""The broker and the database are killed under consumers, and started again: they go on by themselves."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

from chassis.reaction import Reaction
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from deploy.local.engines import Engines
from tests.support.consuming import BoatMoored, Harbour, boat, harbour_at, moored, running
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(180)

ADA, BIL = boat("ada"), boat("bil")


@pytest.fixture
async def harbour(own_engines: Engines) -> AsyncIterator[Harbour]:
    name = f"faults{uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=own_engines.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, 4, 1)])
    await admin.close()
    async with (
        AsyncMongoClient[JsonObject](own_engines.mongo, tz_aware=True, serverSelectionTimeoutMS=2000) as client,
        harbour_at(own_engines.kafka, client[name], name) as harbour,
    ):
        yield harbour


async def test_consumers_go_on_when_a_killed_broker_is_back(own_engines: Engines, harbour: Harbour) -> None:
    consumers = harbour.consumers(harbour.boats)
    async with running(consumers):
        await harbour.send(moored(ADA, 1))
        await harbour.seen("ada")
        await asyncio.to_thread(own_engines.kill_kafka)
        await asyncio.to_thread(own_engines.start_kafka)

        async with harbour_at(harbour.kafka, harbour.database, harbour.topic) as again:
            await again.send(moored(ADA, 1), moored(ADA, 2), moored(BIL, 1))
        await harbour.seen("ada", moored=2)
        await harbour.seen("bil", moored=1)


async def test_consumers_that_start_before_the_broker_wait_for_it(own_engines: Engines, harbour: Harbour) -> None:
    await harbour.send(moored(ADA, 1))
    await asyncio.to_thread(own_engines.kill_kafka)
    consumers = harbour.consumers(harbour.boats)
    run = asyncio.create_task(consumers.run())
    await eventually(consumers.health)
    assert not consumers.is_ready()

    await asyncio.to_thread(own_engines.start_kafka)

    await harbour.seen("ada")
    run.cancel()
    await asyncio.wait({run})
    assert run.cancelled()


async def test_consumers_wait_while_the_database_is_away_and_set_nothing_aside(
    own_engines: Engines, harbour: Harbour
) -> None:
    done: list[tuple[str, int]] = []

    async def react(recorded: RecordedEvent) -> None:
        await harbour.database["effects"].insert_one({})
        done.append((recorded.stream.id, recorded.position))

    reaction = Reaction("noting", (harbour.topic,), (BoatMoored,), react)
    async with running(harbour.consumers(harbour.boats, reactions=[reaction])):
        await harbour.send(moored(ADA, 1))
        await harbour.seen("ada")
        await asyncio.to_thread(own_engines.kill_mongo)
        await harbour.send(moored(ADA, 2), moored(ADA, 3), moored(BIL, 1))
        await asyncio.to_thread(own_engines.start_mongo)

        await harbour.seen("ada", moored=3)
        await harbour.seen("bil", moored=1)
        await eventually(lambda: ("ada", 3) in done and ("bil", 1) in done, timeout=60)
        await harbour.blocked(0)
    assert [position for name, position in done if name == "ada"] == [1, 2, 3]
