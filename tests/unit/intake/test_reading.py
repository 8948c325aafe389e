"""Whatever a sender writes is read or is named at fault: nothing else comes out of reading (S3.31)."""

import json
from typing import Any

import pytest
from hypothesis import given as trying
from hypothesis.strategies import SearchStrategy, binary, dictionaries, none, recursive, sampled_from, text

from chassis.inbound import InboundRecord
from services.intake.inbound.reading import Unreadable, read

HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "message-1",
    "ce_source": "/fjordby/case-system",
    "ce_type": "kobling.referral",
    "ce_schemaversion": "1",
}
REFERRAL: dict[str, Any] = {
    "referral_id": "17",
    "programme": "walking-friends",
    "person": {"reference": "citizen-1", "name": "Ida Oppdiktet", "birth_date": "1988-05-17"},
    "what": "Somebody to walk with.",
    "agreed_with_person": True,
}
ANYTHING: SearchStrategy[Any] = recursive(
    none() | text() | sampled_from([True, 0, -1, 1.5, 10**400]),
    lambda inner: dictionaries(text(), inner, max_size=3),
    max_leaves=5,
)


def fault_of(body: bytes, headers: dict[str, str]) -> str | None:
    """The rule at fault, None where the record could be read."""
    try:
        read(InboundRecord("referrals.fjordby", "", headers, body, 0, 0))
    except Unreadable as fault:
        return fault.rule
    return None


def test_a_whole_referral_is_read() -> None:
    assert fault_of(json.dumps(REFERRAL).encode(), HEADERS) is None


@trying(body=binary(max_size=300))
def test_any_bytes_are_read_or_named(body: bytes) -> None:
    assert fault_of(body, HEADERS) in {"not_json", "wrong_value", "missing_field", "unknown_field"}


@trying(field=sampled_from(sorted(HEADERS)), value=text(max_size=300))
def test_any_header_is_read_or_named(field: str, value: str) -> None:
    rule = fault_of(json.dumps(REFERRAL).encode(), HEADERS | {field: value})
    assert rule is None or rule in {
        "bad_header_bytes",
        "missing_header",
        "header_too_long",
        "wrong_spec_version",
        "wrong_event_type",
        "wrong_schema_version",
    }


@trying(
    field=sampled_from(["wishes", "gates", "category", "needed_since", "what", "programme", "surprise"]), value=ANYTHING
)
def test_any_value_of_a_field_is_read_or_named(field: str, value: Any) -> None:
    rule = fault_of(json.dumps(REFERRAL | {field: value}).encode(), HEADERS)
    assert rule is None or rule in {"not_json", "wrong_value", "unknown_field"}


@trying(field=sampled_from(sorted(REFERRAL["person"])), value=ANYTHING)
def test_any_value_about_the_person_is_read_or_named(field: str, value: Any) -> None:
    body = REFERRAL | {"person": REFERRAL["person"] | {field: value}}
    assert fault_of(json.dumps(body).encode(), HEADERS) in {None, "not_json", "wrong_value"}


def test_a_field_with_an_endless_name_is_named_in_part() -> None:
    body = json.dumps(REFERRAL | {"x" * 5000: True}).encode()
    with pytest.raises(Unreadable) as refused:
        read(InboundRecord("referrals.fjordby", "", HEADERS, body, 0, 0))
    assert refused.value.field == "x" * 200
