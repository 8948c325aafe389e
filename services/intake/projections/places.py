"""What is in the directory: organisations, centres, partners, schools, firms (S1.26, S3.24, S3.81)."""

from datetime import date

from pydantic import BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import PlaceDelisted, PlaceListed, PlaceNamed, PlaceOpened
from contracts.topics import INTAKE
from services.intake.projections.found import Found, version_of


class PlaceName(BaseModel):
    """What one audience calls it, and places like it together."""

    name: str
    collective: str | None = None


class PlaceDocument(BaseModel):
    """`names` are those in use now, by audience; `earlier_names` what it was called before, oldest first."""

    place_id: str
    kind: str = ""
    name: str = ""
    sector: str = ""
    country: str = ""
    zone: str = ""
    organisation_number: str | None = None
    parent: str | None = None
    postcode: str | None = None
    contact_role: str = ""
    opens_on: date | None = None
    names: dict[str, PlaceName] = {}
    earlier_names: list[str] = []


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    known = PlaceDocument.model_validate(body or {"place_id": recorded.stream.id})
    match recorded.event:
        case PlaceListed() as listed:
            known = known.model_copy(update=listed.model_dump())
        case PlaceOpened(opens_on=opens_on):
            known.opens_on = opens_on
        case PlaceNamed(audience=audience, name=name, collective=collective):
            before = known.names.get(audience)
            known.earlier_names += [before.name] if before is not None and before.name != name else []
            known.names[audience] = PlaceName(name=name, collective=collective)
        case PlaceDelisted():
            return None
        case _:
            return body
    return known.model_dump(mode="json")


places = Projection(
    name="places",
    version=1,
    topics=(INTAKE,),
    handles=(PlaceListed, PlaceOpened, PlaceNamed, PlaceDelisted),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("place_id",)), IndexSpec(("kind", "place_id"))),
)


async def place_of(
    reading: ReadModels, tenant: str, place_id: str, *, at_least: Position | None = None
) -> Found[PlaceDocument] | None:
    found = await reading.get(places, tenant, place_id, min_position=at_least)
    return None if found is None else Found(PlaceDocument.model_validate(found), version_of(found))


async def places_after(
    reading: ReadModels,
    tenant: str,
    *,
    kind: str | None = None,
    after: str = "",
    limit: int,
    at_least: Position | None = None,
) -> list[PlaceDocument]:
    """In the order of their ids."""
    query: JsonObject = {"place_id": {"$gt": after}} | ({} if kind is None else {"kind": kind})
    found = await reading.find(places, tenant, query, sort=(("place_id", 1),), limit=limit, min_position=at_least)
    return [PlaceDocument.model_validate(document) for document in found]
