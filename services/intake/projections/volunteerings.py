"""How far is each volunteer, with a date for each step: applied, trained, approved (S2.10, S4.18)?"""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import (
    ApprovalLapsed,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerDeclined,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from contracts.topics import INTAKE

Standing = Literal["none", "applied", "declined", "left"]


class VolunteeringDocument(BaseModel):
    """`approved_roles` is empty while nothing is approved; `hours` by session are those attended."""

    volunteering_id: str
    person_id: str
    programme: str
    standing: Standing = "none"
    roles: tuple[str, ...] = ()
    recruitment_source: str | None = None
    applied_at: AwareDatetime | None = None
    hours: dict[str, float] = {}
    is_approved: bool = False
    approved_roles: tuple[str, ...] = ()
    policy_version: int | None = None
    approved_at: AwareDatetime | None = None
    valid_until: date | None = None
    is_suspended: bool = False


VolunteeringEvent = (
    VolunteerApplied
    | TrainingAttended
    | VolunteerApproved
    | ApprovalLapsed
    | VolunteerDeclined
    | VolunteerSuspended
    | VolunteerReinstated
    | VolunteerLeft
)


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event = recorded.event
    if not isinstance(event, VolunteeringEvent):
        return body
    first = {"volunteering_id": recorded.stream.id, "person_id": event.person_id, "programme": event.programme}
    known = VolunteeringDocument.model_validate(body or first)
    _apply(known, event)
    return known.model_dump(mode="json")


def _apply(known: VolunteeringDocument, event: VolunteeringEvent) -> None:
    match event:
        case VolunteerApplied(roles=roles, applied_at=at, recruitment_source=source):
            known.standing, known.roles, known.applied_at = "applied", roles, at
            known.recruitment_source = source or known.recruitment_source
        case TrainingAttended(session=session, hours=hours):
            known.hours[session] = hours
        case VolunteerApproved(roles=roles, policy_version=version, approved_at=at, valid_until=until):
            known.is_approved, known.approved_roles = True, roles
            known.policy_version, known.approved_at, known.valid_until = version, at, until
        case ApprovalLapsed():
            known.is_approved, known.approved_roles = False, ()
        case VolunteerDeclined():
            known.standing, known.roles = "declined", ()
        case VolunteerSuspended() | VolunteerReinstated():
            known.is_suspended = isinstance(event, VolunteerSuspended)
        case VolunteerLeft():
            known.standing, known.roles, known.is_approved, known.approved_roles = "left", (), False, ()


volunteerings = Projection(
    name="volunteerings",
    version=1,
    topics=(INTAKE,),
    handles=(
        VolunteerApplied,
        TrainingAttended,
        VolunteerApproved,
        ApprovalLapsed,
        VolunteerDeclined,
        VolunteerSuspended,
        VolunteerReinstated,
        VolunteerLeft,
    ),
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("volunteering_id",)),
        IndexSpec(("programme", "standing", "volunteering_id")),
        IndexSpec(("programme", "is_approved", "volunteering_id")),
    ),
)


async def volunteerings_after(
    reading: ReadModels,
    tenant: str,
    *,
    programme: str | None = None,
    standing: Standing | None = None,
    is_approved: bool | None = None,
    after: str = "",
    limit: int,
    at_least: Position | None = None,
) -> list[VolunteeringDocument]:
    """In the order of their ids."""
    asked = {"programme": programme, "standing": standing, "is_approved": is_approved}
    query: JsonObject = {field: value for field, value in asked.items() if value is not None}
    query["volunteering_id"] = {"$gt": after}
    sort = (("volunteering_id", 1),)
    found = await reading.find(volunteerings, tenant, query, sort=sort, limit=limit, min_position=at_least)
    return [VolunteeringDocument.model_validate(document) for document in found]
