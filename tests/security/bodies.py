"""A body that a door would understand, made from the document of its service: else its 422 would hide its 404."""

from typing import Any

from contracts.base import JsonObject

_FORMATS = {
    "date-time": "2099-05-17T12:00:00Z",
    "date": "2099-05-17",
    "time": "12:00:00Z",
    "email": "ida.oppdiktet@example.org",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "duration": "P1D",
}

_KNOWN = {"zone": "Europe/Oslo"}  # what a rule asks for that no schema can say
_NOTHING_ASKED = {"AmendmentBody": {"what": "Something else."}, "BlockBody": {"email": "ida.oppdiktet@example.org"}}


def body_of(document: JsonObject, operation: JsonObject) -> Any:
    """The least that is asked for; None where no body is."""
    if "requestBody" not in operation:
        return None
    return _value(operation["requestBody"]["content"]["application/json"]["schema"], document)


def _value(schema: JsonObject, document: JsonObject) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _NOTHING_ASKED.get(name) or _value(document["components"]["schemas"][name], document)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return _value(next(choice for choice in schema[choices] if choice.get("type") != "null"), document)
    match schema.get("type"):
        case "object":
            shapes = schema.get("properties", {})
            needed = schema.get("required", ())
            return {name: _KNOWN.get(name) or _value(shapes[name], document) for name in needed}
        case "array":
            return [_value(schema["items"], document)] * schema.get("minItems", 0)
        case "integer" | "number":
            return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
        case "boolean":
            return True
        case "string":
            return _FORMATS.get(schema.get("format", ""), "a" * max(1, schema.get("minLength", 1)))
        case _:
            return None
