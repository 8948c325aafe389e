"""What somebody could send to a door, drawn from its service's document: mostly what it asks for, some of it not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from contracts.base import JsonObject
from tests.security.doors import Door, app_of

Drawn = st.SearchStrategy[Any]

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JUNK = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
)
_SECONDS = st.datetimes().map(lambda at: at.isoformat() + "Z")
_FORMATS: Mapping[str, Drawn] = {
    "date-time": _SECONDS
    | st.sampled_from(["2099-05-17T12:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]),
    "date": st.dates().map(str),
    "email": st.sampled_from(["ida.oppdiktet@example.org", "å@example.org", "a@b"]),
    "duration": st.sampled_from(["P1D", "PT2H", "P9999Y", "-P1D", "P1Y"]),
    "time": st.times().map(str),
}
_NAMES = st.sampled_from(
    ["nobody-has-it", "...", "%00", "$ne", "_", "a_b", "{}", "æ", "x" * 300, "oslo", "' OR 1=1"]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=20)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@st.composite
def asked(draw: st.DrawFn, door: Door, ids: Mapping[str, str]) -> Asked:
    """`ids` are of things that are there: most paths are made of them."""
    document = app_of(door.service).openapi()
    operation = operation_of(door)
    path = door.path
    for name in door.names:
        chosen = draw(_mostly(st.just(ids.get(name, "nobody-has-it")), _NAMES))
        chosen = chosen if chosen.strip(".") else "..."  # a client makes another address of one or two dots
        path = path.replace(f"{{{name}}}", quote(chosen, safe=""))
    said: dict[str, dict[str, str]] = {"query": {}, "header": {}}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] in said and (parameter.get("required") or draw(st.booleans())):
            is_header = parameter["in"] == "header"
            junk = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40) if is_header else st.text()
            value = draw(_mostly(_value(parameter["schema"], document, 0), junk))
            if is_header and not _text(value).isascii():
                continue  # no client sends it
            said[parameter["in"]][parameter["name"]] = _text(value)
    body = None
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        body = draw(_mostly(_value(schema, document, 0), JUNK))
    return Asked(path, said["query"], said["header"], body)


def operation_of(door: Door) -> JsonObject:
    operation: JsonObject = app_of(door.service).openapi()["paths"][door.path][door.method.lower()]
    return operation


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _mostly(usual: Drawn, other: Drawn) -> Drawn:
    return st.integers(0, 9).flatmap(lambda dice: other if dice == 9 else usual)


def _value(schema: JsonObject, document: JsonObject, depth: int) -> Drawn:
    if depth > 6:
        return JUNK
    if "$ref" in schema:
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _value(named, document, depth + 1)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            return st.one_of([_value(choice, document, depth + 1) for choice in schema[choices]])
    match schema.get("type"):
        case "object":
            return _object(schema, document, depth)
        case "array":
            items = _value(schema.get("items", {}), document, depth + 1)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=schema.get("minItems", 0) + 3)
        case "integer" | "number":
            least, most = schema.get("minimum", -2), schema.get("maximum", 2**63)
            return st.integers(int(least), int(most)) | st.sampled_from([int(least), int(most)])
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            return _string(schema)
        case _:
            return JUNK


def _object(schema: JsonObject, document: JsonObject, depth: int) -> Drawn:
    shapes = {
        name: _mostly(_value(shape, document, depth + 1), JUNK) if depth < 2 else _value(shape, document, depth + 1)
        for name, shape in schema.get("properties", {}).items()
    }
    needed = set(schema.get("required", ()))
    optional = {name: shape for name, shape in shapes.items() if name not in needed}
    return st.fixed_dictionaries({name: shapes[name] for name in needed}, optional=optional)


def _string(schema: JsonObject) -> Drawn:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    least = schema.get("minLength", 0)
    return st.text(min_size=least, max_size=min(schema.get("maxLength", least + 30), least + 30))
