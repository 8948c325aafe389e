"""What comes from outside is read or refused in the one declared way, whatever its bytes are."""

import base64
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contracts.intake
import contracts.matching
from chassis.http.cursors import Cursors
from chassis.http.refusals import CursorInvalid
from chassis.position import Position
from contracts.base import UndecodableEvent, decode, encode
from contracts.envelope import Envelope, Header, MalformedEnvelope, Origin, StreamId, commit_headers, event_headers
from tests.support.sample_service import key_of

NOW = datetime(2026, 11, 27, tzinfo=UTC)
CURSORS = Cursors(key_of)
CURSOR = CURSORS.encode("oslo", "notes", ["a", 7])
HEADERS = event_headers(
    commit_headers("oslo/note/n-1", Origin(NOW, NOW, "c-1", "tests")),
    source="/kobling/sample",
    name="sample.noted",
    schema_version=1,
    position=1,
)


@st.composite
def mutated(draw: st.DrawFn, value: bytes) -> bytes:
    """A valid one with some bytes put in the place of others."""
    start, end = sorted((draw(st.integers(0, len(value))), draw(st.integers(0, len(value)))))
    return value[:start] + draw(st.binary(max_size=8)) + value[end:]


@st.composite
def mutated_headers(draw: st.DrawFn) -> list[Header]:
    changed = draw(st.integers(0, len(HEADERS) - 1))
    name, value = HEADERS[changed]
    other = draw(mutated(value) | st.binary(max_size=200) | st.just(b"9" * 5000))
    swapped = [*HEADERS[:changed], (name, other), *HEADERS[changed + 1 :]]
    return draw(st.permutations(swapped)) if draw(st.booleans()) else swapped[draw(st.integers(0, 3)) :]


@given(headers=mutated_headers() | st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=60)), max_size=20))
def test_headers_are_an_envelope_or_malformed(headers: list[Header]) -> None:
    try:
        found = Envelope.from_headers(headers)
    except MalformedEnvelope:
        return
    assert found.origin.occurred_at.tzinfo is not None
    assert StreamId.parse(str(found.stream)) == found.stream


@given(text=st.text(max_size=200) | mutated(b"oslo/note/n-1@7").map(lambda raw: raw.decode(errors="replace")))
def test_a_text_is_a_position_or_none(text: str) -> None:
    try:
        found = Position.parse(text)
    except ValueError:
        return
    assert Position.parse(str(found)) == found


@given(raw=mutated(CURSOR.encode()) | st.binary(max_size=100) | st.binary(max_size=100).map(base64.urlsafe_b64encode))
def test_only_what_was_given_out_is_a_cursor(raw: bytes) -> None:
    text = raw.decode(errors="surrogateescape")
    try:
        after = CURSORS.decode("oslo", "notes", text)
    except CursorInvalid:
        return
    assert after == ["a", 7]


def flipped(value: bytes) -> list[bytes]:
    """It, with one bit the other way: each of them."""
    return [
        value[:place] + bytes([value[place] ^ 1 << bit]) + value[place + 1 :]
        for place in range(len(value))
        for bit in range(8)
    ]


def test_no_bit_of_a_cursor_can_be_turned_to_another_place() -> None:
    read = []
    for raw in flipped(CURSOR.encode()):
        try:
            read.append(CURSORS.decode("oslo", "notes", raw.decode(errors="surrogateescape")))
        except CursorInvalid:
            continue

    assert [place for place in read if place != ["a", 7]] == []


@pytest.mark.parametrize("changed", range(len(HEADERS)))
def test_an_envelope_with_one_bit_turned_is_an_envelope_or_malformed(changed: int) -> None:
    name, value = HEADERS[changed]
    for raw in flipped(value):
        try:
            Envelope.from_headers([*HEADERS[:changed], (name, raw), *HEADERS[changed + 1 :]])
        except MalformedEnvelope:
            continue


@pytest.mark.parametrize(("tenant", "query"), [("bergen", "notes"), ("oslo", "people"), ("osl", "onotes")])
def test_a_cursor_is_good_for_its_tenant_and_its_list_only(tenant: str, query: str) -> None:
    with pytest.raises(CursorInvalid):
        CURSORS.decode(tenant, query, CURSOR)


def test_a_cursor_of_another_key_is_none() -> None:
    secret = os.urandom(32)
    with pytest.raises(CursorInvalid):
        Cursors(lambda *_: secret).decode("oslo", "notes", CURSOR)


EVENTS = ("intake.request-posted", "matching.match-made", "intake.no-such-event", "")  # a match and a request need more


@given(body=st.binary(max_size=200) | mutated(b'{"match_id":"m","request_id":"r","programme":"p"}'))
@pytest.mark.parametrize("event", EVENTS)
def test_a_body_is_an_event_or_malformed(event: str, body: bytes) -> None:
    with pytest.raises(UndecodableEvent):
        decode(event, 1, body)


CLOSED = contracts.matching.ActivityClosed(activity_id="a-1", programme="p", closed_at=NOW)
WELL = encode(CLOSED).encode()


def test_a_body_with_one_bit_turned_is_an_event_or_malformed() -> None:
    assert decode(CLOSED.event_type, 1, WELL) == CLOSED
    for raw in flipped(WELL):
        try:
            decode(CLOSED.event_type, 1, raw)
        except UndecodableEvent:
            continue


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        WELL.replace(b'"p"', b"9" * 100_000),
        WELL.replace(b'"p"', b"1e999999999"),
        WELL.replace(b'"p"', b"NaN"),
        WELL.replace(b'"p"', b'"\xff\xfe"'),
        WELL.replace(b'"p"', b'"\xed\xa0\x80"'),
        WELL.replace(b'"p"', rb'"\ud800"'),
        WELL.replace(b'"p"', b'"\x00"'),
        WELL[:-1],
        WELL + WELL,
        b"\xef\xbb\xbf" + WELL,
        b"",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_breaks_parsers_is_malformed_and_nothing_worse(body: bytes) -> None:
    """Deep, huge, not UTF-8, half a surrogate, cut off, twice."""
    with pytest.raises(UndecodableEvent):
        decode(CLOSED.event_type, 1, body)
