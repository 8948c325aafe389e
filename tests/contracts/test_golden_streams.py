"""Every version of every event that was ever published can still be read and folded."""

from itertools import groupby

import pytest

from contracts.base import Event, decode, event_classes
from contracts.publish.catalogue import PUBLISHED
from contracts.publish.golden import GoldenRecord, golden_records
from contracts.publish.streams import STREAMS
from tests.contracts.deciders import deciders

RECORDS = list(golden_records())


def stream_of(record: GoldenRecord) -> str:
    return record.stream


STREAM_RECORDS = {stream: list(records) for stream, records in groupby(RECORDS, key=stream_of)}


def test_every_golden_event_is_decoded() -> None:
    decoded = [decode(record.event_type, record.schema_version, record.body) for record in RECORDS]

    assert [event.event_type for event in decoded] == [record.event_type for record in RECORDS]


@pytest.mark.parametrize("category", STREAMS)
def test_the_golden_streams_of_a_category_are_folded(category: str) -> None:
    decider = deciders()[category]
    states = [
        decider.fold(history_of(records)) for stream, records in STREAM_RECORDS.items() if f"/{category}/" in stream
    ]

    assert len(states) == 2
    assert decider.initial not in states


def history_of(records: list[GoldenRecord]) -> list[Event]:
    return [decode(record.event_type, record.schema_version, record.body) for record in records]


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
