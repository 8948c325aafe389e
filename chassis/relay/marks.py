"""Takes commits out of the outbox once they are published."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from chassis.event_store.documents import CommitDocument
from chassis.event_store.group_commit import GroupCommit
from chassis.event_store.mongo_outbox import MongoOutbox

Documents = Sequence[CommitDocument]
Seal = Callable[[Documents], Awaitable[None]]
"""Remembers commits as they are, for ever, each stream's in order; the same again does no harm."""

Marked = asyncio.Future[Exception | None]


async def _nothing(_: Documents) -> None:
    pass


class Marks:
    """What leaves the outbox is sealed before: a crash between the two seals again.

    One write seals what many batches brought, another marks them. One of each is under way at a time: what came
    meanwhile is sealed while what was sealed before is marked.
    """

    def __init__(self, outbox: MongoOutbox, seal: Seal | None = None) -> None:
        self._outbox = outbox
        self._seal = seal or _nothing
        self._sealing: GroupCommit[Documents, Marked] = GroupCommit(self._seal_all)
        self._marking: GroupCommit[Documents, None] = GroupCommit(self._mark_all)
        self._unsettled: list[asyncio.Future[Marked | Exception]] = []

    async def set(self, documents: Documents) -> None:
        """Returns when a majority has the marks: what is read from then on is without these commits."""
        fault = await _outcome(self._sealing.submit(documents))
        if fault is not None:
            raise fault

    def set_later(self, documents: Documents) -> None:
        """The same, without waiting; `settle` before the outbox is read."""
        self._unsettled.append(self._sealing.submit(documents))

    async def settle(self) -> None:
        """Wait for what was left for later; raises what went wrong with it."""
        unsettled, self._unsettled = self._unsettled, []
        for fault in await asyncio.gather(*map(_outcome, unsettled)):
            if fault is not None:
                raise fault

    async def drain(self) -> None:
        """Wait until nothing is under way, however it ended."""
        await self._sealing.drain()
        await self._marking.drain()

    async def _seal_all(self, groups: Sequence[Documents]) -> Sequence[Marked]:
        await self._seal(_joined(groups))
        return [self._marking.submit(group) for group in groups]

    async def _mark_all(self, groups: Sequence[Documents]) -> Sequence[None]:
        await self._outbox.mark(_joined(groups))
        return [None] * len(groups)


async def _outcome(sealed: asyncio.Future[Marked | Exception]) -> Exception | None:
    """Of both writes."""
    marked = await sealed
    return marked if isinstance(marked, Exception) else await marked


def _joined(groups: Sequence[Documents]) -> Documents:
    return [document for group in groups for document in group]
