"""Which pairs are never brought together? By token only; whoever is kept apart hears nothing of the other (S2.9)."""

from collections.abc import Collection

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import PairFreed, PairHeld
from contracts.topics import INTAKE


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case PairHeld():
            return {"is_held": True}
        case PairFreed():
            return None
        case _:
            return body


pairs = Projection(name="pairs", version=1, topics=(INTAKE,), handles=(PairHeld, PairFreed), keys=_keys, fold=_fold)


async def held_among(reading: ReadModels, tenant: str, tokens: Collection[str]) -> set[str]:
    """Those of these tokens that are held."""
    names = [f"{tenant}/{token}" for token in tokens]
    found = await reading.find(pairs, tenant, {"_id": {"$in": names}}, limit=0)
    return {document["_id"].partition("/")[2] for document in found}
