"""The drill proves a town's backup; what is wrong with a store or a read model is found and named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from typer.testing import CliRunner, Result

from chassis.rebuild import collection_name, live_generation
from deploy.cli import app
from tests.support.platform import platform_at
from tests.support.service import Place
from tests.support.town import Ending
from tests.support.wait import eventually

Json = dict[str, Any]


def _kobling(place: Place, *words: str, prefix: str | None = None) -> Result:
    settings = {
        "KOBLING_MONGO": place.engines.mongo,
        "KOBLING_DATABASE_PREFIX": place.namespace if prefix is None else prefix,
        "KOBLING_KMS_DIR": str(place.directory / "kms"),
    }
    return CliRunner().invoke(app, list(words), env=settings)


async def _run(place: Place, *words: str, prefix: str | None = None) -> Result:
    return await asyncio.to_thread(_kobling, place, *words, prefix=prefix)


@pytest.mark.timeout(240)
async def test_a_town_is_drilled_and_every_fault_in_it_is_named(
    place: Place, mongo_client: AsyncMongoClient[Json], unique: str, tmp_path: Path
) -> None:
    await place.make_topics("oslo")
    async with platform_at(place) as platform:
        town = platform.town("oslo")
        await town.settle_in(helpers=3)
        for ending in Ending:
            await town.story(ending)
        gone = await town.volunteer()
        await town.command("intake", f"/v1/persons/{gone}/erasure")
        await town.until("intake", f"/v1/persons/{gone}/erasure", lambda found: found["erased_at"])
        await eventually(platform.is_settled, timeout=60)
        drilled = await _run(place, "drill")
        assert (drilled.exit_code, "[ ]" in drilled.output) == (0, False), drilled.output
        lines = drilled.output.splitlines()
        assert lines[-1] == "This backup would bring everything back."
        assert sum(line.startswith("[x] read model ") for line in lines) > 20
        assert [line for line in lines if "not read yet" in line] == []
        names = await mongo_client.list_database_names()
        assert [name for name in names if name.startswith(f"{place.namespace}drill-")] == []

    for name, fault in _FAULTS.items():
        undo = await fault(place, mongo_client)
        drilled = await _run(place, "drill")
        last = drilled.stdout.splitlines()[-1]
        assert (drilled.exit_code, last[:4], name in last) == (1, "[ ] ", True), drilled.output
        assert drilled.stderr.startswith("The drill failed.")
        await undo()

    folder, again = tmp_path / "backup", f"{unique}-again-"
    assert (await _run(place, "backup", str(folder))).exit_code == 0
    restored = await _run(place, "restore", str(folder), "--trial", prefix=again)
    assert [line.split(":")[0] for line in restored.output.splitlines()] == [f"{folder}/keyring", f"{folder}/services"]
    for name in ("keyring", "intake", "matching", "notifications", "reporting"):
        before = await _content(mongo_client[f"{place.namespace}{name}"])
        assert await _content(mongo_client[f"{again}{name}"]) == before
        await mongo_client.drop_database(f"{again}{name}")


Undo = Callable[[], Awaitable[object]]
Fault = Callable[[Place, AsyncMongoClient[Json]], Awaitable[Undo]]


async def _a_document_touched_by_hand(place: Place, client: AsyncMongoClient[Json]) -> Undo:
    database = client[f"{place.namespace}matching"]
    collection = database[collection_name("searches", await live_generation(database, "searches"))]
    document = await collection.find_one({"_gone": None})
    assert document is not None
    await collection.update_one({"_id": document["_id"]}, {"$set": {"touched": True}})
    return lambda: collection.replace_one({"_id": document["_id"]}, document)


async def _a_read_model_ahead_of_the_stores(place: Place, client: AsyncMongoClient[Json]) -> Undo:
    """As after a restore of a store that is older than the topics."""
    commits = client[f"{place.namespace}matching"]["commits"]
    newest = await commits.find_one({"t": {"$regex": "^matching.search-"}}, sort=[("v", -1)])
    assert newest is not None
    gone = await commits.find({"s": newest["s"], "v": {"$gte": newest["v"]}}).to_list()
    await commits.delete_many({"_id": {"$in": [one["_id"] for one in gone]}})
    return lambda: commits.insert_many(gone)


async def _a_commit_in_the_middle_that_is_gone(place: Place, client: AsyncMongoClient[Json]) -> Undo:
    commits = client[f"{place.namespace}intake"]["commits"]
    later = await commits.find_one({"v": {"$gt": 2}})
    assert later is not None
    first = await commits.find_one_and_delete({"s": later["s"], "v": 1})
    assert first is not None
    return lambda: commits.insert_one(first)


async def _an_event_nobody_can_read(place: Place, client: AsyncMongoClient[Json]) -> Undo:
    commits = client[f"{place.namespace}reporting"]["commits"]
    commits = client[f"{place.namespace}intake"]["commits"] if await commits.find_one() is None else commits
    commit = await commits.find_one({"v": 1})
    assert commit is not None
    await commits.update_one({"_id": commit["_id"]}, {"$set": {"e.0": "{"}})
    return lambda: commits.replace_one({"_id": commit["_id"]}, commit)


async def _a_tenant_key_that_is_gone(place: Place, client: AsyncMongoClient[Json]) -> Undo:
    file = place.directory / "kms" / "oslo.1.key"
    file.rename(file.with_suffix(".away"))

    async def undo() -> None:
        file.with_suffix(".away").rename(file)

    return undo


_FAULTS: Mapping[str, Fault] = {
    "is another document when it is folded anew": _a_document_touched_by_hand,
    "has folded an event that no restored store knows": _a_read_model_ahead_of_the_stores,
    "has no event 1": _a_commit_in_the_middle_that_is_gone,
    "UndecodableEvent when it is folded": _an_event_nobody_can_read,
    "oslo.1.key": _a_tenant_key_that_is_gone,
}


async def _content(database: AsyncDatabase[Json]) -> dict[str, list[Json]]:
    names = sorted(await database.list_collection_names())
    return {name: await database[name].find().sort("_id", 1).to_list() for name in names}
