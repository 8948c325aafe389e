"""The read model `candidates` in memory, as one table per programme: loaded once, then kept in step by what changes."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from chassis.keyring import Keyring, SealBroken
from chassis.read_models import ReadModels
from contracts.sealed import Redacted, Sealed
from services.matching.people import People
from services.matching.projections.candidates import PAIRS, candidates, candidates_in
from services.matching.ranking.table import HelperTable

# How far a table may be behind the read model; asking the database every time would cost more than ranking does.
LOOK_AGAIN_SECONDS = 0.1
_LOAD_BATCH = 200

log = structlog.get_logger()

Document = Mapping[str, Any]
Stream = AsyncCollectionChangeStream[dict[str, Any]]


class CandidateTables:
    """Follows the collection by a change stream that is read when somebody asks: no task, nothing to stop.

    A change is applied as the document it led to, so it may be applied twice or late. Where the stream has lost its
    place, or another generation of the read model went live, everything is loaded again.
    """

    def __init__(
        self, reading: ReadModels, keyring: Keyring, *, look_again_seconds: float = LOOK_AGAIN_SECONDS
    ) -> None:
        self._reading = reading
        self._keyring = keyring
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

    def people(self, tenant: str) -> People:
        """What is known of the tenant's people beside the tables, as `of` has seen it last; not to be changed."""
        return self._shelf.people(tenant)

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
            shelf.put(document, is_experienced=await self._is_experienced(document))
        self._shelf = shelf

    async def _catch_up(self, changes: Stream) -> bool:
        """False when the stream cannot go on."""
        try:
            while changes.alive:
                change = await changes.try_next()
                if change is None:
                    return True
                await self._apply(change)
        except OperationFailure:
            # The oplog does not reach back to where the stream stood.
            return False
        return False

    async def _apply(self, change: Document) -> None:
        document = change.get("fullDocument")
        if document is None or document.get("_gone"):
            self._shelf.remove(change.get("documentKey", {}).get("_id", ""))
        else:
            self._shelf.put(document, is_experienced=await self._is_experienced(document))

    async def _is_experienced(self, document: Document) -> bool:
        """Whether the person told of lived experience for finding somebody: opened here, kept in memory only (S2.13).

        Whose key is gone, or was never this one, has told nobody anything.
        """
        told = document.get("told")
        if told is None:
            return False
        sealed: Sealed[list[str]] = Sealed(told["subject"], told["sealed"])
        try:
            purposes = await self._keyring.open(document["_id"].partition("/")[0], sealed)
        except SealBroken:
            log.exception("lived_experience_unreadable")
            return False
        return not isinstance(purposes, Redacted) and "matching" in purposes


class _Shelf:
    """Tables by tenant and programme, and which of them each document stands in."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], HelperTable] = {}
        self._programmes: dict[str, Iterable[str]] = {}
        self._people: dict[str, People] = {}

    def table(self, tenant: str, programme: str) -> HelperTable:
        return self._tables.get((tenant, programme)) or HelperTable()

    def people(self, tenant: str) -> People:
        return self._people.setdefault(tenant, People())

    def put(self, document: Document, *, is_experienced: bool) -> None:
        tenant, _, name = document["_id"].partition("/")
        if name.startswith(PAIRS):
            self.people(tenant).held_pairs.add(name.removeprefix(PAIRS))
            return
        self.people(tenant).note(
            name,
            in_peace=document["in_peace"],
            is_protected=document["is_protected"],
            is_experienced=is_experienced,
        )
        found = candidates_in(document)
        for programme, candidate in found.items():
            self._tables.setdefault((tenant, programme), HelperTable()).put(candidate)
        if found:
            self._programmes[document["_id"]] = tuple(found)

    def remove(self, key: str) -> None:
        tenant, _, helper_id = key.partition("/")
        if helper_id.startswith(PAIRS):
            self.people(tenant).held_pairs.discard(helper_id.removeprefix(PAIRS))
            return
        self.people(tenant).note(helper_id, in_peace=False, is_protected=False, is_experienced=False)
        for programme in self._programmes.pop(key, ()):
            self._tables[tenant, programme].remove(helper_id)
