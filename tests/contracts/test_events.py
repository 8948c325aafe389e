"""Events through their JSON: round trips, upcasts, and refusals that name what is wrong."""

import json
from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest
from pydantic import AwareDatetime

from contracts import base
from contracts.base import Event, JsonObject, UndecodableEvent, decode, encode, event, event_classes, upcast
from contracts.intake import Option, PersonRegistered, RequestDeclined, RequestPosted
from contracts.sealed import Redacted, Sealed

POSTED = RequestPosted(
    request_id="r",
    person_id="p",
    programme="walking-friends",
    origin="self",
    entered_by="p",
    posted_at=datetime(2026, 8, 19, 7, 15, tzinfo=UTC),
    needed_since=date(2026, 8, 10),
    answer_by=date(2026, 9, 2),
    policy_version=1,
    what=Sealed("p", "token"),
    wishes=Sealed("p", "wishes"),
)


DECLINED = RequestDeclined(
    request_id="r",
    person_id="p",
    programme="walking-friends",
    rule="mandate_ended",
    options=(Option(code="drop-in", text="Come by on Tuesdays."),),
    declined_at=datetime(2026, 8, 19, 7, 15, tzinfo=UTC),
)


def as_json(event: Event) -> JsonObject:
    found: JsonObject = json.loads(encode(event))
    return found


def refusal(event_type: str, version: int, body: str | bytes) -> tuple[str, str]:
    """The rule and the field of the refusal to read this."""
    with pytest.raises(UndecodableEvent) as refused:
        decode(event_type, version, body)
    return refused.value.rule, refused.value.field


def test_an_event_reads_as_it_was_written() -> None:
    assert decode(POSTED.event_type, 1, encode(POSTED)) == POSTED
    assert encode(decode(POSTED.event_type, 1, encode(POSTED))) == encode(POSTED)


def test_fields_of_a_later_writer_are_ignored_at_every_depth() -> None:
    later = as_json(POSTED)
    later["mood"] = "hopeful"
    later["what"]["key_version"] = 2

    assert decode(POSTED.event_type, 1, json.dumps(later)) == POSTED

    declined = as_json(DECLINED)
    declined["options"][0]["distance"] = {"km": 2}
    assert decode(DECLINED.event_type, 1, json.dumps(declined)) == DECLINED


def test_an_unknown_event_type_is_refused_by_its_header() -> None:
    assert refusal("intake.request-sung", 1, "{}") == ("unknown_event_type", "ce_type")


def test_a_newer_schema_version_is_refused_by_its_header() -> None:
    assert refusal("intake.request-posted", 99, encode(POSTED)) == ("newer_schema_version", "ce_schemaversion")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"request_id": None}, "request_id"),
        ({"policy_version": "many"}, "policy_version"),
        ({"origin": "rumour"}, "origin"),
        ({"posted_at": "2026-08-19T07:15:00"}, "posted_at"),
        ({"needed_since": "last summer"}, "needed_since"),
        ({"what": "in clear text"}, "what"),
        ({"what": {"subject": "p", "sealed": ""}}, "what.sealed"),
        ({"wishes": {"languages": [{"code": "nb"}]}}, "wishes.subject"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_body_is_refused_by_its_field(change: JsonObject, field: str) -> None:
    assert refusal("intake.request-posted", 1, json.dumps({**as_json(POSTED), **change})) == ("malformed_event", field)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "7", b"\xff\xfe", "[" * 10_000], ids=repr)
def test_a_body_that_is_no_object_is_refused(body: str | bytes) -> None:
    assert refusal("intake.request-posted", 1, body) == ("malformed_event", "")


def test_a_refusal_never_repeats_what_stood_in_the_body() -> None:
    with pytest.raises(UndecodableEvent) as refused:
        decode("intake.request-posted", 1, json.dumps({**as_json(POSTED), "what": "Kari wants company"}))

    assert "Kari" not in str(refused.value)


def test_a_sealed_field_is_ciphertext_in_json_and_comes_back_whole() -> None:
    registered = PersonRegistered(person_id="p", channel="web", name=Sealed("p", "dG9rZW4"), entered_by="p")

    assert as_json(registered)["name"] == {"subject": "p", "sealed": "dG9rZW4"}
    assert decode(registered.event_type, 1, encode(registered)) == registered


def test_a_shredded_value_reads_as_redacted_and_cannot_be_written_into_an_event() -> None:
    assert str(Redacted()) == "[redacted]"
    with pytest.raises(ValueError, match="name"):
        PersonRegistered.model_validate({"person_id": "p", "channel": "web", "name": Redacted(), "entered_by": "p"})


@pytest.fixture
def three_versions(monkeypatch: pytest.MonkeyPatch) -> type[Event]:
    """An event in its third version: 1 had `colour`, 2 called it `paint`, 3 counts the coats."""
    monkeypatch.setattr(base, "_classes", dict(base._classes))
    monkeypatch.setattr(base, "_upcasts", dict(base._upcasts))

    @event("test.fence-painted", version=3)
    class FencePainted(Event):
        paint: Literal["red", "white"]
        coats: int
        painted_at: AwareDatetime

    @upcast("test.fence-painted", from_version=1)
    def renamed(old: JsonObject) -> JsonObject:
        return {**{key: value for key, value in old.items() if key != "colour"}, "paint": old["colour"].lower()}

    @upcast("test.fence-painted", from_version=2)
    def counted(old: JsonObject) -> JsonObject:
        return {**old, "coats": 1}

    return FencePainted


AT = "2026-08-19T07:15:00Z"


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"colour": "Red", "painted_at": AT}),
        (2, {"paint": "red", "painted_at": AT}),
        (3, {"paint": "red", "coats": 1, "painted_at": AT}),
    ],
)
def test_every_version_of_an_event_reads_as_the_current_one(
    three_versions: type[Event], version: int, body: JsonObject
) -> None:
    assert decode("test.fence-painted", version, json.dumps(body)) == three_versions.model_validate(
        {"paint": "red", "coats": 1, "painted_at": AT}
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", ""),
        ("[]", ""),
        ("null", ""),
        ("{}", ""),
        (json.dumps({"colour": 7, "painted_at": AT}), ""),
        (json.dumps({"colour": "blue", "painted_at": AT}), "paint"),
    ],
)
@pytest.mark.usefixtures("three_versions")
def test_an_old_event_that_is_malformed_is_refused_like_any_other(body: str, field: str) -> None:
    assert refusal("test.fence-painted", 1, body) == ("malformed_event", field)


@pytest.mark.usefixtures("three_versions")
def test_a_missing_step_between_versions_is_refused_by_the_header() -> None:
    del base._upcasts["test.fence-painted", 2]

    assert refusal("test.fence-painted", 1, '{"colour": "Red"}') == ("no_upcast", "ce_schemaversion")


def test_two_classes_cannot_share_a_name() -> None:
    class Imposter(Event):
        """Pretends to be another."""

    with pytest.raises(ValueError, match="registered twice"):
        event("intake.request-posted", version=1)(Imposter)


def test_an_event_cannot_be_changed() -> None:
    changed: Any = POSTED
    with pytest.raises(ValueError, match="frozen"):
        changed.programme = "another"


def test_what_event_classes_answers_can_be_changed_without_harm() -> None:
    event_classes().clear()

    assert "intake.request-posted" in event_classes()
