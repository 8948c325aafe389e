"""The read model `candidates` in memory, as one table per programme: loaded once, then kept in step by what changes."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from chassis import facts
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.transient import is_transient
from services.matching.people import People
from services.matching.projections.candidate_seals import told_in
from services.matching.projections.candidate_shelf import Shelf
from services.matching.projections.candidates import candidates
from services.matching.ranking.table import HelperTable

# How far a table that nobody follows may be behind; asking the database every time would cost more than ranking does.
LOOK_AGAIN_SECONDS = 0.1
# How long the follower waits for a change before it looks whether another generation went live. Idle, it costs one
# round trip in that time.
WAIT_SECONDS = 5.0
_OVERDUE_SECONDS = 2.0
_TRY_AGAIN_SECONDS = 1.0
_LOAD_BATCH = 200
_AT_ONCE_MS = 1
_CHANGES_IN_A_ROW = 50

log = structlog.get_logger()

Document = Mapping[str, Any]
Collection = AsyncCollection[dict[str, Any]]
Stream = AsyncCollectionChangeStream[dict[str, Any]]


class CandidateTables:
    """Follows the collection by a change stream: `run` reads it, from the first question on, so that a question only
    reads memory. Where nobody runs, or what runs is broken or overdue, the question itself looks.

    A change is applied as the document it led to, so it may be applied twice or late. Where the stream has lost its
    place, or another generation of the read model went live, everything is loaded again.
    """

    def __init__(
        self,
        reading: ReadModels,
        keyring: Keyring,
        *,
        look_again_seconds: float = LOOK_AGAIN_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._reading = reading
        self._keyring = keyring
        self._look_again_seconds = self._fresh_seconds = look_again_seconds
        self._wait_seconds = wait_seconds
        self._shelf = Shelf()
        self._changes: Stream | None = None
        self._waits_ms = 0
        self._following = ""
        self._looked_at = float("-inf")
        self._turn = asyncio.Lock()
        self._is_asked_for = asyncio.Event()

    async def of(self, tenant: str, programme: str) -> HelperTable:
        """The programme's helpers, at most `look_again_seconds` behind; empty when it has none."""
        self._is_asked_for.set()
        if not self._is_fresh():
            async with self._turn:
                if not self._is_fresh():
                    await self._look()
        return self._shelf.table(tenant, programme)

    def people(self, tenant: str) -> People:
        """What is known of the tenant's people beside the tables, as `of` has seen it last; not to be changed."""
        return self._shelf.people(tenant)

    async def as_of(self) -> datetime:
        """Up to when the read model knows everything, by the clock; what `of` answers afterwards is not older."""
        known = await self._reading.facts_as_of(candidates)
        if known == facts.NEVER or not self._is_fresh():
            return known
        return known - timedelta(seconds=time.monotonic() - self._looked_at)

    async def run(self) -> None:
        """Keep what is in memory in step with the collection until cancelled; after a fault it begins anew."""
        await self._is_asked_for.wait()
        try:
            while True:
                try:
                    await self._follow()
                except Exception as fault:
                    self._fresh_seconds = self._look_again_seconds
                    log.warning("candidates_not_followed", fault=type(fault).__name__, exc_info=not is_transient(fault))
                await asyncio.sleep(_TRY_AGAIN_SECONDS)
        finally:
            self._fresh_seconds = self._look_again_seconds
            await self._close()

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._looked_at < self._fresh_seconds

    async def _follow(self) -> None:
        """A change arrives within milliseconds; nothing at all for longer than the wait means that something hangs."""
        overdue = self._wait_seconds + _OVERDUE_SECONDS
        while True:
            async with self._turn:
                collection = await self._reading.collection(candidates)
                changes = await self._stand(collection, round(1000 * self._wait_seconds))
                for _ in range(_CHANGES_IN_A_ROW):
                    async with self._starting_over_after_a_fault(), asyncio.timeout(overdue):
                        change = await changes.try_next()
                        await self._apply(change)
                    self._looked_at, self._fresh_seconds = time.monotonic(), overdue
                    if change is None or not changes.alive:
                        break
            await asyncio.sleep(0)  # others' turn, also while changes come faster than they are read

    async def _look(self) -> None:
        """Everything that changed until now."""
        collection = await self._reading.collection(candidates)
        changes = await self._stand(collection, _AT_ONCE_MS)
        async with self._starting_over_after_a_fault():
            try:
                while changes.alive and (change := await changes.try_next()) is not None:
                    await self._apply(change)
            except OperationFailure:
                # The oplog does not reach back to where the stream stood.
                await self._load(collection, _AT_ONCE_MS)
        if not changes.alive:
            await self._load(collection, _AT_ONCE_MS)
        self._looked_at = time.monotonic()

    @asynccontextmanager
    async def _starting_over_after_a_fault(self) -> AsyncIterator[None]:
        """A change that was read and not applied does not come again: then everything is loaded anew."""
        try:
            yield
        except BaseException:
            self._following = ""
            raise

    async def _stand(self, collection: Collection, waits_ms: int) -> Stream:
        """A stream whose next answer comes after `waits_ms` at the latest; what came before it is in memory."""
        changes = self._changes
        if changes is None or self._following != collection.name or not changes.alive or changes.resume_token is None:
            return await self._load(collection, waits_ms)
        if self._waits_ms != waits_ms:
            return await self._open(collection, waits_ms, resume_after=changes.resume_token)
        return changes

    async def _open(self, collection: Collection, waits_ms: int, *, resume_after: Document | None) -> Stream:
        await self._close()
        self._changes = await collection.watch(
            full_document="updateLookup", max_await_time_ms=waits_ms, resume_after=resume_after
        )
        self._following, self._waits_ms = collection.name, waits_ms
        return self._changes

    async def _close(self) -> None:
        changes, self._changes, self._following = self._changes, None, ""
        if changes is not None:
            await changes.close()

    async def _load(self, collection: Collection, waits_ms: int) -> Stream:
        # The stream first, the documents after it: what changes in between comes again.
        changes = await self._open(collection, waits_ms, resume_after=None)
        async with self._starting_over_after_a_fault():
            shelf = Shelf()
            found = collection.find({"_gone": None}).batch_size(_LOAD_BATCH)
            while documents := await found.to_list(_LOAD_BATCH):
                for document, told in zip(documents, await told_in(self._keyring, documents), strict=True):
                    shelf.put(document, told)
        self._shelf = shelf
        return changes

    async def _apply(self, change: Document | None) -> None:
        if change is None:
            return
        document = change.get("fullDocument")
        if document is None or document.get("_gone"):
            self._shelf.remove(change.get("documentKey", {}).get("_id", ""))
        else:
            [told] = await told_in(self._keyring, [document])
            self._shelf.put(document, told)
