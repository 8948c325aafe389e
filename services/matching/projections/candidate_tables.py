"""The read model `candidates` in memory, as one table per programme: loaded once, then kept in step by what changes."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from chassis.read_models import ReadModels
from services.matching.projections.candidates import PAIRS, candidates, candidates_in
from services.matching.ranking.table import HelperTable

# How far a table may be behind the read model; asking the database every time would cost more than ranking does.
LOOK_AGAIN_SECONDS = 0.1
_LOAD_BATCH = 200

_NONE: Set[str] = frozenset()

Document = Mapping[str, Any]
Stream = AsyncCollectionChangeStream[dict[str, Any]]


class CandidateTables:
    """Follows the collection by a change stream that is read when somebody asks: no task, nothing to stop.

    A change is applied as the document it led to, so it may be applied twice or late. Where the stream has lost its
    place, or another generation of the read model went live, everything is loaded again.
    """

    def __init__(self, reading: ReadModels, *, look_again_seconds: float = LOOK_AGAIN_SECONDS) -> None:
        self._reading = reading
        self._look_again_seconds = look_again_seconds
        self._shelf = _Shelf()
        self._changes: Stream | None = None
        self._following = ""
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def of(self, tenant: str, programme: str) -> HelperTable:
        """The programme's helpers, at most `look_again_seconds` behind; empty when it has none."""
        if time.monotonic() - self._looked_at >= self._look_again_seconds:
            async with self._turn:
                if time.monotonic() - self._looked_at >= self._look_again_seconds:
                    await self._look()
                    self._looked_at = time.monotonic()
        return self._shelf.table(tenant, programme)

    def held_pairs(self, tenant: str) -> Set[str]:
        """The tokens of pairs that are kept apart, as `of` has seen them last; not to be changed."""
        return self._shelf.held_pairs(tenant)

    async def as_of(self) -> datetime:
        """Up to when the read model knows everything, by the clock; what `of` answers afterwards is newer."""
        return await self._reading.facts_as_of(candidates)

    async def _look(self) -> None:
        collection = await self._reading.collection(candidates)
        if self._changes is None or self._following != collection.name or not await self._catch_up(self._changes):
            await self._load(collection)

    async def _load(self, collection: AsyncCollection[dict[str, Any]]) -> None:
        if self._changes is not None:
            await self._changes.close()
        # The stream first, the documents after it: what changes in between comes again.
        self._changes = await collection.watch(full_document="updateLookup", max_await_time_ms=1)
        self._following = collection.name
        shelf = _Shelf()
        async for document in collection.find({"_gone": None}).batch_size(_LOAD_BATCH):
            shelf.put(document)
        self._shelf = shelf

    async def _catch_up(self, changes: Stream) -> bool:
        """False when the stream cannot go on."""
        try:
            while changes.alive:
                change = await changes.try_next()
                if change is None:
                    return True
                self._apply(change)
        except OperationFailure:
            # The oplog does not reach back to where the stream stood.
            return False
        return False

    def _apply(self, change: Document) -> None:
        document = change.get("fullDocument")
        if document is None or document.get("_gone"):
            self._shelf.remove(change.get("documentKey", {}).get("_id", ""))
        else:
            self._shelf.put(document)


class _Shelf:
    """Tables by tenant and programme, and which of them each document stands in."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], HelperTable] = {}
        self._programmes: dict[str, Iterable[str]] = {}
        self._held_pairs: dict[str, set[str]] = {}

    def table(self, tenant: str, programme: str) -> HelperTable:
        return self._tables.get((tenant, programme)) or HelperTable()

    def held_pairs(self, tenant: str) -> Set[str]:
        return self._held_pairs.get(tenant, _NONE)

    def put(self, document: Document) -> None:
        tenant, _, name = document["_id"].partition("/")
        if name.startswith(PAIRS):
            self._held_pairs.setdefault(tenant, set()).add(name.removeprefix(PAIRS))
            return
        found = candidates_in(document)
        for programme, candidate in found.items():
            self._tables.setdefault((tenant, programme), HelperTable()).put(candidate)
        if found:
            self._programmes[document["_id"]] = tuple(found)

    def remove(self, key: str) -> None:
        tenant, _, helper_id = key.partition("/")
        if helper_id.startswith(PAIRS):
            self._held_pairs.get(tenant, set()).discard(helper_id.removeprefix(PAIRS))
            return
        for programme in self._programmes.pop(key, ()):
            self._tables[tenant, programme].remove(helper_id)
