"""Reads one record of `referrals.<tenant>`, strictly: a Referral, or the field and the rule at fault.

What a sender wrote is never repeated in a rejection: it may be about somebody.
"""

from dataclasses import dataclass

from pydantic import ValidationError

from chassis.inbound import InboundRecord
from contracts.referral import MAX_BYTES, REFERRAL, SCHEMA_VERSION, Referral

_REPLACED = "\ufffd"
_NEEDED = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_schemaversion")
_MAX_FIELD_LENGTH = 200
_MAX_HEADER_LENGTH = 255

_SENTENCES = {
    "missing_field": "This field is missing.",
    "unknown_field": "There is no such field.",
    "wrong_value": "This field is not what the schema says.",
    "not_json": "The body is not JSON.",
    "not_agreed": "The person has not agreed to be referred.",
}
_RULES = {"missing": "missing_field", "extra_forbidden": "unknown_field", "json_invalid": "not_json"}


@dataclass(frozen=True, slots=True)
class Read:
    """A referral that can be acted on, and who sent it."""

    referral: Referral
    message_id: str
    sender: str


class Unreadable(Exception):
    """`field` is the path in the body, or the header."""

    def __init__(self, field: str, rule: str, sentence: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field[:_MAX_FIELD_LENGTH]
        self.rule = rule
        self.sentence = sentence


def tenant_of(topic: str) -> str:
    return topic.partition(".")[2]


def read(record: InboundRecord) -> Read:
    """Raises Unreadable."""
    _check_headers(record.headers, tenant_of(record.topic))
    if len(record.body) > MAX_BYTES:
        raise Unreadable("body", "too_large", f"A referral has at most {MAX_BYTES // 1024} KiB.")
    return Read(_referral(record.body), record.headers["ce_id"], record.headers["ce_source"])


def _check_headers(headers: dict[str, str], tenant: str) -> None:
    for name, value in headers.items():
        if _REPLACED in value or _REPLACED in name:
            raise Unreadable(name, "bad_header_bytes", "This header is not UTF-8.")
    for name in _NEEDED:
        if not headers.get(name):
            raise Unreadable(name, "missing_header", "This header is missing.")
        if len(headers[name]) > _MAX_HEADER_LENGTH:
            raise Unreadable(name, "header_too_long", f"This header has at most {_MAX_HEADER_LENGTH} characters.")
    if headers["ce_specversion"] != "1.0":
        raise Unreadable("ce_specversion", "wrong_spec_version", "Only CloudEvents 1.0 is read.")
    if headers["ce_type"] != REFERRAL:
        raise Unreadable("ce_type", "wrong_event_type", f"On this topic only {REFERRAL} is read.")
    if headers["ce_schemaversion"] != str(SCHEMA_VERSION):
        raise Unreadable("ce_schemaversion", "wrong_schema_version", f"Schema version {SCHEMA_VERSION} is read.")
    if headers.get("ce_tenant", tenant) != tenant:
        raise Unreadable("ce_tenant", "wrong_tenant", "This is not the tenant of the topic.")


def _referral(body: bytes) -> Referral:
    try:
        return Referral.model_validate_json(body, strict=True)
    except ValidationError as fault:
        raise _unreadable(fault) from None


def _unreadable(fault: ValidationError) -> Unreadable:
    first = fault.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    if field == "agreed_with_person" and first["type"] == "literal_error":
        return Unreadable(field, "not_agreed", _SENTENCES["not_agreed"])
    rule = _RULES.get(first["type"], "wrong_value")
    return Unreadable(field, rule, _SENTENCES[rule])
