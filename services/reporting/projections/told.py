"""Who told of lived experience, for which purposes, and since when? Sealed, and asked for by person only (S2.13).

It is no row among the facts: nobody can be found by it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel

from chassis.keyring import Keyring
from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import LivedExperienceTakenBack, LivedExperienceTold
from contracts.sealed import Redacted, Sealed
from contracts.topics import INTAKE

FIGURES = "figures"


class Word(BaseModel):
    """One thing said; `purposes` None takes back what was told before."""

    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    purposes: Sealed[tuple[str, ...]] | None = None


class Told(BaseModel):
    """Everything one person said of it, oldest first."""

    said: list[Word]

    def last(self, *, before: datetime, known_before: datetime | None) -> Word | None:
        """What held at that instant, as known before another."""
        held = [
            word
            for word in self.said
            if word.happened_at < before and (known_before is None or word.recorded_at < known_before)
        ]
        return held[-1] if held else None


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case LivedExperienceTold(person_id=person_id) | LivedExperienceTakenBack(person_id=person_id):
            return (f"{recorded.tenant}/{person_id}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case LivedExperienceTold(told_at=at, purposes=purposes):
            word = Word(happened_at=at, recorded_at=recorded.origin.recorded_at, purposes=purposes)
        case LivedExperienceTakenBack(taken_back_at=at):
            word = Word(happened_at=at, recorded_at=recorded.origin.recorded_at)
        case _:
            return body
    return {"said": [*(body or {}).get("said", []), word.model_dump(mode="json")]}


told = Projection(
    name="told",
    version=1,
    topics=(INTAKE,),
    handles=(LivedExperienceTold, LivedExperienceTakenBack),
    keys=_keys,
    fold=_fold,
)


async def told_for_figures(
    reading: ReadModels,
    keyring: Keyring,
    *,
    tenant: str,
    persons: Collection[str],
    before: datetime,
    known_before: datetime | None,
) -> int:
    """How many of these had told of lived experience for figures, and not taken it back. Erased persons are nobody."""
    ids = [f"{tenant}/{person}" for person in persons]
    found = await reading.find(told, tenant, {"_id": {"$in": ids}}, limit=0)
    words = [Told.model_validate(one).last(before=before, known_before=known_before) for one in found]
    opened: Sequence[Any] = await keyring.open_many(
        tenant, [word.purposes for word in words if word is not None and word.purposes is not None]
    )
    return sum(not isinstance(purposes, Redacted) and FIGURES in purposes for purposes in opened)
