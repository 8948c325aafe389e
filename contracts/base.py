"""What an event is: a frozen model with a literal name and a schema version that outlive the code."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

JsonObject = dict[str, Any]
Upcast = Callable[[JsonObject], JsonObject]


class Event(BaseModel):
    """A fact that happened. Stored and published as JSON, under the aliases that its schema shows."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    event_type: ClassVar[str]
    schema_version: ClassVar[int]
    internal: ClassVar[bool]


E = TypeVar("E", bound=type[Event])

_classes: dict[str, type[Event]] = {}
_upcasts: dict[tuple[str, int], Upcast] = {}


class UndecodableEvent(Exception):
    """The event cannot be read here; `rule` is a fixed word, `field` the JSON path at fault or ""."""

    def __init__(self, rule: str, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.field = field


def event(name: str, *, version: int, internal: bool = False) -> Callable[[E], E]:
    """Register a class as the current schema of the event `name`; `internal` events are never relayed."""

    def register(cls: E) -> E:
        if name in _classes and _classes[name].__qualname__ != cls.__qualname__:
            raise ValueError(f"event {name} is registered twice: {_classes[name].__qualname__}, {cls.__qualname__}")
        cls.event_type, cls.schema_version, cls.internal = name, version, internal
        _classes[name] = cls
        return cls

    return register


def upcast(name: str, *, from_version: int) -> Callable[[Upcast], Upcast]:
    """Register the step that turns the JSON of `from_version` into that of the version after it."""

    def register(step: Upcast) -> Upcast:
        _upcasts[name, from_version] = step
        return step

    return register


def event_classes() -> dict[str, type[Event]]:
    """Every registered event by its name."""
    return dict(_classes)


def encode(event: Event) -> str:
    """The JSON text that is stored and sent, byte for byte the same."""
    return event.model_dump_json(by_alias=True, exclude_none=True)


def decode(event_type: str, schema_version: int, body: str | bytes) -> Event:
    """Read a stored or received event, upcasting an older schema.

    Fields of later writers are ignored at every depth, also in parts that refuse them elsewhere (`extra="forbid"`).
    Raises UndecodableEvent with rule unknown_event_type, newer_schema_version, no_upcast or malformed_event.
    """
    cls = _classes.get(event_type)
    if cls is None:
        raise UndecodableEvent("unknown_event_type", "ce_type", f"no event is called {event_type!r} here")
    try:
        if schema_version == cls.schema_version:
            return cls.model_validate_json(body, extra="ignore")
        return cls.model_validate(_upcasted(cls, schema_version, body), extra="ignore")
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise UndecodableEvent("malformed_event", path, f"{event_type}: {path or 'body'}: {first['msg']}") from None
    except ValueError as fault:
        raise UndecodableEvent("malformed_event", "", f"{event_type}: not JSON: {fault}") from None


def _upcasted(cls: type[Event], schema_version: int, body: str | bytes) -> JsonObject:
    name = cls.event_type
    if schema_version > cls.schema_version:
        sentence = f"{name} is known up to schema version {cls.schema_version}, this one has {schema_version}"
        raise UndecodableEvent("newer_schema_version", "ce_schemaversion", sentence)
    data: Any = from_json(body)
    if not isinstance(data, dict):
        raise UndecodableEvent("malformed_event", "", f"{name}: the body is not an object")
    return _climbed(name, schema_version, cls.schema_version, data)


def _climbed(name: str, from_version: int, to_version: int, data: JsonObject) -> JsonObject:
    for version in range(from_version, to_version):
        step = _upcasts.get((name, version))
        if step is None:
            raise UndecodableEvent("no_upcast", "ce_schemaversion", f"{name}: no upcast from version {version}")
        try:
            data = step(data)
        except (LookupError, TypeError, AttributeError) as fault:
            sentence = f"{name}: the upcast from version {version} met {fault!r}"
            raise UndecodableEvent("malformed_event", "", sentence) from None
    return data
