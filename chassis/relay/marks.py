"""Takes commits out of the outbox once they are published."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from chassis.event_store.documents import CommitDocument
from chassis.event_store.group_commit import GroupCommit
from chassis.event_store.mongo_outbox import MongoOutbox

Documents = Sequence[CommitDocument]
Seal = Callable[[Documents], Awaitable[None]]
"""Remembers commits as they are, for ever, each stream's in order; the same again does no harm."""


class Marks:
    """Those of many batches share one update, and one is under way at a time.

    What leaves the outbox is sealed before: a crash between the two seals again.
    """

    def __init__(self, outbox: MongoOutbox, seal: Seal | None = None) -> None:
        self._outbox = outbox
        self._seal = seal
        self._group: GroupCommit[Documents, None] = GroupCommit(self._flush)
        self._unsettled: list[asyncio.Future[Exception | None]] = []

    async def set(self, documents: Documents) -> None:
        """Returns when a majority has the marks: what is read from then on is without these commits."""
        await self._group.write(documents)

    def set_later(self, documents: Documents) -> None:
        """The same, without waiting; `settle` before the outbox is read."""
        self._unsettled.append(self._group.submit(documents))

    async def settle(self) -> None:
        """Wait for what was left for later; raises what went wrong with it."""
        unsettled, self._unsettled = self._unsettled, []
        for fault in await asyncio.gather(*unsettled):
            if fault is not None:
                raise fault

    async def drain(self) -> None:
        """Wait until nothing is under way, however it ended."""
        await self._group.drain()

    async def _flush(self, groups: Sequence[Documents]) -> Sequence[None]:
        documents = [document for group in groups for document in group]
        if self._seal is not None:
            await self._seal(documents)
        await self._outbox.mark(documents)
        return [None] * len(groups)
