"""An example of everything published: deterministic, realistic, invented.

The value of a field comes from `values.py` by its name, so that one story runs through all examples.
"""

from typing import Any

from contracts.base import JsonObject
from contracts.publish.values import OF_FIELD, ONLY_HERE


def example(schema: JsonObject, name: str, *, least: bool = False) -> JsonObject:
    """An object that is valid under the schema, with every field or with the required ones only.

    Raises LookupError naming the field that has no value yet.
    """
    made: JsonObject = _Example(schema, name, least).of(schema, "")
    return made


class _Example:
    def __init__(self, document: JsonObject, name: str, least: bool) -> None:
        self._document = document
        self._name = name
        self._least = least

    def of(self, schema: JsonObject, field: str) -> Any:
        if schema.get("$ref") == "#/$defs/Sealed":
            return {"subject": OF_FIELD["subject"], "sealed": OF_FIELD["sealed"]}
        for found in (ONLY_HERE.get(f"{self._name}#{field}"), _first_of(schema), OF_FIELD.get(field)):
            if found is not None:
                return [found] if schema.get("type") == "array" and not isinstance(found, list) else found
        if "$ref" in schema:
            return self.of(self._document["$defs"][schema["$ref"].removeprefix("#/$defs/")], field)
        if "anyOf" in schema:
            return self.of(next(part for part in schema["anyOf"] if part != {"type": "null"}), field)
        return self._by_type(schema, field)

    def _by_type(self, schema: JsonObject, field: str) -> Any:
        match schema.get("type"):
            case "object" if "properties" in schema:
                wanted = schema.get("required", []) if self._least else schema["properties"]
                return {name: self.of(part, name) for name, part in schema["properties"].items() if name in wanted}
            case "array":
                return [self.of(schema["items"], field)]
            case "boolean":
                return True
            case "integer" | "number":
                return schema.get("minimum", 1)
            case _:
                raise LookupError(f"give {self._name}#{field} an example value in contracts/publish/values.py")


def _first_of(schema: JsonObject) -> Any:
    return schema["const"] if "const" in schema else next(iter(schema.get("enum", ())), None)
