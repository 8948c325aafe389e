"""Whether a schema may take the place of an older one within one version.

A stored event must stay readable by the new code, and a reader one release behind must be able to read what the new
code writes. A change that breaks either needs a new schema version and, for events, an upcast.
Keywords these rules do not know count as a break when they change: better asked once too often.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.base import JsonObject
from contracts.publish.catalogue import Direction

_ANNOTATIONS = {"title", "description", "examples", "deprecated", "$schema", "$id", "$defs", "$comment"}
_UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_SHAPES = {"$ref", "type", "enum", "const", "anyOf", "oneOf", "properties", "required", "items", "prefixItems"}
_HANDLED = _ANNOTATIONS | _UPPER | _LOWER | _SHAPES | {"additionalProperties", "propertyNames", "default", "allOf"}


def breaking_changes(old: JsonObject, new: JsonObject, direction: Direction) -> list[str]:
    """Each reason as `path: what`, none when the change is compatible."""
    found: list[str] = []
    if direction in ("stored", "read"):
        found += _Comparison(old, new, "what was written before is refused now").run()
    if direction in ("stored", "written"):
        found += _Comparison(new, old, "a reader of before cannot read it").run()
        found += [f"{path}: the field is gone" for path in _lost(old, new)]
    if direction in ("stored", "read"):
        found += [f"{path}: the default changed, so what is stored would read differently" for path in _moved(old, new)]
    return sorted(set(found))


@dataclass(frozen=True, slots=True)
class _Node:
    """A schema in its document, so that references can be followed."""

    schema: JsonObject
    document: JsonObject

    def at(self, schema: Any) -> "_Node":
        schema = {} if schema is True else {"enum": []} if schema is False else schema
        while "$ref" in schema:
            target: JsonObject = self.document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
            around = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**target, **around} if around else target
        if len(schema.get("allOf", ())) == 1:
            around = {key: value for key, value in schema.items() if key != "allOf"}
            return self.at({**schema["allOf"][0], **around})
        return _Node(schema, self.document)

    @property
    def fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = self.schema.get("properties", {})
        return fields

    @property
    def branches(self) -> "list[_Node]":
        return [self.at(branch) for key in ("anyOf", "oneOf") for branch in self.schema.get(key, ())]

    @property
    def types(self) -> set[str]:
        named = self.schema.get("type", [])
        return {named} if isinstance(named, str) else set(named)

    @property
    def values(self) -> list[Any] | None:
        if "const" in self.schema:
            return [self.schema["const"]]
        values: list[Any] | None = self.schema.get("enum")
        return values


class _Comparison:
    """Why a document valid under `before` may be invalid under `after`."""

    def __init__(self, before: JsonObject, after: JsonObject, why: str) -> None:
        self._before = _Node(before, before)
        self._after = _Node(after, after)
        self._why = why
        self._open: set[tuple[int, int]] = set()

    def run(self) -> Iterator[str]:
        for path, what in self._node(self._before.at(self._before.schema), self._after.at(self._after.schema), ""):
            yield f"{path or 'body'}: {what}: {self._why}"

    def _node(self, before: _Node, after: _Node, path: str) -> Iterator[tuple[str, str]]:
        pair = (id(before.schema), id(after.schema))
        if pair in self._open or (before.schema == after.schema and before.document == after.document):
            return
        self._open.add(pair)
        if before.branches or after.branches:
            yield from self._branches(before, after, path)
        else:
            yield from self._values(before, after, path)
            yield from self._limits(before, after, path)
            yield from self._object(before, after, path)
            yield from self._array(before, after, path)
        self._open.discard(pair)

    def _branches(self, before: _Node, after: _Node, path: str) -> Iterator[tuple[str, str]]:
        for branch in before.branches or [before]:
            if not any(not list(self._node(branch, other, path)) for other in after.branches or [after]):
                yield path, "one of its forms is no longer among the forms"

    def _values(self, before: _Node, after: _Node, path: str) -> Iterator[tuple[str, str]]:
        types = before.types or {_type_of(value) for value in before.values or ()}
        allowed = after.types | ({"integer"} if "number" in after.types else set())
        if after.types and (not types or types - allowed):
            yield path, f"type {_listed(sorted(types))} became {_listed(sorted(after.types))}"
        elif after.values is not None and before.values is None:
            yield path, f"only {_listed(after.values)} is allowed"
        elif missing := [value for value in before.values or () if value not in (after.values or before.values or ())]:
            yield path, f"{_listed(missing)} is not among the values"

    def _limits(self, before: _Node, after: _Node, path: str) -> Iterator[tuple[str, str]]:
        for key in sorted(_UPPER | _LOWER):
            limit, was = after.schema.get(key), before.schema.get(key)
            if limit is not None and (was is None or (was > limit if key in _UPPER else was < limit)):
                yield path, f"{key} {was} became {limit}"
        for key in sorted(set(after.schema) - _HANDLED):
            if after.schema[key] != before.schema.get(key):
                yield path, f"{key} {before.schema.get(key)!r} became {after.schema[key]!r}"

    def _object(self, before: _Node, after: _Node, path: str) -> Iterator[tuple[str, str]]:
        for name in sorted(set(after.schema.get("required", ())) - set(before.schema.get("required", ()))):
            yield _join(path, name), "may be absent on one side and is required on the other"
        rest = after.schema.get("additionalProperties", True)
        for name, field in before.fields.items():
            if name in after.fields:
                yield from self._node(before.at(field), after.at(after.fields[name]), _join(path, name))
            elif rest is False:
                yield _join(path, name), "is an unknown field, and unknown fields are refused"
            elif rest is not True:
                yield from self._node(before.at(field), after.at(rest), _join(path, name))
        others = before.schema.get("additionalProperties", True)
        if others is not False and rest is False and "object" in after.types:
            yield path, "any further field is refused"
        elif isinstance(others, dict) and isinstance(rest, dict):
            yield from self._node(before.at(others), after.at(rest), _join(path, "*"))
        if "propertyNames" in after.schema:
            names = before.at(before.schema.get("propertyNames", {"type": "string"}))
            yield from self._node(names, after.at(after.schema["propertyNames"]), _join(path, "(name)"))

    def _array(self, before: _Node, after: _Node, path: str) -> Iterator[tuple[str, str]]:
        if "items" in after.schema:
            items = before.at(before.schema.get("items", {}))
            yield from self._node(items, after.at(after.schema["items"]), _join(path, "[]"))
        if before.schema.get("prefixItems") != after.schema.get("prefixItems"):
            yield path, "the places of the list changed"


def _lost(old: JsonObject, new: JsonObject) -> Iterator[str]:
    for path, before, after in _pairs(_Node(old, old), _Node(new, new), "", ()):
        yield from (_join(path, name) for name in before.fields if name not in after.fields)


def _moved(old: JsonObject, new: JsonObject) -> Iterator[str]:
    for path, before, after in _pairs(_Node(old, old), _Node(new, new), "", ()):
        for name in before.fields.keys() & after.fields.keys():
            first, then = before.at(before.fields[name]).schema, after.at(after.fields[name]).schema
            if "default" in first and first["default"] != then.get("default"):
                yield _join(path, name)


def _pairs(before: _Node, after: _Node, path: str, above: tuple[str, ...]) -> Iterator[tuple[str, _Node, _Node]]:
    """Every object that stands at the same place in both documents."""
    if len(above) > 12:
        return
    before, after = before.at(before.schema), after.at(after.schema)
    yield path, before, after
    for name in before.fields.keys() & after.fields.keys():
        yield from _pairs(
            before.at(before.fields[name]), after.at(after.fields[name]), _join(path, name), (*above, name)
        )
    for key in ("items", "additionalProperties"):
        if isinstance(before.schema.get(key), dict) and isinstance(after.schema.get(key), dict):
            yield from _pairs(
                before.at(before.schema[key]), after.at(after.schema[key]), _join(path, "[]"), (*above, key)
            )
    if len(before.branches) == len(after.branches):
        for first, then in zip(before.branches, after.branches, strict=True):
            yield from _pairs(first, then, path, (*above, "anyOf"))


def _type_of(value: Any) -> str:
    return {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}[type(value)]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _listed(values: Any) -> str:
    return ", ".join(str(value) for value in values) or "any"
