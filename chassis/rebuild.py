"""Generations of read models: which one answers, which one is being built beside it, and the switch.

A generation is a collection and a reader of its own. The registry document says which is live; whoever finds
the one in building caught up switches it, atomically, and the one that answered until then is dropped a little later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis import dead_letters, facts
from chassis.projection import Projection
from contracts.base import JsonObject

COLLECTION = "read_models"

# Queries that began on the old generation may still be reading it; registries are looked at once a second.
_GRACE = timedelta(seconds=3)


class UnknownReadModel(LookupError):
    """No read model of the service has that name."""


@dataclass(frozen=True, slots=True)
class Building:
    """The generation beside the live one. It is built by the code of that version only."""

    generation: int
    version: int
    since: datetime


@dataclass(frozen=True, slots=True)
class ReadModelState:
    """`lag` counts the records that the generation in building has still to fold; None: not known yet.

    `retired` generations answer no longer and are dropped soon.
    """

    name: str
    version: int
    live: int
    building: Building | None
    retired: tuple[int, ...] = ()
    lag: int | None = None


def collection_name(name: str, generation: int) -> str:
    return f"{name}.{generation}"


def reader_id(database: AsyncDatabase[JsonObject], name: str, generation: int | None = None) -> str:
    """What a reader is called: positions and dead letters are kept under it."""
    return f"{database.name}.{name}" if generation is None else f"{database.name}.{name}.{generation}"


async def request_rebuild(database: AsyncDatabase[JsonObject], name: str) -> None:
    """Ask the running service to build the read model anew, from the first event. Raises UnknownReadModel."""
    asked = await database[COLLECTION].update_one({"_id": name}, {"$set": {"rebuild_requested": True}})
    if asked.matched_count == 0:
        raise UnknownReadModel(name)


async def rebuild_progress(database: AsyncDatabase[JsonObject]) -> list[ReadModelState]:
    """Every read model of the service, with the lag of what is being built."""
    states = []
    async for document in database[COLLECTION].find().sort("_id", 1):
        state = _state(document)
        lag = None
        if state.building is not None:
            lag = (await facts.read(database, reader_id(database, state.name, state.building.generation))).lag
        states.append(replace(state, lag=lag))
    return states


async def live_generation(database: AsyncDatabase[JsonObject], name: str) -> int:
    """The generation that answers queries."""
    document = await database[COLLECTION].find_one({"_id": name}, {"live": 1})
    return 1 if document is None else int(document["live"])


async def states(database: AsyncDatabase[JsonObject], projections: Sequence[Projection]) -> list[ReadModelState]:
    """Where each projection stands, after beginning the rebuilds that a version or an operator asks for."""
    found = {document["_id"]: document async for document in database[COLLECTION].find()}
    return [await _begun(database, projection, found.get(projection.name)) for projection in projections]


async def prepare(database: AsyncDatabase[JsonObject], projection: Projection, generation: int) -> None:
    """Make the indexes of a generation; nothing happens to those that are there."""
    collection = database[collection_name(projection.name, generation)]
    for index in projection.indexes:
        await collection.create_index(index.keys)


async def switch_if_caught_up(database: AsyncDatabase[JsonObject], state: ReadModelState) -> bool:
    """Let the generation in building answer from now on, if it has read every partition to the end."""
    building = state.building
    if building is None:
        return False
    seen = await facts.read(database, reader_id(database, state.name, building.generation))
    if not seen.is_caught_up:
        return False
    switched = await database[COLLECTION].update_one(
        {"_id": state.name, "live": state.live, "building.generation": building.generation},
        {
            "$set": {"live": building.generation, "version": building.version},
            "$unset": {"building": ""},
            "$push": {"retired": {"generation": state.live, "at": datetime.now(UTC)}},
        },
    )
    return switched.modified_count == 1


async def drop_retired(database: AsyncDatabase[JsonObject]) -> list[str]:
    """Drop the generations that have not answered for a while, with their letters. Answers their readers."""
    dropped: list[str] = []
    registry: AsyncCollection[JsonObject] = database[COLLECTION]
    old = datetime.now(UTC) - _GRACE
    async for document in registry.find({"retired.at": {"$lte": old}}):
        for retired in document["retired"]:
            if retired["at"] > old:
                continue
            generation = retired["generation"]
            reader = reader_id(database, document["_id"], generation)
            await database.drop_collection(collection_name(document["_id"], generation))
            await database[dead_letters.COLLECTION].delete_many({"consumer": reader})
            await facts.forget(database, reader)
            await registry.update_one({"_id": document["_id"]}, {"$pull": {"retired": {"generation": generation}}})
            dropped.append(reader)
    return dropped


async def _begun(
    database: AsyncDatabase[JsonObject], projection: Projection, document: JsonObject | None
) -> ReadModelState:
    registry: AsyncCollection[JsonObject] = database[COLLECTION]
    if document is None:
        document = await _registered(registry, projection)
    if not _wants_rebuild(document, projection):
        return _state(document)
    generation = document["newest"] + 1
    building = {"generation": generation, "version": projection.version, "since": datetime.now(UTC)}
    change: dict[str, Any] = {
        "$set": {"building": building, "newest": generation},
        "$unset": {"rebuild_requested": ""},
    }
    if "building" in document:  # what an older version, or an earlier wish, had begun is given up
        change["$push"] = {
            "retired": {"generation": document["building"]["generation"], "at": building["since"]},
        }
    begun = await registry.find_one_and_update(
        {"_id": projection.name, "newest": document["newest"]}, change, return_document=ReturnDocument.AFTER
    )
    return _state(begun or await registry.find_one({"_id": projection.name}) or document)


async def _registered(registry: AsyncCollection[JsonObject], projection: Projection) -> JsonObject:
    document: JsonObject = {"_id": projection.name, "version": projection.version, "live": 1, "newest": 1}
    try:
        await registry.insert_one(document)
    except DuplicateKeyError:
        return await registry.find_one({"_id": projection.name}) or document
    return document


def _wants_rebuild(document: JsonObject, projection: Projection) -> bool:
    """Older code than what is live begins nothing: a rolling upgrade must not swing back."""
    building = document.get("building")
    newest_version = document["version"] if building is None else max(document["version"], building["version"])
    if projection.version > newest_version:
        return True
    return bool(document.get("rebuild_requested")) and projection.version >= document["version"]


def _state(document: JsonObject) -> ReadModelState:
    building = document.get("building")
    return ReadModelState(
        name=document["_id"],
        version=document["version"],
        live=document["live"],
        building=building and Building(building["generation"], building["version"], building["since"]),
        retired=tuple(retired["generation"] for retired in document.get("retired", ())),
    )
