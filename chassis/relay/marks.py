"""Takes commits out of the outbox once they are published."""

import asyncio
from collections.abc import Sequence

from chassis.event_store.documents import CommitDocument
from chassis.event_store.group_commit import GroupCommit
from chassis.event_store.mongo_outbox import MongoOutbox

Documents = Sequence[CommitDocument]


class Marks:
    """Those of many batches share one update, and one is under way at a time."""

    def __init__(self, outbox: MongoOutbox) -> None:
        self._outbox = outbox
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
        await self._outbox.mark([document for group in groups for document in group])
        return [None] * len(groups)
