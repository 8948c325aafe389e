"""How events are named and what no contract may hold."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.base import Event, JsonObject, event_classes
from contracts.publish.catalogue import Published, published
from contracts.topics import SERVICES

CLASSES = {name: cls for name, cls in event_classes().items() if cls.__module__.startswith("contracts.")}

# Past participles that do not end in "ed".
IRREGULAR = {
    "begun",
    "found",
    "given",
    "gone",
    "held",
    "left",
    "made",
    "met",
    "said",
    "sent",
    "set",
    "shown",
    "spun",
    "told",
}
IRREGULAR |= {"began", "chosen", "taken", "withdrawn"}
# A state that was reached by time alone has no participle.
STATES = {"overdue", "due"}

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


@pytest.mark.parametrize("name", CLASSES)
def test_an_event_is_named_after_its_service_and_what_happened(name: str) -> None:
    service, _, what = name.partition(".")
    _noun, *happened = what.split("-")

    assert service in SERVICES
    assert CLASSES[name].__module__ == f"contracts.{service}"
    assert [word for word in happened if word.endswith("ed") or word in IRREGULAR | STATES] != []


@pytest.mark.parametrize("name", CLASSES)
def test_the_class_of_an_event_has_the_same_words(name: str) -> None:
    words = name.partition(".")[2].split("-")

    assert CLASSES[name].__name__ == "".join(word.capitalize() for word in words)


@pytest.mark.parametrize("name", CLASSES)
def test_an_event_says_what_it_means(name: str) -> None:
    sentence = CLASSES[name].__doc__ or ""

    assert sentence != Event.__doc__
    assert len(sentence) > 15


@pytest.mark.parametrize("name", CLASSES)
def test_a_field_that_may_be_empty_may_be_absent(name: str) -> None:
    """`encode` leaves out what has no value, so such a field needs a default to be read again."""
    required = {field: info.annotation for field, info in CLASSES[name].model_fields.items() if info.is_required()}

    assert [field for field, kind in required.items() if type(None) in getattr(kind, "__args__", ())] == []


@pytest.mark.parametrize("item", list(published()), ids=lambda item: item.name)
def test_no_contract_has_a_place_for_a_special_category_fact(item: Published) -> None:
    assert [field for field in fields(item.schema) if FORBIDDEN.search(field)] == []


def test_the_words_we_forbid_are_found() -> None:
    planted: JsonObject = {"properties": {"a": {"properties": {"diagnosis": {}, "wanted": {}}}, "violence_kind": {}}}

    assert [field for field in fields(planted) if FORBIDDEN.search(field)] == ["violence_kind", "diagnosis"]
