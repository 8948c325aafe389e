"""Every version of every event that was ever published can still be read and folded."""

from itertools import groupby

import pytest

from contracts.base import decode, event_classes
from contracts.publish.catalogue import PUBLISHED
from contracts.publish.golden import GoldenRecord, golden_records
from contracts.publish.streams import STREAMS
from tests.contracts.deciders import deciders

RECORDS = list(golden_records())


def stream_of(record: GoldenRecord) -> str:
    return record.stream


STREAM_RECORDS = {stream: list(records) for stream, records in groupby(RECORDS, key=stream_of)}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record.event_type}.v{record.schema_version}")
def test_a_golden_event_is_decoded(record: GoldenRecord) -> None:
    decoded = decode(record.event_type, record.schema_version, record.body)

    assert decoded.event_type == record.event_type


@pytest.mark.parametrize("stream", STREAM_RECORDS)
def test_a_golden_stream_is_folded(stream: str) -> None:
    decider = deciders()[stream.split("/")[1]]
    history = [decode(record.event_type, record.schema_version, record.body) for record in STREAM_RECORDS[stream]]

    assert decider.fold(history) != decider.initial


def test_every_event_stands_on_exactly_one_stream() -> None:
    placed = [name for names in STREAMS.values() for name in names]

    assert sorted(placed) == sorted(
        name for name, cls in event_classes().items() if cls.__module__.startswith("contracts.")
    )


def test_every_category_has_a_decider_and_no_decider_is_without_events() -> None:
    assert sorted(deciders()) == sorted(STREAMS)


def test_every_published_schema_of_an_event_has_its_golden_stream() -> None:
    schemas = {path.name.removesuffix(".schema.json") for path in (PUBLISHED / "events").glob("*.schema.json")}

    assert {path.stem for path in (PUBLISHED / "golden").glob("*.jsonl")} == schemas
