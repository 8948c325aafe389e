"""A stored commit as Kafka records. Sent again they are the same bytes, so that readers can tell."""

from collections.abc import Iterator
from typing import NamedTuple

from chassis.event_store.documents import CommitDocument, split_type, to_origin
from contracts.envelope import Header, commit_headers, event_headers


class Record(NamedTuple):
    """`timestamp_ms` is when the commit was recorded, not when it is sent."""

    key: bytes
    value: bytes
    headers: list[Header]
    timestamp_ms: int


def records_of(document: CommitDocument, *, source: str) -> Iterator[Record]:
    """The public events of a commit in order; `source` is the service, `/kobling/intake`. Events are not decoded."""
    stream, origin, internal = document["s"], to_origin(document["m"]), document.get("i", ())
    key, shared = stream.encode(), commit_headers(stream, origin)
    timestamp_ms = int(origin.recorded_at.timestamp() * 1000)
    for index, (type_, body) in enumerate(zip(document["t"], document["e"], strict=True)):
        if index in internal:
            continue
        name, schema_version = split_type(type_)
        headers = event_headers(
            shared, source=source, name=name, schema_version=schema_version, position=document["v"] + index
        )
        yield Record(key, body.encode(), headers, timestamp_ms)
