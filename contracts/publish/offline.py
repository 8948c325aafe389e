"""What a service answers and listens to, read from its composition root with no engine running.

The generator looks at the services from outside, so they are imported by name when it runs: nothing that a service
runs imports this package (a test holds it to that), and `contracts` keeps importing nothing of ours.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contracts.base import JsonObject


@dataclass(frozen=True, slots=True)
class Described:
    """`handles`: topic → the names of the events read from it; `inbounds`: patterns of topics of others."""

    openapi: JsonObject
    handles: dict[str, tuple[str, ...]]
    inbounds: tuple[str, ...]


def describe(service: str) -> Described | None:
    """None while the service has no composition root."""
    if find_spec(f"services.{service}") is None or find_spec(f"services.{service}.app") is None:
        return None
    with TemporaryDirectory() as scratch:
        parts = built(service, Path(scratch))
        document: JsonObject = app_of(service, parts).openapi()
        return Described(document, _handles(parts), tuple(found.pattern for found in parts.inbounds))


def built(service: str, scratch: Path) -> Any:
    """What the composition root of the service gives back, on adapters that connect to nothing."""
    return import_module(f"services.{service}.app").build(_runtime(scratch))


def app_of(service: str, parts: Any) -> Any:
    """The HTTP application made of these parts; it is there to be looked at and answers nobody."""
    keyring = _chassis("keyring").MemoryKeyring()
    return _chassis("http").create_app(
        service,
        parts.routers,
        verifier=None,
        health=_chassis("observability").Health(),
        derive_key=keyring.derive_key,
        sentences=parts.sentences,
    )


def _runtime(scratch: Path) -> Any:
    clock = _chassis("clock").SystemClock()
    database = import_module("pymongo").AsyncMongoClient("mongodb://nowhere.invalid", connect=False)["offline"]
    settings = _chassis("settings").Settings(
        kafka="nowhere.invalid:9092",
        mongo="mongodb://nowhere.invalid",
        kms_dir=scratch,
        issuer="https://nowhere.invalid",
    )
    return _chassis("service").Runtime(
        settings=settings,
        clock=clock,
        commands=_chassis("command_handler").CommandHandler(_chassis("event_store.memory").MemoryEventStore(), clock),
        read_models=_chassis("read_models").ReadModels(database, clock=clock),
        keyring=_chassis("keyring").MemoryKeyring(),
        publisher=_chassis("publisher").Publisher(settings.kafka),
        trail=_chassis("audit").MemoryTrail(),
        erasures=_chassis("erasures").ErasureLedger(database, scratch),
    )


def _handles(parts: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    plans = [plan.projection for plan in parts.timers]
    for reader in (*parts.projections, *parts.reactions, *plans):
        for cls in reader.handles:
            topic = f"{cls.event_type.partition('.')[0]}.events"
            found.setdefault(topic, set()).add(cls.event_type)
    return {topic: tuple(sorted(names)) for topic, names in sorted(found.items())}


def _chassis(module: str) -> Any:
    return import_module(f"chassis.{module}")
