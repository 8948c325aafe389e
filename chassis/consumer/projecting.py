"""Works off batches for a projection."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from pymongo.asynchronous.collection import AsyncCollection

from chassis.consumer.desk import Desk, SetAside
from chassis.consumer.fault import WAITS_BEHIND, Fault
from chassis.consumer.fold import Folder, Step
from chassis.consumer.progress import Progress
from chassis.consumer.record import Reader, Record, Unreadable
from chassis.projection import Projection
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent

# Decoding is CPU work; after so many records the event loop gets its turn.
_BREATH = 200


@dataclass(slots=True)
class _Sorted:
    """A batch, sorted: steps by the document they touch, what must be set aside, how far each stream comes."""

    work: dict[str, list[Step]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    reached: dict[str, int] = field(default_factory=dict)


class Projecting:
    """Decodes a batch, folds it into the documents it touches, and sets aside what cannot be."""

    def __init__(
        self, projection: Projection, collection: AsyncCollection[JsonObject], *, desk: Desk, progress: Progress
    ) -> None:
        self._keys = projection.touched
        self._reader = Reader(projection.handles)
        self._folder = Folder(projection, collection)
        self._desk = desk
        self._progress = progress

    async def process(self, records: Sequence[Record]) -> None:
        """When it returns, every effect of the records is durable. Never raises on their account."""
        batch = await self._sort(records)
        stumbles = await self._folder.apply(batch.work)
        for step in batch.steps:
            stumble = stumbles.get(step.stream)
            if stumble is not None and step.record.offset >= stumble.step.record.offset:
                fault = stumble.fault if step is stumble.step else WAITS_BEHIND
                batch.aside.append(SetAside(step.record, step.stream, fault))
        await self._desk.set_aside(batch.aside)
        # A query that waits for an event of a blocked stream must be told that it is not there.
        self._progress.note({s: n for s, n in batch.reached.items() if not self._desk.is_blocked(s)})

    async def redo(self, record: Record) -> Fault | None:
        """Take one dead letter up again. None: it is done."""
        found = self._read(record)
        if found is None or isinstance(found, Fault):
            return found
        recorded, keys = found
        step = Step(record, record.label, recorded)
        stumbles = await self._folder.apply({key: [step] for key in keys})
        return stumbles[step.stream].fault if stumbles else None

    async def _sort(self, records: Sequence[Record]) -> _Sorted:
        batch = _Sorted()
        failed: set[str] = set()
        for count, record in enumerate(records, 1):
            if count % _BREATH == 0:
                await asyncio.sleep(0)
            found, stream = self._read(record), record.label
            if found is None:
                batch.reached[stream] = record.position or 0
            elif stream in failed or self._desk.is_blocked(stream):
                batch.aside.append(SetAside(record, stream, WAITS_BEHIND))
            elif isinstance(found, Fault):
                failed.add(stream)
                batch.aside.append(SetAside(record, stream, found))
            else:
                recorded, keys = found
                step = Step(record, stream, recorded)
                batch.steps.append(step)
                batch.reached[stream] = recorded.position
                for key in keys:
                    batch.work.setdefault(key, []).append(step)
        return batch

    def _read(self, record: Record) -> tuple[RecordedEvent, list[str]] | Fault | None:
        found = self._reader.read(record)
        if found is None:
            return None
        if isinstance(found, Unreadable):
            return Fault.unreadable(found)
        try:
            return found, self._keys(found)
        except Exception as cause:  # noqa: BLE001 (a service's code; one stream pays for its fault)
            return Fault.of(cause)
