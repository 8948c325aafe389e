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
    """Holds about two thousand records at most."""

    def __init__(self) -> None:
        self._waiting: list[Batch] = []
        self._count = 0
        self._is_closed = False
        self._arrived = asyncio.Event()
        self._has_room = asyncio.Event()

    async def put(self, batch: Batch) -> None:
        """Waits for room; what is put into a closed inbox is lost, and fetched again by whoever comes next."""
        while self._count >= _ENOUGH_RECORDS and not self._is_closed:
            self._has_room.clear()
            await self._has_room.wait()
        if not self._is_closed:
            self._waiting.append(batch)
            self._count += len(batch.records)
            self._arrived.set()

    async def take(self) -> Batch:
        """Everything of the oldest era, as one batch; waits until there is something."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        era = self._waiting[0].era
        taken = [batch for batch in self._waiting if batch.era is era]
        self._waiting = self._waiting[len(taken) :]
        self._count = sum(len(batch.records) for batch in self._waiting)
        self._has_room.set()
        if len(taken) == 1:
            return taken[0]
        return Batch(era, [record for batch in taken for record in batch.records])

    def open(self) -> None:
        """Empty, and ready for a subscription."""
        self._waiting.clear()
        self._count = 0
        self._is_closed = False

    def close(self) -> None:
        """Nobody will take any more: let those go who wait for room."""
        self._is_closed = True
        self._has_room.set()
