"""From the fields of a form to the JSON of an operation, by the schema that the operation publishes of its body.

A field's name is its path: `contact.email`, `wishes.0.language`. A name that comes several times is a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from contracts.base import JsonObject

Fields = Mapping[str, list[str]]

ZONE = ZoneInfo("Europe/Oslo")
"""Norway and Denmark keep the same time; what people type and read is in it."""

_MOST_FIELDS = 500
_LONGEST_LIST = 200
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


def read_fields(body: bytes) -> dict[str, list[str]]:
    """The fields of a form that was sent urlencoded, in order. Raises ValueError for what is none, or too many."""
    fields: dict[str, list[str]] = {}
    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields


def body_of(fields: Fields, schema: JsonObject) -> JsonObject:
    """The body. What was left empty is left out; what cannot be read as its type goes as it is, to be refused there."""
    return _object(_tree(fields), schema, schema)


def _tree(fields: Fields) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, values in fields.items():
        *path, last = name.split(".")
        place = root
        for step in path:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise ValueError(name)  # noqa: TRY004 - one kind of error for every form that is none
        place[last] = values
    return root


def _value(found: Any, schema: JsonObject, root: JsonObject) -> Any:
    """None: left out."""
    shapes = list(_shapes(schema, root))
    kinds = {shape.get("type") for shape in shapes}
    if isinstance(found, dict):
        if "array" in kinds:
            return _array(found, _of_kind(shapes, "array"), root)
        return _object(found, _of_kind(shapes, "object"), root) or None
    if "array" in kinds:
        items = _of_kind(shapes, "array").get("items", {})
        return [_one(value, items, root) for value in found if value != ""] or None
    return _one(found[-1], {"anyOf": shapes}, root)


def _array(found: Mapping[str, Any], schema: JsonObject, root: JsonObject) -> list[Any] | None:
    """Rows by number; an empty one is left out."""
    if not all(index.isdigit() and int(index) < _LONGEST_LIST for index in found):
        raise ValueError("a list is numbered")
    rows = (_value(found[index], schema.get("items", {}), root) for index in sorted(found, key=int))
    return [row for row in rows if row is not None] or None


def _object(found: Mapping[str, Any], schema: JsonObject, root: JsonObject) -> JsonObject:
    properties: Mapping[str, JsonObject] = schema.get("properties", {})
    more = schema.get("additionalProperties")
    other = more if isinstance(more, dict) else {}
    body = {name: _value(value, properties.get(name, other), root) for name, value in found.items()}
    return {name: value for name, value in body.items() if value is not None}


def _one(text: str, schema: JsonObject, root: JsonObject) -> Any:
    if text == "":
        return None
    shapes = list(_shapes(schema, root))
    kinds = {shape.get("type") for shape in shapes}
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if "integer" in kinds and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if "number" in kinds and re.fullmatch(r"-?\d{1,15}([.,]\d{1,6})?", text):
        return float(text.replace(",", "."))
    if any(shape.get("format") == "date-time" for shape in shapes) and _LOCAL.fullmatch(text):
        return datetime.fromisoformat(text).replace(tzinfo=ZONE).isoformat()
    return text


def _shapes(schema: JsonObject, root: JsonObject) -> Iterable[JsonObject]:
    """The alternatives of a schema, references followed."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        yield from _shapes(root["$defs"][name], root)
    elif alternatives := schema.get("anyOf", schema.get("oneOf")):
        for alternative in alternatives:
            yield from _shapes(alternative, root)
    else:
        yield schema


def _of_kind(shapes: Iterable[JsonObject], kind: str) -> JsonObject:
    return next((shape for shape in shapes if shape.get("type") == kind), {})
