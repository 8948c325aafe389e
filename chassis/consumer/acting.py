"""Works off batches for reactions and inbound records: in order per stream, streams beside each other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from chassis.consumer.desk import Desk, SetAside
from chassis.consumer.fault import WAITS_BEHIND, Fault, attempt
from chassis.consumer.record import Reader, Record, Unreadable
from chassis.inbound import Inbound, InboundRecord
from chassis.reaction import Reaction

_STREAMS_AT_ONCE = 16

Action = Callable[[], Awaitable[None]]


class Acting:
    """Calls the handler for each record. What fails is set aside, and with it the rest of its stream."""

    def __init__(
        self, read: Callable[[Record], Action | Fault | None], stream_of: Callable[[Record], str], *, desk: Desk
    ) -> None:
        self._read = read
        self._stream_of = stream_of
        self._desk = desk
        self._slots = asyncio.Semaphore(_STREAMS_AT_ONCE)

    async def process(self, records: Sequence[Record]) -> None:
        """When it returns, every record is acted on or set aside. Never raises on their account."""
        streams: dict[str, list[Record]] = {}
        for record in records:
            streams.setdefault(self._stream_of(record), []).append(record)
        async with asyncio.TaskGroup() as group:
            for stream, part in streams.items():
                group.create_task(self._work_off(stream, part))

    async def redo(self, record: Record) -> Fault | None:
        """Take one record up, also from the dead letters. None: it is done."""
        found = self._read(record)
        if found is None or isinstance(found, Fault):
            return found
        return await attempt(found)

    async def _work_off(self, stream: str, records: Sequence[Record]) -> None:
        async with self._slots:
            fault = WAITS_BEHIND if self._desk.is_blocked(stream) else None
            aside: list[SetAside] = []
            for record in records:
                if fault is None:
                    fault = await self.redo(record)
                    if fault is not None:
                        aside.append(SetAside(record, stream, fault))
                elif self._read(record) is not None:
                    aside.append(SetAside(record, stream, WAITS_BEHIND))
            await self._desk.set_aside(aside)


def acting_on_events(reaction: Reaction, desk: Desk) -> Acting:
    """A reaction at work: other event types are skipped undecoded."""
    reader = Reader(reaction.handles)

    def read(record: Record) -> Action | Fault | None:
        found = reader.read(record)
        match found:
            case None:
                return None
            case Unreadable():
                return Fault.unreadable(found)
            case _:
                return lambda: reaction.react(found)

    return Acting(read, lambda record: record.label, desk=desk)


def acting_on_records(inbound: Inbound, desk: Desk, *, namespace: str) -> Acting:
    """An inbound at work: every record is handed over, made harmless."""

    def read(record: Record) -> Action | Fault | None:
        return lambda: inbound.receive(_cleaned(record, namespace))

    return Acting(read, _inbound_stream, desk=desk)


def _inbound_stream(record: Record) -> str:
    """Records without a key have no order among each other: none waits for another."""
    if record.key is None:
        return f"{record.topic}/{record.partition}@{record.offset}"
    return f"{record.topic}/{record.label}"


def _cleaned(record: Record, namespace: str) -> InboundRecord:
    return InboundRecord(
        topic=record.topic.removeprefix(namespace),
        key=record.label,
        headers={name.lower(): (value or b"").decode("utf-8", "replace") for name, value in record.headers},
        body=record.value or b"",
        partition=record.partition,
        offset=record.offset,
    )
