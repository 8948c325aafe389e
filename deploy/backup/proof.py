"""What a restored event store must be: the live one up to its moment, whole, readable, and folded by today's code."""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

import services
from chassis.decider import Decider
from chassis.event_store.documents import last_position, to_commit
from chassis.event_store.port import Commit
from deploy.backup.dump import COMMITS

Json = dict[str, Any]

_BATCH = 500


class NotProven(Exception):
    """The sentence says what is wrong, and where; it names streams and documents, never what is in them."""


async def folded_streams(restored: AsyncDatabase[Json], live: AsyncDatabase[Json] | None = None) -> int:
    """How many streams were folded to the end, each commit equal to the live one. Raises NotProven."""
    streams, version, stream, state = 0, 0, "", None
    async for document in _compared(restored, live):
        if document["s"] != stream:
            streams, version, stream, state = streams + 1, 0, document["s"], None
        if document["v"] != version + 1:
            raise NotProven(f"{restored.name}: {stream} has no event {version + 1}")
        version = last_position(document)
        state = _folded(document, state)
    return streams


async def commits_of(database: AsyncDatabase[Json]) -> AsyncIterator[Commit]:
    """Every commit, the streams one after the other, each in its order."""
    async for document in database[COMMITS].find().sort([("s", 1), ("v", 1)]).batch_size(_BATCH):
        yield to_commit(document)  # type: ignore[arg-type]  # what the store wrote


@cache
def deciders() -> Mapping[str, Decider[Any, Any]]:
    """Category → decider, from every module of every `services/<name>/domain/`."""
    found: dict[str, Decider[Any, Any]] = {}
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if ".domain." in module.name:
            values = vars(import_module(module.name)).values()
            found |= {value.category: value for value in values if isinstance(value, Decider)}
    return found


def _folded(document: Any, state: Any) -> Any:
    stream = document["s"]
    try:
        commit = to_commit(document)
        decider = deciders()[commit.stream.category]
        return decider.fold(commit.events, state)
    except Exception as fault:  # whatever a fold raises, the place is what the operator needs
        raise NotProven(f"{stream}, event {document['v']}: {type(fault).__name__} when it is folded") from fault


async def _compared(restored: AsyncDatabase[Json], live: AsyncDatabase[Json] | None) -> AsyncIterator[Any]:
    batch: list[Json] = []
    async for document in restored[COMMITS].find().sort([("s", 1), ("v", 1)]).batch_size(_BATCH):
        batch.append(document)
        if len(batch) == _BATCH:
            for one in await _equal(batch, live):
                yield one
            batch = []
    for one in await _equal(batch, live):
        yield one


async def _equal(batch: list[Json], live: AsyncDatabase[Json] | None) -> list[Json]:
    """The batch, if the live store holds the same commits; only that they wait in the outbox may differ."""
    if live is None or not batch:
        return batch
    ids = [document["_id"] for document in batch]
    theirs = {one["_id"]: _lasting(one) async for one in live[COMMITS].find({"_id": {"$in": ids}})}
    for document in batch:
        if theirs.get(document["_id"]) != _lasting(document):
            raise NotProven(f"{document['s']}, event {document['v']}: the live store holds another commit, or none")
    return batch


def _lasting(document: Json) -> Json:
    return {name: value for name, value in document.items() if name != "o"}
