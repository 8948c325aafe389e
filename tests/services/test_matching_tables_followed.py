"""Ranking tables that are followed: a question reads memory only, what changes arrives by itself, faults pass."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from chassis.clock import SystemClock
from chassis.keyring import MemoryKeyring
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.sealed import Sealed
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.projections.candidates import candidates
from tests.services.test_matching_ranking import PROGRAMME, TENANT, document, ids
from tests.support.stack import Addresses
from tests.support.wait import eventually


class Commands(CommandListener):
    """Which commands a client has sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None: ...
    def failed(self, event: CommandFailedEvent) -> None: ...


class KeyringAwayOnce(MemoryKeyring):
    """Its database does not answer the first time."""

    was_asked = False

    async def open_many(self, tenant: str, sealed: Sequence[Sealed[Any]]) -> list[Any]:
        if not self.was_asked:
            self.was_asked = True
            raise AutoReconnect("away")
        return await super().open_many(tenant, sealed)


@asynccontextmanager
async def followed(tables: CandidateTables) -> AsyncIterator[CandidateTables]:
    task = asyncio.create_task(tables.run())
    try:
        yield tables
    finally:
        task.cancel()
        await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), timeout=5)


async def has(tables: CandidateTables, *helper_ids: str) -> bool:
    return await ids(tables) == sorted(helper_ids)


@pytest.fixture
async def reading(database: AsyncDatabase[JsonObject]) -> ReadModels:
    return ReadModels(database, clock=SystemClock())


async def test_a_question_asks_the_database_nothing_while_the_tables_are_followed(
    engines: Addresses, database: AsyncDatabase[JsonObject]
) -> None:
    commands = Commands()
    async with AsyncMongoClient[JsonObject](engines.mongo, event_listeners=[commands], tz_aware=True) as client:
        reading = ReadModels(client[database.name], clock=SystemClock())
        collection = database[(await reading.collection(candidates)).name]
        await collection.insert_one(document("v", PROGRAMME))
        async with followed(CandidateTables(reading, MemoryKeyring(), look_again_seconds=0)) as tables:
            assert await has(tables, "v")
            await collection.insert_one(document("w", PROGRAMME))
            await eventually(lambda: has(tables, "v", "w"))
            # The answer that brought w has been marked, and the next wait has begun.
            await eventually(lambda: commands.sent[-1] == "getMore")
            before = len(commands.sent)
            for _ in range(100):
                assert await has(tables, "v", "w")
            assert len(commands.sent) == before


async def test_tables_that_are_followed_survive_a_dropped_generation(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    await collection.insert_one(document("v", PROGRAMME))
    async with followed(CandidateTables(reading, MemoryKeyring())) as tables:
        await eventually(lambda: has(tables, "v"))
        await collection.drop()
        await collection.insert_one(document("w", PROGRAMME))
        await eventually(lambda: has(tables, "w"))
        await collection.insert_one(document("x", PROGRAMME))
        await eventually(lambda: has(tables, "w", "x"))


async def test_a_change_that_could_not_be_applied_is_not_lost(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    keyring = KeyringAwayOnce()
    async with followed(CandidateTables(reading, keyring, look_again_seconds=60)) as tables:
        assert await has(tables)
        purposes = await keyring.seal(TENANT, "v", ["matching"])
        told = {"subject": "v", "sealed": purposes.token}
        await collection.insert_one(document("v", PROGRAMME) | {"told": told})
        await eventually(lambda: has(tables, "v"))
        assert (keyring.was_asked, tables.people(TENANT).experienced) == (True, {"v"})


async def test_who_asks_looks_when_nobody_follows_any_more(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    tables = CandidateTables(reading, MemoryKeyring(), look_again_seconds=0)
    async with followed(tables):
        assert await has(tables)
        await collection.insert_one(document("v", PROGRAMME))
        await eventually(lambda: has(tables, "v"))
    await collection.insert_one(document("w", PROGRAMME))
    assert await eventually(lambda: has(tables, "v", "w"))
