"""Which changes of a schema may happen within one version: our own rules, case by case."""

from typing import Any

import pytest

from contracts.publish.catalogue import Direction
from contracts.publish.compatibility import breaking_changes

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
DATE: Schema = {"type": "string", "format": "date"}
COLOUR: Schema = {"type": "string", "enum": ["red", "green"]}


def thing(*required: str, closed: bool = False, **fields: Schema) -> Schema:
    schema: Schema = {"type": "object", "properties": fields, "required": list(required)}
    return {**schema, "additionalProperties": False} if closed else schema


def a(schema: Schema) -> Schema:
    return thing("a", a=schema)


def listed(schema: Schema, **limits: int) -> Schema:
    return a({"type": "array", "items": schema, **limits})


COMPATIBLE = {
    "nothing": (a(TEXT), a(TEXT)),
    "a new optional field": (a(TEXT), thing("a", a=TEXT, b=NUMBER)),
    "a new optional object": (a(TEXT), thing("a", a=TEXT, b=thing("c", c=TEXT))),
    "the order of fields": (thing("a", "b", a=TEXT, b=DATE), thing("b", "a", b=DATE, a=TEXT)),
    "the order of values": (a(COLOUR), a({"type": "string", "enum": ["green", "red"]})),
    "words for people": (a(TEXT), {**a({**TEXT, "description": "of the thing"}), "title": "thing"}),
    "a shape that got a name": (
        a(thing("b", b=TEXT)),
        {**a({"$ref": "#/$defs/B"}), "$defs": {"B": thing("b", b=TEXT)}},
    ),
    "a const written as an enum": (a({"const": 1}), a({"enum": [1]})),
    "a new optional field deep inside": (listed(thing(b=TEXT)), listed(thing(b=TEXT, c=TEXT))),
}

BREAKING = {
    "a removed field": (thing(a=TEXT, b=TEXT), thing(a=TEXT), "b: the field is gone"),
    "a renamed field": (a(TEXT), thing("b", b=TEXT), "a: the field is gone"),
    "another type": (a(TEXT), a(NUMBER), "a: type string became number"),
    "a whole number for any number": (a(NUMBER), a({"type": "integer"}), "a: type number became integer"),
    "any number for a whole one": (a({"type": "integer"}), a(NUMBER), "a reader of before cannot read it"),
    "text for a date": (a(DATE), a(TEXT), "a reader of before cannot read it"),
    "an instant for a date": (a(DATE), a({"type": "string", "format": "date-time"}), "a: format"),
    "a new required field": (a(TEXT), thing("a", "b", a=TEXT, b=TEXT), "b: may be absent"),
    "an optional field became required": (thing(a=TEXT), a(TEXT), "what was written before is refused now"),
    "a required field became optional": (a(TEXT), thing(a=TEXT), "a reader of before cannot read it"),
    "a value less": (a(COLOUR), a({"type": "string", "enum": ["red"]}), "a: green is not among the values"),
    "a value more": (a({"type": "string", "enum": ["red"]}), a(COLOUR), "a: green is not among the values"),
    "values for any text": (a(TEXT), a(COLOUR), "a: only red, green is allowed"),
    "any text for values": (a(COLOUR), a(TEXT), "a: only red, green is allowed"),
    "a form that a value does not have": (a({"const": "x"}), a(DATE), "a: format None became 'date'"),
    "a shorter text": (a(TEXT), a({**TEXT, "maxLength": 9}), "a: maxLength None became 9"),
    "a lower bound": (a(NUMBER), a({**NUMBER, "minimum": 1}), "a: minimum None became 1"),
    "a pattern": (a(TEXT), a({**TEXT, "pattern": "^x"}), "a: pattern None became '^x'"),
    "a list for one": (a(TEXT), listed(TEXT), "a: type string became array"),
    "other things in a list": (listed(TEXT), listed(NUMBER), "a.[]: type string became number"),
    "fewer in a list": (listed(TEXT), listed(TEXT, maxItems=3), "a: maxItems None became 3"),
    "a removed field deep inside": (listed(thing(b=TEXT, c=TEXT)), listed(thing(b=TEXT)), "a.[].c: the field is gone"),
    "a removed field behind a name": (
        {**a({"$ref": "#/$defs/B"}), "$defs": {"B": thing(b=TEXT, c=TEXT)}},
        {**a({"$ref": "#/$defs/B"}), "$defs": {"B": thing(b=TEXT)}},
        "a.c: the field is gone",
    ),
    "a closed object": (a(TEXT), thing("a", closed=True, a=TEXT), "body: any further field is refused"),
    "a form less": (a({"anyOf": [TEXT, NUMBER]}), a(TEXT), "a: one of its forms is no longer among the forms"),
    "a form more": (a(TEXT), a({"anyOf": [TEXT, NUMBER]}), "a: one of its forms is no longer among the forms"),
    "another default": (thing(a={**NUMBER, "default": 1}), thing(a={**NUMBER, "default": 2}), "a: the default changed"),
    "other values in a map": (
        a({"type": "object", "additionalProperties": TEXT}),
        a({"type": "object", "additionalProperties": NUMBER}),
        "a.*: type string became number",
    ),
    "a keyword nobody knows": (a(TEXT), a({**TEXT, "contentEncoding": "base64"}), "a: contentEncoding"),
}

# What it is called, which way the message goes, how it was, how it is, and whether that breaks somebody.
ONE_WAY: list[tuple[str, Direction, Schema, Schema, bool]] = [
    ("what we read may get a value more", "read", a({"type": "string", "enum": ["red"]}), a(COLOUR), False),
    ("what we read may get a value less", "read", a(COLOUR), a({"type": "string", "enum": ["red"]}), True),
    (
        "what we read may get a field more",
        "read",
        thing(closed=True, a=TEXT),
        thing(closed=True, a=TEXT, b=TEXT),
        False,
    ),
    ("what we read may get a field less", "read", thing(closed=True, a=TEXT, b=TEXT), thing(closed=True, a=TEXT), True),
    ("what we read may need a field less", "read", a(TEXT), thing(a=TEXT), False),
    ("what we read may need a field more", "read", thing(a=TEXT), a(TEXT), True),
    ("what we write may get a value less", "written", a(COLOUR), a({"type": "string", "enum": ["red"]}), False),
    ("what we write may get a value more", "written", a({"type": "string", "enum": ["red"]}), a(COLOUR), True),
    ("what we write may promise a field more", "written", thing(a=TEXT), a(TEXT), False),
    ("what we write may promise a field less", "written", a(TEXT), thing(a=TEXT), True),
    ("what we write may lose a field", "written", thing(a=TEXT, b=TEXT), thing(a=TEXT), True),
]


@pytest.mark.parametrize(("before", "after"), COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_compatible_change_is_let_through(before: Schema, after: Schema) -> None:
    assert breaking_changes(before, after, "stored") == []


@pytest.mark.parametrize(("before", "after", "reason"), BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_found_and_says_where(before: Schema, after: Schema, reason: str) -> None:
    found = breaking_changes(before, after, "stored")

    assert [line for line in found if reason in line] != [], found


@pytest.mark.parametrize(
    ("direction", "before", "after", "breaks"), [case[1:] for case in ONE_WAY], ids=[case[0] for case in ONE_WAY]
)
def test_a_message_of_one_direction_may_change_in_that_direction(
    direction: Direction, before: Schema, after: Schema, breaks: bool
) -> None:
    assert bool(breaking_changes(before, after, direction)) is breaks
