"""The compatibility rules are sound: what they let through never makes a written document unreadable."""

from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts.base import JsonObject
from contracts.publish.compatibility import breaking_changes

NAMES = ("a", "b", "c")
TEXTS = ("", "x", "yy", "2026-08-19")

TEXT_LIMITS: list[JsonObject] = [
    {},
    {"maxLength": 1},
    {"minLength": 1},
    {"pattern": "^x"},
    {"format": "date"},
    {"enum": ["x", "yy"]},
]
NUMBER_LIMITS: list[JsonObject] = [
    {},
    {"minimum": 0},
    {"maximum": 1},
    {"exclusiveMinimum": 0},
    {"enum": [1, 2]},
    {"const": 1},
]

LEAVES = st.one_of(
    st.sampled_from(TEXT_LIMITS).map(lambda limits: {"type": "string", **limits}),
    st.tuples(st.sampled_from(["integer", "number"]), st.sampled_from(NUMBER_LIMITS)).map(
        lambda made: {"type": made[0], **made[1]}
    ),
    st.sampled_from([{"type": "boolean"}, {"type": ["string", "integer"]}, {"const": "x"}]),
)


def wider(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
    """Objects, lists, maps and alternatives of what there is."""
    fields = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    rest = st.one_of(st.none(), st.just(False), inner)
    return st.one_of(
        st.builds(an_object, fields, st.sets(st.sampled_from(NAMES)), rest),
        st.builds(a_list, inner, st.sampled_from([{}, {"minItems": 1}, {"maxItems": 1}])),
        st.lists(inner, min_size=2, max_size=2).map(lambda forms: {"anyOf": forms}),
    )


def an_object(fields: dict[str, JsonObject], required: set[str], rest: JsonObject | bool | None) -> JsonObject:
    made: JsonObject = {"type": "object", "properties": fields, "required": sorted(required & fields.keys())}
    return made if rest is None else {**made, "additionalProperties": rest}


def a_list(inner: JsonObject, limits: JsonObject) -> JsonObject:
    return {"type": "array", "items": inner, **limits}


SCHEMAS = st.recursive(LEAVES, wider, max_leaves=5)


@st.composite
def changed(draw: st.DrawFn, schema: JsonObject) -> JsonObject:
    """The schema after one change somewhere, mostly small."""
    if "properties" in schema and draw(st.booleans()):
        fields = dict(schema["properties"])
        name = draw(st.sampled_from(NAMES))
        if name in fields and draw(st.booleans()):
            fields[name] = draw(changed(fields[name]))
        elif name in fields:
            del fields[name]
        else:
            fields[name] = draw(LEAVES)
        required = draw(st.sampled_from([schema["required"], [*schema["required"], name], []]))
        return {**schema, "properties": fields, "required": sorted(set(required) & fields.keys())}
    if "items" in schema and draw(st.booleans()):
        return {**schema, "items": draw(changed(schema["items"]))}
    if "anyOf" in schema and draw(st.booleans()):
        return {"anyOf": [*schema["anyOf"], draw(LEAVES)]}
    return draw(st.one_of(st.just(schema), SCHEMAS))


def documents(schema: JsonObject) -> st.SearchStrategy[Any]:
    """What a writer that knows this schema, and only this, may write."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([documents(form) for form in schema["anyOf"]])
    match schema["type"]:
        case "object":
            needed = {name: documents(schema["properties"][name]) for name in schema["required"]}
            free = {name: documents(part) for name, part in schema["properties"].items() if name not in needed}
            known = st.fixed_dictionaries(needed, optional=free)
            rest = schema.get("additionalProperties")
            if not isinstance(rest, dict):
                return known
            others = st.dictionaries(st.sampled_from(["d", "e"]), documents(rest), max_size=1)
            return st.builds(lambda one, other: {**other, **one}, known, others)
        case "array":
            return st.lists(documents(schema["items"]), max_size=2)
        case "boolean":
            return st.booleans()
        case "string":
            return st.sampled_from(TEXTS)
        case "integer":
            return st.sampled_from([-1, 0, 1, 2])
        case "number":
            return st.sampled_from([-1, 0, 1, 1.5, 2])
        case _:
            return st.sampled_from([*TEXTS, 0, 1])


def is_valid(document: Any, schema: JsonObject) -> bool:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(document)


@given(st.data())
def test_what_was_written_before_is_read_after_every_change_that_is_let_through(data: st.DataObject) -> None:
    before = data.draw(SCHEMAS)
    after = data.draw(changed(before))
    document = data.draw(documents(before))
    lets_through = breaking_changes(before, after, "read") == []
    event(f"let through: {lets_through and before != after}")

    assert not (lets_through and is_valid(document, before)) or is_valid(document, after)


@given(st.data())
def test_a_reader_of_before_reads_what_is_written_after_every_change_that_is_let_through(data: st.DataObject) -> None:
    before = data.draw(SCHEMAS)
    after = data.draw(changed(before))
    document = data.draw(documents(after))
    lets_through = breaking_changes(before, after, "written") == []

    assert not (lets_through and is_valid(document, after)) or is_valid(document, before)


@given(SCHEMAS)
def test_no_change_is_compatible(schema: JsonObject) -> None:
    assert breaking_changes(schema, {**schema}, "stored") == []
