"""What comes from Kafka, and reading it as an event of ours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.base import Event, UndecodableEvent, decode
from contracts.envelope import Envelope, Header, MalformedEnvelope, RecordedEvent

_LONGEST_LABEL = 400


class Record(Protocol):
    """The part of aiokafka's ConsumerRecord that is used here."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[Header]: ...


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record that lay among the dead letters."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a record cannot be read; `rule` is a fixed word, `field` the header or JSON path at fault."""

    rule: str
    field: str
    sentence: str


def label(record: Record) -> str:
    """The raw key as text. For events it is the stream, for anything else whatever the sender wrote."""
    return (record.key or b"").decode("utf-8", "replace")[:_LONGEST_LABEL]


class Reader:
    """Reads the events of some types, and skips all others undecoded."""

    def __init__(self, handles: Iterable[type[Event]]) -> None:
        self._names = frozenset(cls.event_type.encode() for cls in handles)

    def read(self, record: Record) -> RecordedEvent | Unreadable | None:
        """None: an event that is not handled here."""
        name = dict(record.headers).get("ce_type")
        if name is not None and name not in self._names:
            return None
        try:
            envelope = Envelope.from_headers(record.headers)
            event = decode(envelope.event_type, envelope.schema_version, record.value or b"")
        except MalformedEnvelope as fault:
            return Unreadable("malformed_envelope", fault.field, str(fault))
        except UndecodableEvent as fault:
            return Unreadable(fault.rule, fault.field, str(fault))
        except Exception as fault:  # noqa: BLE001 (an upcast is code of ours, and a handler never raises)
            return Unreadable("bug", "", type(fault).__name__)
        if record.key != str(envelope.stream).encode():
            return Unreadable("malformed_envelope", "key", "The key is not the stream of the event.")
        return RecordedEvent(envelope.stream, envelope.position, event, envelope.origin)


def position_of(record: Record) -> int | None:
    """The position a record claims to have in its stream."""
    text = dict(record.headers).get("ce_position")
    return int(text) if text is not None and text.isdigit() and len(text) < 16 else None
