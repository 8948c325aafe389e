"""How events are named and what no contract may hold."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.base import Event, JsonObject, event_classes
from contracts.publish.catalogue import published
from contracts.topics import SERVICES

CLASSES = {name: cls for name, cls in event_classes().items() if cls.__module__.startswith("contracts.")}

# Past participles that do not end in "ed".
IRREGULAR = {
    "begun",
    "forgotten",
    "found",
    "given",
    "gone",
    "held",
    "left",
    "made",
    "met",
    "said",
    "seen",
    "sent",
    "set",
    "shown",
    "spun",
    "told",
}
IRREGULAR |= {"began", "chosen", "done", "taken", "withdrawn"}
# A state that was reached by time alone has no participle.
STATES = {"overdue", "due", "near", "let"}

# What must never be a field: special-category facts, and identifiers that join people across organisations (S3.31).
FORBIDDEN = re.compile(
    r"diagnos|violen|vold|psychiat|psykiat|illness|sygdom|addict|abuse|misbrug|disab|handicap|ethnic|religio|"
    r"sexual|sick|crimin|trauma|national_?id|fodselsnummer|cpr|(^|_)ssn($|_)|(^|_)origin_country|symptom|medic"
)


def fields(schema: Any) -> Iterator[str]:
    """The name of every field at every depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from fields(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from fields(part)


def test_events_are_named_after_their_service_and_what_happened() -> None:
    assert [name for name, cls in CLASSES.items() if not is_well_named(name, cls)] == []


def test_the_class_of_an_event_has_the_same_words() -> None:
    words = {name: name.partition(".")[2].split("-") for name in CLASSES}
    expected = {name: "".join(word.capitalize() for word in words[name]) for name in CLASSES}

    assert {name: cls.__name__ for name, cls in CLASSES.items()} == expected


def test_every_event_says_what_it_means() -> None:
    sentences = {name: cls.__doc__ or "" for name, cls in CLASSES.items()}

    assert [name for name, words in sentences.items() if len(words) < 15 or words == Event.__doc__] == []


def test_a_field_that_may_be_empty_may_be_absent() -> None:
    """`encode` leaves out what has no value, so such a field needs a default to be read again."""
    required = [
        (name, field, info.annotation)
        for name, cls in CLASSES.items()
        for field, info in cls.model_fields.items()
        if info.is_required()
    ]

    assert [found for found in required if type(None) in getattr(found[2], "__args__", ())] == []


@pytest.mark.requirement("S3.31")
def test_no_contract_has_a_place_for_a_special_category_fact() -> None:
    held = {(item.name, field) for item in published() for field in fields(item.schema)}

    assert {found for found in held if FORBIDDEN.search(found[1])} == set()


def is_well_named(name: str, cls: type[Event]) -> bool:
    service, _, what = name.partition(".")
    words = what.split("-")
    told = any(word.endswith("ed") or word in IRREGULAR | STATES for word in words[1:] or words)
    return service in SERVICES and cls.__module__.split(".")[1] == service and told


def test_the_words_we_forbid_are_found() -> None:
    planted: JsonObject = {"properties": {"a": {"properties": {"diagnosis": {}, "wanted": {}}}, "violence_kind": {}}}

    assert [field for field in fields(planted) if FORBIDDEN.search(field)] == ["violence_kind", "diagnosis"]
