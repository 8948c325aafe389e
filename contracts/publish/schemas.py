"""JSON Schema 2020-12 of events, messages and the policy, without what is only noise for a reader."""

import re
from typing import Any, Literal

from pydantic import BaseModel

from contracts.base import Event, JsonObject

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SEALED = re.compile(r"Sealed_\w+?_\b")


def event_schema(cls: type[Event]) -> JsonObject:
    """What is stored and sent. Open: later fields are ignored. A field without a value is absent, never null."""
    return _document(_written(cls), f"urn:kobling:event:{cls.event_type}:{cls.schema_version}", cls.event_type)


def written_schema(model: type[BaseModel], name: str, version: int) -> JsonObject:
    """A message we write: as open as an event."""
    return _document(_written(model), f"urn:kobling:message:{name}:{version}", name)


def read_schema(model: type[BaseModel], name: str, version: int) -> JsonObject:
    """A message others write to us: closed, an unknown field is refused."""
    return _document(_schema(model, "validation"), f"urn:kobling:message:{name}:{version}", name)


def _written(model: type[BaseModel]) -> JsonObject:
    opened: JsonObject = _without_null(_open(_schema(model, "serialization")))
    return opened


def _schema(model: type[BaseModel], mode: Literal["validation", "serialization"]) -> JsonObject:
    schema: JsonObject = _renamed(model.model_json_schema(mode=mode))
    return schema


def _document(schema: JsonObject, schema_id: str, title: str) -> JsonObject:
    plain = _without_field_titles(schema)
    description = plain.get("description", "")
    head = {"$schema": DIALECT, "$id": schema_id, "title": title, "description": description, "type": "object"}
    return {**head, **{key: value for key, value in plain.items() if key not in head}}


def _renamed(node: Any) -> Any:
    """`Sealed[str]` and `Sealed[int]` are one thing to a reader."""
    if isinstance(node, dict):
        return {
            _SEALED.sub("Sealed", key): _SEALED.sub("Sealed", value) if key == "$ref" else _renamed(value)
            for key, value in node.items()
        }
    return [_renamed(part) for part in node] if isinstance(node, list) else node


def _open(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _open(value) for key, value in node.items() if (key, value) != ("additionalProperties", False)}
    return [_open(part) for part in node] if isinstance(node, list) else node


def _without_null(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_null(part) for part in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("default"), dict):
        node = {**node, "default": {key: value for key, value in node["default"].items() if value is not None}}
    branches = [branch for branch in node.get("anyOf", ()) if branch != {"type": "null"}]
    rest = {key: _without_null(value) for key, value in node.items() if key != "anyOf"}
    if len(branches) == len(node.get("anyOf", ())):
        return {**rest, "anyOf": _without_null(branches)} if branches else rest
    rest.pop("default", None)  # it can only be null
    kept = {"anyOf": _without_null(branches)} if len(branches) > 1 else _without_null(branches[0])
    return {**kept, **rest}


def _without_field_titles(schema: JsonObject) -> JsonObject:
    definitions = {name: _fields_untitled(part) for name, part in schema.get("$defs", {}).items()}
    plain = _fields_untitled({key: value for key, value in schema.items() if key != "$defs"})
    return {**plain, "$defs": definitions} if definitions else plain


def _fields_untitled(schema: JsonObject) -> JsonObject:
    if "properties" not in schema:
        return schema
    fields = {
        name: {key: value for key, value in field.items() if key != "title"}
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": fields}
