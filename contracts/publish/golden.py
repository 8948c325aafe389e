"""Golden streams: what every published version of every event looks like in a store, written once and never again.

`golden/<event>.v<N>.jsonl` holds one line with every field and one with the required ones. They stand on two streams
per category, in the order of `streams.py`, so that a test can decode and fold them with the deciders of today.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json, to_json

from contracts.base import JsonObject
from contracts.publish.catalogue import PUBLISHED, Published
from contracts.publish.examples import example
from contracts.publish.streams import category_of, position_of


@dataclass(frozen=True, slots=True)
class GoldenRecord:
    """An event as it was stored: where, under which name and version, and the JSON text of its body."""

    stream: str
    position: int
    event_type: str
    schema_version: int
    body: str


def golden_file(item: Published) -> str:
    """The path of its golden stream below the published folder."""
    return f"golden/{item.name}.v{item.version}.jsonl"


def golden_lines(item: Published) -> str:
    """Two lines, for the day on which this version is published first."""
    category, position = category_of(item.name), position_of(item.name)
    lines = [
        {
            "stream": f"{tenant}/{category}/golden",
            "position": position,
            "type": item.name,
            "schema_version": item.version,
            "body": example(item.schema, item.name, least=least),
        }
        for tenant, least in (("everything", False), ("only-what-is-needed", True))
    ]
    return "".join(f"{to_json(line).decode()}\n" for line in lines)


def golden_records(root: Path = PUBLISHED) -> Iterator[GoldenRecord]:
    """Every golden record, stream by stream in order; of one position the older version first."""
    files = sorted((root / "golden").glob("*.jsonl"))
    found = [_record(from_json(line)) for path in files for line in path.read_text().splitlines()]
    yield from sorted(found, key=lambda record: (record.stream, record.position, record.schema_version))


def _record(line: JsonObject) -> GoldenRecord:
    body = to_json(line["body"]).decode()
    return GoldenRecord(line["stream"], line["position"], line["type"], line["schema_version"], body)
