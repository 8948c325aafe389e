"""What changes while somebody looks: read models that changed are named to the pages that show them (SSE).

Only names go out, never what changed: the page asks again, as its caller, and sees what they may.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from contracts.base import JsonObject

QUIET_SECONDS = 1.0
"""A page hears of changes at most this often."""

_BEAT_SECONDS = 20.0  # a proxy closes what is silent for long
_TRY_AGAIN_SECONDS = 1.0
_PIPELINE: list[JsonObject] = [
    {"$match": {"operationType": {"$in": ["insert", "replace", "update"]}, "ns.coll": {"$regex": r"^[a-z-]+\.\d+$"}}},
    {"$project": {"ns.coll": 1, "documentKey._id": 1}},
]

log = structlog.get_logger()


class _Listener:
    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.heard: set[str] = set()
        self.woken = asyncio.Event()


class Changes:
    """Follows the service's read models while anybody listens. One change stream for all who look, none for nobody."""

    def __init__(self, database: AsyncDatabase[JsonObject]) -> None:
        self._database = database
        self._listeners: defaultdict[str, set[_Listener]] = defaultdict(set)
        self._wanted = asyncio.Event()
        self._ended = False

    async def run(self) -> None:
        """Until it is cancelled; then every stream of events ends."""
        try:
            while True:
                await self._wanted.wait()
                try:
                    await self._follow()
                except PyMongoError as fault:
                    log.warning("changes_not_followed", fault=type(fault).__name__)
                    await asyncio.sleep(_TRY_AGAIN_SECONDS)
        finally:
            self._ended = True
            for listener in [each for those in self._listeners.values() for each in those]:
                listener.woken.set()

    async def events(self, tenant: str, names: frozenset[str]) -> AsyncIterator[str]:
        """An event per read model of `names` that changed for the tenant, as they stand in a text/event-stream."""
        with self._listening(tenant, names) as listener:
            yield "retry: 2000\n\n"
            while not self._ended:
                try:
                    async with asyncio.timeout(_BEAT_SECONDS):
                        await listener.woken.wait()
                except TimeoutError:
                    yield ": here\n\n"
                    continue
                listener.woken.clear()
                heard, listener.heard = listener.heard, set()
                for name in sorted(heard):
                    yield f"event: {name}\ndata:\n\n"
                await self._rest()

    @contextmanager
    def _listening(self, tenant: str, names: frozenset[str]) -> Iterator[_Listener]:
        listener = _Listener(names)
        self._listeners[tenant].add(listener)
        self._wanted.set()
        try:
            yield listener
        finally:
            self._listeners[tenant].discard(listener)
            if not self._listeners[tenant]:
                del self._listeners[tenant]
            if not self._listeners:
                self._wanted.clear()

    async def _rest(self) -> None:
        """What changes meanwhile is told together."""
        waited = 0.0
        while waited < QUIET_SECONDS and not self._ended:
            await asyncio.sleep(QUIET_SECONDS / 4)
            waited += QUIET_SECONDS / 4

    async def _follow(self) -> None:
        async with await self._database.watch(_PIPELINE, max_await_time_ms=1000) as stream:
            self._tell_all()  # what changed before the stream stood
            while self._wanted.is_set():
                change = await stream.try_next()
                if change is not None:
                    tenant = str(change["documentKey"]["_id"]).partition("/")[0]
                    self._tell(tenant, change["ns"]["coll"].partition(".")[0])

    def _tell(self, tenant: str, name: str) -> None:
        for listener in self._listeners.get(tenant, ()):
            if name in listener.names:
                listener.heard.add(name)
                listener.woken.set()

    def _tell_all(self) -> None:
        for tenant, listeners in self._listeners.items():
            for name in {name for listener in listeners for name in listener.names}:
                self._tell(tenant, name)
