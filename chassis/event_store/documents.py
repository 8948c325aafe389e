"""How a commit is stored: one document, its events as JSON text. Stored and read for ever, change with care."""

from datetime import UTC, datetime
from typing import NotRequired, TypedDict

from chassis.event_store.partitions import partition_of
from chassis.event_store.port import Commit, CommitTooLarge, NewCommit
from contracts.base import Event, decode, encode
from contracts.envelope import Origin, StreamId

MAX_EVENT_BYTES = 768 * 1024  # with its headers below the 1 MiB that a broker takes
MAX_COMMIT_BYTES = 12 * 1024 * 1024  # below the 16 MiB of a MongoDB document


class OriginDocument(TypedDict):
    """Instants are ISO 8601 text in UTC: a BSON date would lose the microseconds, and a record sent again its bytes."""

    o: str  # occurred at
    r: str  # recorded at
    c: str  # correlation id
    a: str  # actor
    k: NotRequired[str]  # causation id
    x: NotRequired[str]  # traceparent


class CommitDocument(TypedDict):
    """Letters, because every commit carries them; mongosh shows the rest as it is."""

    _id: str  # "tenant:command id": a repeated command finds itself
    s: str  # stream
    v: int  # position of the first event
    n: int  # number of events
    p: int  # Kafka partition of the stream
    e: list[str]  # each event as JSON text
    t: list[str]  # each event's type, "intake.request-posted/1"
    m: OriginDocument
    d: NotRequired[str]  # digest of the command
    i: NotRequired[list[int]]  # which of the events are internal, from 0
    o: NotRequired[int]  # 1 until it was sent and sealed; a commit of internal events only is sealed


def to_document(commit: NewCommit, *, partitions: int) -> CommitDocument:
    """Raises CommitTooLarge, and ValueError when there is no event or an instant has no time zone."""
    if not commit.events:
        raise ValueError("a commit has at least one event")
    bodies = [encode(event) for event in commit.events]
    _require_size(bodies)
    stream = str(commit.stream)
    document = CommitDocument(
        _id=commit_id(commit.stream.tenant, commit.command_id),
        s=stream,
        v=commit.expected_version + 1,
        n=len(bodies),
        p=partition_of(stream, partitions),
        e=bodies,
        t=[f"{event.event_type}/{event.schema_version}" for event in commit.events],
        m=_origin_document(commit.origin),
        o=1,
    )
    if commit.digest is not None:
        document["d"] = commit.digest
    internal = [index for index, event in enumerate(commit.events) if event.internal]
    if internal:
        document["i"] = internal
    return document


def to_commit(document: CommitDocument) -> Commit:
    """Raises UndecodableEvent when an event cannot be read here."""
    tenant, _, command_id = document["_id"].partition(":")
    stream = StreamId.parse(document["s"])
    if stream.tenant != tenant:
        raise ValueError(f"the commit {document['_id']} is not of the tenant of its stream")
    return Commit(
        stream=stream,
        first=document["v"],
        command_id=command_id,
        events=tuple(_decode(*event) for event in zip(document["t"], document["e"], strict=True)),
        origin=to_origin(document["m"]),
        digest=document.get("d"),
    )


def to_origin(document: OriginDocument) -> Origin:
    return Origin(
        occurred_at=datetime.fromisoformat(document["o"]),
        recorded_at=datetime.fromisoformat(document["r"]),
        correlation_id=document["c"],
        actor=document["a"],
        causation_id=document.get("k"),
        traceparent=document.get("x"),
    )


def commit_id(tenant: str, command_id: str) -> str:
    """A tenant has no colon in it: two tenants never share an id."""
    return f"{tenant}:{command_id}"


def last_position(document: CommitDocument) -> int:
    return document["v"] + document["n"] - 1


def split_type(name_and_version: str) -> tuple[str, int]:
    """ "intake.request-posted/1" as name and schema version."""
    name, _, version = name_and_version.rpartition("/")
    return name, int(version)


def _require_size(bodies: list[str]) -> None:
    total = 0
    for body in bodies:
        # Only what might be too large is measured: a character has at most four bytes in UTF-8.
        size = len(body) if len(body) * 4 <= MAX_EVENT_BYTES else len(body.encode())
        if size > MAX_EVENT_BYTES:
            raise CommitTooLarge(f"an event has {size} bytes, {MAX_EVENT_BYTES} are the limit")
        total += size
    if total * 4 > MAX_COMMIT_BYTES and sum(len(body.encode()) for body in bodies) > MAX_COMMIT_BYTES:
        raise CommitTooLarge(f"the events of a commit have more than {MAX_COMMIT_BYTES} bytes")


def _origin_document(origin: Origin) -> OriginDocument:
    recorded_at = _in_utc(origin.recorded_at)
    document = OriginDocument(
        o=recorded_at if origin.occurred_at is origin.recorded_at else _in_utc(origin.occurred_at),
        r=recorded_at,
        c=origin.correlation_id,
        a=origin.actor,
    )
    if origin.causation_id is not None:
        document["k"] = origin.causation_id
    if origin.traceparent is not None:
        document["x"] = origin.traceparent
    return document


def _in_utc(instant: datetime) -> str:
    if instant.tzinfo is UTC:
        return instant.isoformat()
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(UTC).isoformat()


def _decode(name_and_version: str, body: str) -> Event:
    return decode(*split_type(name_and_version), body)
