"""In which part of the town does somebody say they are at home? Only asked for members, by id (S1.17)."""

from collections.abc import Collection

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ProfileDescribed
from contracts.topics import INTAKE


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case ProfileDescribed(area=area):
            return None if area is None else {"area": area}
        case _:
            return body


areas = Projection(name="areas", version=1, topics=(INTAKE,), handles=(ProfileDescribed,), keys=_keys, fold=_fold)


async def areas_of(reading: ReadModels, tenant: str, person_ids: Collection[str]) -> dict[str, str]:
    """The areas of those who said one."""
    names = [f"{tenant}/{person_id}" for person_id in person_ids]
    found = await reading.find(areas, tenant, {"_id": {"$in": names}}, limit=0)
    return {document["_id"].partition("/")[2]: document["area"] for document in found}
