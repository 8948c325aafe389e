"""What stands around every event, in the store and as CloudEvents 1.0 headers (binary mode) on Kafka."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self
from uuid import UUID, uuid5

from contracts.base import Event

# Namespace of every derived id. Stored ids depend on it: never change it.
KOBLING = UUID("6b6f626c-696e-5700-8000-6b6f626c6e67")

_PART = re.compile(r"[A-Za-z0-9_-]{1,128}")

Header = tuple[str, bytes]


class MalformedEnvelope(Exception):
    """A header is missing or wrong; `field` names it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field


def derive_id(*parts: str) -> str:
    """The same parts give the same id: what a redelivery makes again is not made twice."""
    plain = (part.replace("\x1b", "\x1b0").replace("\x1f", "\x1b1") for part in parts)  # no part looks like two
    return str(uuid5(KOBLING, "\x1f".join(plain)))


@dataclass(frozen=True, slots=True)
class StreamId:
    """`tenant/category/id`; the tenant is part of the key, never a filter to remember."""

    tenant: str
    category: str
    id: str

    def __post_init__(self) -> None:
        for part in (self.tenant, self.category, self.id):
            if not _PART.fullmatch(part):
                raise MalformedEnvelope("ce_stream", f"{part!r} is not 1-128 letters, digits, '-' or '_'")

    def __str__(self) -> str:
        return f"{self.tenant}/{self.category}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises MalformedEnvelope when the text has not three parts."""
        parts = text.split("/")
        if len(parts) != 3:
            raise MalformedEnvelope("ce_stream", f"{text!r} is not tenant/category/id")
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who and what led to a commit. Instants are aware, in UTC.

    `actor` is a pseudonym of a person or system, never a name; `traceparent` is W3C trace context.
    """

    occurred_at: datetime
    recorded_at: datetime
    correlation_id: str
    actor: str
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event in its place: stream, position (from 1), origin."""

    stream: StreamId
    position: int
    event: Event
    origin: Origin

    @property
    def tenant(self) -> str:
        return self.stream.tenant

    @property
    def event_id(self) -> str:
        """Derived from stream and position: a relay that sends twice sends the same id."""
        return event_id(str(self.stream), self.position)


def event_id(stream: str, position: int) -> str:
    return str(uuid5(KOBLING, f"{stream}@{position}"))


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of one record, before its body is decoded."""

    event_id: str
    event_type: str
    schema_version: int
    stream: StreamId
    position: int
    origin: Origin

    @classmethod
    def from_headers(cls, headers: Iterable[Header]) -> Self:
        """Raises MalformedEnvelope naming the header that is missing or wrong."""
        found = _texts(headers)
        if _need(found, "ce_specversion") != "1.0":
            raise MalformedEnvelope("ce_specversion", "only CloudEvents 1.0 is read")
        stream = _stream(_need(found, "ce_stream"))
        if _need(found, "ce_tenant") != stream.tenant:
            raise MalformedEnvelope("ce_tenant", f"is not the tenant of the stream {stream}")
        return cls(
            event_id=_need(found, "ce_id"),
            event_type=_need(found, "ce_type"),
            schema_version=_positive(found, "ce_schemaversion"),
            stream=stream,
            position=_positive(found, "ce_position"),
            origin=Origin(
                occurred_at=_instant(found, "ce_time"),
                recorded_at=_instant(found, "ce_recordedtime"),
                correlation_id=_need(found, "ce_correlationid"),
                actor=_need(found, "ce_actor"),
                causation_id=found.get("ce_causationid"),
                traceparent=found.get("traceparent"),
            ),
        )


def commit_headers(stream: str, origin: Origin) -> list[Header]:
    """The headers that all events of one commit share."""
    tenant, _, _ = stream.partition("/")
    headers = [
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_tenant", tenant.encode()),
        ("ce_stream", stream.encode()),
        ("ce_time", origin.occurred_at.isoformat().encode()),
        ("ce_recordedtime", origin.recorded_at.isoformat().encode()),
        ("ce_correlationid", origin.correlation_id.encode()),
        ("ce_actor", origin.actor.encode()),
    ]
    if origin.causation_id is not None:
        headers.append(("ce_causationid", origin.causation_id.encode()))
    if origin.traceparent is not None:
        headers.append(("traceparent", origin.traceparent.encode()))
    return headers


def event_headers(
    shared: Sequence[Header], *, source: str, name: str, schema_version: int, position: int
) -> list[Header]:
    """All headers of one event: those its commit shares and its own. `source` is the service, `/kobling/intake`."""
    stream = next(value for key, value in shared if key == "ce_stream").decode()
    return [
        *shared,
        ("ce_id", event_id(stream, position).encode()),
        ("ce_source", source.encode()),
        ("ce_type", name.encode()),
        ("ce_schemaversion", b"%d" % schema_version),
        ("ce_position", b"%d" % position),
    ]


def _texts(headers: Iterable[Header]) -> dict[str, str]:
    try:
        return {key: value.decode() for key, value in headers}
    except UnicodeDecodeError:
        raise MalformedEnvelope(_undecodable(headers), "is not UTF-8") from None


def _undecodable(headers: Iterable[Header]) -> str:
    return next(key for key, value in headers if value.decode(errors="replace").encode() != value)


# The events of one stream come close together, and a batch has some hundred streams.
@lru_cache(maxsize=2048)
def _stream(text: str) -> StreamId:
    return StreamId.parse(text)


def _need(found: Mapping[str, str], name: str) -> str:
    value = found.get(name)
    if not value:
        raise MalformedEnvelope(name, "is missing")
    return value


def _positive(found: Mapping[str, str], name: str) -> int:
    text = _need(found, name)
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) > 0):
        raise MalformedEnvelope(name, f"{text!r} is not a whole number from 1")
    return int(text)


def _instant(found: Mapping[str, str], name: str) -> datetime:
    text = _need(found, name)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedEnvelope(name, f"{text!r} is not an ISO 8601 instant") from None
    if instant.tzinfo is None:
        raise MalformedEnvelope(name, f"{text!r} has no time zone")
    return instant
