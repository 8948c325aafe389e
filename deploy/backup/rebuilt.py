"""Read models folded anew from restored events, in memory, and compared with those that were restored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from bson import decode, encode
from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit import MemoryTrail
from chassis.clock import SystemClock
from chassis.command_handler import CommandHandler
from chassis.erasures import ErasureLedger
from chassis.event_store.memory import MemoryEventStore
from chassis.keyring import MemoryKeyring
from chassis.projection import Held, Projection
from chassis.publisher import Publisher
from chassis.read_models import ReadModels
from chassis.rebuild import COLLECTION, collection_name, live_generation
from chassis.service import Runtime
from chassis.settings import Settings
from contracts.envelope import RecordedEvent
from deploy.backup.proof import NotProven, commits_of

Json = dict[str, Any]

_AS_STORED: CodecOptions[Json] = CodecOptions(tz_aware=True)


@dataclass(slots=True)
class ReadModel:
    """One read model, being folded. `behind` counts what its reader had still to read when the backup was taken."""

    service: str
    projection: Projection
    held: dict[str, Held] = field(default_factory=dict)
    equal: int = 0
    behind: int = 0

    def take(self, recorded: RecordedEvent, stream: str) -> None:
        if not isinstance(recorded.event, self.projection.handles):
            return
        for key in self.projection.touched(recorded):
            held = self.held.setdefault(key, Held.absent())
            self.projection.take(held, recorded, key)
            held.streams[stream] = recorded.position


async def rebuilt(databases: Mapping[str, AsyncDatabase[Json]]) -> list[ReadModel]:
    """Every read model of every service, compared document by document. Raises NotProven.

    Timers are left out: what is due is also a matter of what has fired.
    """
    models = [
        ReadModel(service, projection)
        for service, database in databases.items()
        for projection in _projections(service, database)
    ]
    for source, database in databases.items():
        readers = [model for model in models if f"{source}.events" in model.projection.topics]
        async for commit in commits_of(database):
            stream = str(commit.stream)
            for recorded in (one for one in commit.recorded() if not one.event.internal):
                for model in readers:
                    model.take(recorded, stream)
    for model in models:
        await _compare(model, databases[model.service])
    return models


def _projections(service: str, database: AsyncDatabase[Json]) -> Iterable[Projection]:
    """What the composition root of the service names, on adapters that reach nothing but the restored database."""
    clock, nowhere = SystemClock(), "nowhere.invalid"
    settings = Settings(kafka=nowhere, mongo=f"mongodb://{nowhere}", kms_dir=Path(nowhere), issuer=f"https://{nowhere}")
    runtime = Runtime(
        settings=settings,
        clock=clock,
        commands=CommandHandler(MemoryEventStore(), clock),
        read_models=ReadModels(database, clock=clock),
        keyring=MemoryKeyring(),
        publisher=Publisher(settings.kafka),
        trail=MemoryTrail(),
        erasures=ErasureLedger(database, Path(nowhere)),
    )
    return [*import_module(f"services.{service}.app").build(runtime).projections]


async def _compare(model: ReadModel, database: AsyncDatabase[Json]) -> None:
    name = model.projection.name
    registered = await database[COLLECTION].find_one({"_id": name})
    if registered is None or registered["version"] != model.projection.version:
        model.behind = len(model.held)  # this code's version has never answered there: nothing to compare with
        return
    collection = database[collection_name(name, await live_generation(database, name))]
    seen = set()
    async for document in collection.find():
        stored, key = Held.stored(document), document["_id"]
        seen.add(key)
        _compare_one(f"{model.service}.{name}: {key}", model, stored, model.held.get(key) or Held.absent())
    model.behind += sum(held.body is not None for key, held in model.held.items() if key not in seen)


def _compare_one(place: str, model: ReadModel, stored: Held, folded: Held) -> None:
    if any(position > folded.streams.get(stream, 0) for stream, position in stored.streams.items()):
        raise NotProven(f"{place} has folded an event that no restored store knows")
    if stored.streams != folded.streams:
        model.behind += 1
        return
    if not stored.is_erased and stored.body != _as_stored(folded.body):
        raise NotProven(f"{place} is another document when it is folded anew")
    model.equal += 1


def _as_stored(body: Json | None) -> Json | None:
    """BSON knows milliseconds and lists only."""
    return None if body is None else decode(encode(body), _AS_STORED)
