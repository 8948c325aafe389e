"""In which part of the town does somebody say they are at home? Only asked for members, by id (S1.17).

Where an address is protected, of nobody's, until they state it again (S2.9).
"""

from collections.abc import Collection

from chassis.keyring import Keyring, open_models
from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import AddressProtected, Profile, ProfileDescribed
from contracts.sealed import Sealed
from contracts.topics import INTAKE


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case ProfileDescribed(told=told):
            return {"told": {"subject": told.subject, "sealed": told.token}}
        case AddressProtected():
            return None
        case _:
            return body


areas = Projection(
    name="areas",
    version=3,
    topics=(INTAKE,),
    handles=(ProfileDescribed, AddressProtected),
    keys=_keys,
    fold=_fold,
)


async def areas_of(reading: ReadModels, keyring: Keyring, tenant: str, person_ids: Collection[str]) -> dict[str, str]:
    """The areas of those who said one, opened."""
    names = [f"{tenant}/{person_id}" for person_id in person_ids]
    found = await reading.find(areas, tenant, {"_id": {"$in": names}}, limit=0)
    sealed: list[Sealed[Profile]] = [Sealed(one["told"]["subject"], one["told"]["sealed"]) for one in found]
    profiles = await open_models(keyring, tenant, Profile, sealed)
    said = {one["_id"].partition("/")[2]: profile for one, profile in zip(found, profiles, strict=True)}
    return {person_id: profile.area for person_id, profile in said.items() if profile and profile.area}
