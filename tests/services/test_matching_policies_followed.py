"""Policies that are followed: asked for with every command without asking the database, and never out of date."""

import asyncio
import time

from aiokafka import TopicPartition
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.clock import SystemClock
from chassis.projection import Held
from chassis.read_models import ReadModels
from chassis.rebuild import reader_id
from contracts.base import JsonObject
from services.matching.projections.policies import StoredPolicies, policies
from tests.services.test_matching_tables_followed import Commands
from tests.support.stack import Addresses
from tests.support.wait import eventually


def document(version: int) -> JsonObject:
    adopted = {"policy": "{}", "version": version, "paused": False, "pauses": []}
    return Held(adopted, {}, 0).document("oslo/ressursvenn")


async def test_a_policy_is_remembered_until_it_changes(engines: Addresses, database: AsyncDatabase[JsonObject]) -> None:
    commands = Commands()
    async with AsyncMongoClient[JsonObject](engines.mongo, event_listeners=[commands], tz_aware=True) as client:
        reading = ReadModels(client[database.name], clock=SystemClock())
        known = StoredPolicies(reading, SystemClock())
        collection = database[(await reading.collection(policies)).name]
        await collection.insert_one(document(1))
        reading.attach(reader_id(client[database.name], "policies", 1), _AtTheEnd())
        following = asyncio.create_task(known.run())

        async def is_at(version: int) -> bool:
            return (await known.known("oslo", "ressursvenn")).version == version

        async def asks_nothing() -> bool:
            before = commands.sent.count("find")
            await asyncio.gather(*(is_at(1) for _ in range(20)))
            return commands.sent.count("find") == before

        await eventually(lambda: commands.sent.count("aggregate") == 1)
        await collection.replace_one({"_id": "oslo/other"}, document(1) | {"_id": "oslo/other"}, upsert=True)
        assert await is_at(1)
        await eventually(asks_nothing)
        for version in (2, 3):
            await collection.replace_one({"_id": "oslo/ressursvenn"}, document(version))
            await eventually(lambda version=version: is_at(version))  # type: ignore[misc]
        following.cancel()
        await asyncio.wait_for(asyncio.gather(following, return_exceptions=True), timeout=5)


class _AtTheEnd:
    """A consumer in this process that has just read to the end of everything."""

    def reading(self) -> facts.Reading:
        return facts.Reading("policies", 1, {TopicPartition("intake.events", 0): int(1000 * time.time())}, {})

    async def reached(self, stream: str, position: int) -> None: ...
