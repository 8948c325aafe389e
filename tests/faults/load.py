"""Writers that keep a store busy and remember what was acknowledged to them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from uuid import uuid4

from chassis.event_store import Commit, Conflict, EventStore, StoreUnavailable
from contracts.base import Event
from contracts.envelope import Origin, StreamId
from tests.support.harbour import NOON, CrateLanded, NoteScribbled, commit, quay_stream


class Load:
    """Commits of one to four events on a few contended streams, some of them internal, by clocks that disagree.

    `commits_per_second` is what all writers together offer; a writer whose append has no known outcome repeats it
    under the same command id, as a client does.
    """

    def __init__(
        self, stores: Sequence[EventStore], *, commits_per_second: float = 400, stream_count: int = 12, seed: int = 7
    ) -> None:
        self.acknowledged: list[Commit] = []
        self.streams = [quay_stream() for _ in range(stream_count)]
        self._stores = stores
        self._writer_count = 8
        self._pause_seconds = self._writer_count / commits_per_second
        self._random = Random(seed)  # noqa: S311 - the same every time
        self._versions: dict[StreamId, int] = {}
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Write until the block ends, then let every append have its answer."""
        async with asyncio.TaskGroup() as writers:
            for number in range(self._writer_count):
                writers.create_task(self._write(self._stores[number % len(self._stores)]))
            try:
                yield self
            finally:
                self._stopping.set()

    async def _write(self, store: EventStore) -> None:
        while not self._stopping.is_set():
            await self._append(store, self._random.choice(self.streams), uuid4().hex)
            await self._pause()

    async def _append(self, store: EventStore, stream: StreamId, command_id: str) -> None:
        while True:
            try:
                version = (await store.load(stream, after=self._versions.get(stream, 0))).version
                self._versions[stream] = max(version, self._versions.get(stream, 0))
                new = commit(stream, version, *self._events(), command_id=command_id, origin=self._origin())
                self.acknowledged.append(await store.append(new))
            except (Conflict, StoreUnavailable):
                await self._pause()
            else:
                return

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._pause_seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
        await asyncio.sleep(0)

    def _events(self) -> list[Event]:
        public: list[Event] = [
            CrateLanded(weight_kg=self._random.randint(1, 9)) for _ in range(self._random.randint(0, 3))
        ]
        return [*public, NoteScribbled(text="hidden")] if self._random.random() < 0.3 or not public else public

    def _origin(self) -> Origin:
        at = NOON + timedelta(seconds=self._random.uniform(-60, 60))
        return Origin(at, at, correlation_id="correlation-1", actor="load")
