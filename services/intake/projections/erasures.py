"""Who is leaving without a trace, and which erasures take too long? (S2.3)"""

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ErasureAsked, ErasureOverdue, KeyDestroyed, PersonErased, ReceiptNoted
from contracts.topics import INTAKE
from services.intake.domain.person_leaving import SERVICES


class ErasureDocument(BaseModel):
    """`waiting_for` are the services that have not answered yet."""

    person_id: str
    asked_at: AwareDatetime
    overdue_at: AwareDatetime
    key_destroyed_at: AwareDatetime | None = None
    waiting_for: list[str]
    is_overdue: bool = False
    erased_at: AwareDatetime | None = None
    is_open: bool = True


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case ErasureAsked(person_id=person_id, asked_at=asked_at, overdue_at=overdue_at):
            known = ErasureDocument(
                person_id=person_id, asked_at=asked_at, overdue_at=overdue_at, waiting_for=sorted(SERVICES)
            )
            return known.model_dump(mode="json")
        case _ if body is None:
            return None
        case KeyDestroyed(destroyed_at=at):
            return body | {"key_destroyed_at": at.isoformat()}
        case ReceiptNoted(service=service):
            return body | {"waiting_for": [one for one in body["waiting_for"] if one != service]}
        case ErasureOverdue():
            return body | {"is_overdue": True}
        case PersonErased(erased_at=at):
            return body | {"erased_at": at.isoformat(), "is_open": False, "is_overdue": False}
        case _:
            return body


erasures = Projection(
    name="erasures",
    version=1,
    topics=(INTAKE,),
    handles=(ErasureAsked, KeyDestroyed, ReceiptNoted, ErasureOverdue, PersonErased),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("is_open", "asked_at", "person_id")),),
)


async def erasure_of(
    reading: ReadModels, tenant: str, person_id: str, *, at_least: Position | None = None
) -> ErasureDocument | None:
    found = await reading.get(erasures, tenant, person_id, min_position=at_least)
    return None if found is None else ErasureDocument.model_validate(found)


async def open_erasures(reading: ReadModels, tenant: str, *, overdue_only: bool, limit: int) -> list[ErasureDocument]:
    """The oldest first."""
    query: JsonObject = {"is_open": True} | ({"is_overdue": True} if overdue_only else {})
    sort = (("asked_at", 1), ("person_id", 1))
    found = await reading.find(erasures, tenant, query, sort=sort, limit=limit)
    return [ErasureDocument.model_validate(document) for document in found]
