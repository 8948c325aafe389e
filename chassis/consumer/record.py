"""What comes from Kafka, and reading it as an event of ours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.base import Event, UndecodableEvent, decode
from contracts.envelope import Envelope, Header, MalformedEnvelope, RecordedEvent

_LONGEST_LABEL = 400


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a record cannot be read; `rule` is a fixed word, `field` the header or JSON path at fault."""

    rule: str
    field: str
    sentence: str


@dataclass(slots=True)
class Record:
    """A record as it came; every reader of a service is handed the same one, so it is decoded at most once."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]
    label: str = field(init=False, repr=False)
    """The raw key as text. For events it is the stream, for anything else whatever the sender wrote."""
    type_name: bytes | None = field(init=False, repr=False)
    """The type of event it claims to be."""
    _found: RecordedEvent | Unreadable | None = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.label = (self.key or b"").decode("utf-8", "replace")[:_LONGEST_LABEL]
        self.type_name = dict(self.headers).get("ce_type")

    @property
    def position(self) -> int | None:
        """The position it claims to have in its stream."""
        text = dict(self.headers).get("ce_position")
        return int(text) if text is not None and text.isdigit() and len(text) < 16 else None

    def read(self) -> RecordedEvent | Unreadable:
        """As an event of ours."""
        if self._found is None:
            self._found = self._decoded()
        return self._found

    def _decoded(self) -> RecordedEvent | Unreadable:
        try:
            envelope = Envelope.from_headers(self.headers)
            event = decode(envelope.event_type, envelope.schema_version, self.value or b"")
        except MalformedEnvelope as fault:
            return Unreadable("malformed_envelope", fault.field, str(fault))
        except UndecodableEvent as fault:
            return Unreadable(fault.rule, fault.field, str(fault))
        except Exception as fault:  # noqa: BLE001 (an upcast is code of ours, and a handler never raises)
            return Unreadable("bug", "", type(fault).__name__)
        if self.key != str(envelope.stream).encode():
            return Unreadable("malformed_envelope", "key", "The key is not the stream of the event.")
        return RecordedEvent(envelope.stream, envelope.position, event, envelope.origin)


class Reader:
    """Reads the events of some types, and skips all others undecoded."""

    def __init__(self, handles: Iterable[type[Event]]) -> None:
        self._names = frozenset(cls.event_type.encode() for cls in handles)

    def read(self, record: Record) -> RecordedEvent | Unreadable | None:
        """None: an event that is not handled here."""
        if record.type_name is not None and record.type_name not in self._names:
            return None
        return record.read()
