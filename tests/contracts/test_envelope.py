"""The envelope survives the trip through headers, and a broken header is refused by name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.envelope import (
    Envelope,
    Header,
    MalformedEnvelope,
    Origin,
    StreamId,
    commit_headers,
    derive_id,
    event_headers,
    event_id,
)

PARTS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=128)
STREAMS = st.builds(StreamId, PARTS, PARTS, PARTS)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(timezones=ZONES, min_value=datetime(1000, 1, 1), max_value=datetime(9000, 1, 1))  # noqa: DTZ001
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ORIGINS = st.builds(Origin, INSTANTS, INSTANTS, WORDS, WORDS, st.none() | WORDS, st.none() | WORDS)
POSITIONS = st.integers(1, 10**12)

STREAM = StreamId("fjordby", "request", "r-1")
AT = datetime(2026, 8, 19, 7, 15, tzinfo=UTC)
GOOD = event_headers(
    commit_headers(str(STREAM), Origin(AT, AT, "correlation", "actor")),
    source="/kobling/intake",
    name="intake.request-posted",
    schema_version=1,
    position=2,
)


def fault_of(headers: list[Header]) -> str:
    """The header that is at fault, or "" when they are read."""
    try:
        Envelope.from_headers(headers)
    except MalformedEnvelope as refused:
        return refused.field
    return ""


def without(name: str) -> list[Header]:
    return [header for header in GOOD if header[0] != name]


@given(stream=STREAMS, origin=ORIGINS, position=POSITIONS, schema_version=POSITIONS)
def test_what_goes_into_headers_comes_out_of_them(
    stream: StreamId, origin: Origin, position: int, schema_version: int
) -> None:
    headers = event_headers(
        commit_headers(str(stream), origin),
        source="/kobling/intake",
        name="intake.request-posted",
        schema_version=schema_version,
        position=position,
    )

    assert Envelope.from_headers(headers) == Envelope(
        event_id=event_id(str(stream), position),
        event_type="intake.request-posted",
        schema_version=schema_version,
        stream=stream,
        position=position,
        origin=origin,
    )


NEEDED = sorted({name for name, _ in GOOD} - {"content-type", "ce_source"})


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_header_is_named(name: str) -> None:
    with pytest.raises(MalformedEnvelope) as refused:
        Envelope.from_headers(without(name))

    assert refused.value.field == name


@pytest.mark.parametrize("name", NEEDED)
def test_a_header_that_is_not_text_is_named(name: str) -> None:
    with pytest.raises(MalformedEnvelope) as refused:
        Envelope.from_headers([*without(name), (name, b"\xff\xfe")])

    assert refused.value.field == name


WRONG = [
    ("ce_specversion", b"0.3"),
    ("ce_tenant", b"another-town"),
    ("ce_stream", b"fjordby/request"),
    ("ce_stream", b"fjordby/request/a/b"),
    ("ce_stream", b"fjordby/request/a b"),
    ("ce_position", b"0"),
    ("ce_position", b"-1"),
    ("ce_position", b"1.5"),
    ("ce_position", "٣".encode()),
    ("ce_position", b"9" * 40),
    ("ce_schemaversion", b"one"),
    ("ce_time", b"yesterday"),
    ("ce_time", b"2026-08-19T07:15:00"),
    ("ce_recordedtime", b"2026-02-30T00:00:00Z"),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value[:20]!r}" for name, value in WRONG])
def test_a_wrong_header_is_named(name: str, value: bytes) -> None:
    with pytest.raises(MalformedEnvelope) as refused:
        Envelope.from_headers([*without(name), (name, value)])

    assert refused.value.field == name


@given(
    headers=st.lists(
        st.tuples(st.sampled_from([name for name, _ in GOOD]) | st.text(max_size=9), st.binary(max_size=40))
    )
)
def test_any_headers_at_all_are_read_or_refused_with_a_name(headers: list[Header]) -> None:
    named = {name for name, _ in [*GOOD, *headers]}

    assert fault_of(headers) in named | {""}
    assert fault_of([*GOOD, *headers]) in named | {""}


@given(stream=STREAMS)
def test_a_stream_id_is_read_from_its_text(stream: StreamId) -> None:
    assert StreamId.parse(str(stream)) == stream


def test_ids_that_are_stored_never_change() -> None:
    assert event_id("fjordby/request/r-1", 2) == "16a13767-fe50-5de7-bcea-0d77c5114b5e"
    assert derive_id("a", "b") == "6bc074c7-ef55-5031-b66f-552f9a181f80"


@example(["a\x1fb"], ["a", "b"])
@example(["a\x1b1b"], ["a\x1fb"])
@given(st.lists(WORDS, min_size=1), st.lists(WORDS, min_size=1))
def test_different_parts_give_different_ids(one: list[str], other: list[str]) -> None:
    assert (derive_id(*one) == derive_id(*other)) is (one == other)
