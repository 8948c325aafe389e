"""Where fetched batches wait while one is in work: small ones are joined, large ones hold up the fetching."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from chassis.consumer.record import Record

_ENOUGH_RECORDS = 2000


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one era, in order per partition."""

    era: object
    records: Sequence[Record]


class Inbox:
    """Holds about two thousand records of one era; whoever puts more in was to wait for room."""

    def __init__(self) -> None:
        self._waiting: list[Batch] = []
        self._count = 0
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()

    @property
    def has_room(self) -> bool:
        return self._count < _ENOUGH_RECORDS

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    async def room(self) -> None:
        """Returns when there is room."""
        while not self.has_room:
            await self._next_taking()

    async def emptied(self) -> None:
        """Returns when everything is taken."""
        while not self.is_empty:
            await self._next_taking()

    def put(self, batch: Batch) -> None:
        self._waiting.append(batch)
        self._count += len(batch.records)
        self._arrived.set()

    async def take(self) -> Batch:
        """Everything there is, as one batch; waits until there is something."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        taken, self._waiting = self._waiting, []
        self._count = 0
        self._taken.set()
        if len(taken) == 1:
            return taken[0]
        return Batch(taken[0].era, [record for batch in taken for record in batch.records])

    def clear(self) -> None:
        """What waits is not to be worked off: it will be read again."""
        self._waiting.clear()
        self._count = 0
        self._taken.set()

    async def _next_taking(self) -> None:
        self._taken.clear()
        await self._taken.wait()
