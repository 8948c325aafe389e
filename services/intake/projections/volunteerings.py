"""How far is each volunteer, what have they shown, whose approval ends soon (S2.10, S2.24, S2.25, S4.18)?"""

from dataclasses import dataclass
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
    CertificateShown,
    ConfidentialityDue,
    ConfidentialitySigned,
    GuidanceGiven,
    InterviewHeld,
    RecruitmentSource,
    TrainingAttended,
    TrustGiven,
    TrustTakenBack,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerDeclined,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from contracts.topics import INTAKE
from services.intake.domain.requirements import Shown

Standing = Literal["none", "applied", "declined", "left"]


class VolunteeringDocument(BaseModel):
    """`approved_roles` is empty while nothing is approved; `sessions` and `guidance` have the newest word on each.

    `ends_by` is the earlier of the last day of the approval and the day to sign a newer text.
    """

    volunteering_id: str
    person_id: str
    programme: str
    standing: Standing = "none"
    roles: tuple[str, ...] = ()
    recruitment_source: RecruitmentSource | None = None
    applied_at: AwareDatetime | None = None
    sessions: dict[str, TrainingAttended] = {}
    signed: tuple[str, ...] = ()
    certificates: tuple[CertificateShown, ...] = ()
    interview: InterviewHeld | None = None
    guidance: dict[str, GuidanceGiven] = {}
    is_approved: bool = False
    approved_roles: tuple[str, ...] = ()
    policy_version: int | None = None
    approved_at: AwareDatetime | None = None
    valid_until: date | None = None
    text_to_sign: str | None = None
    sign_by: date | None = None
    ends_by: date | None = None
    trust: tuple[str, ...] = ()
    is_suspended: bool = False

    @property
    def shown(self) -> Shown:
        return Shown(
            sessions=self.sessions,
            signed=frozenset(self.signed),
            certificates={seen.kind: seen for seen in self.certificates},
            interview=self.interview,
        )


ShownEvent = TrainingAttended | ConfidentialitySigned | CertificateShown | InterviewHeld | GuidanceGiven
VolunteeringEvent = (
    ShownEvent
    | VolunteerApplied
    | ConfidentialityDue
    | TrustGiven
    | TrustTakenBack
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
    if isinstance(event, ShownEvent):
        _show(known, event)
    else:
        _decide(known, event)
    ends = [day for day in (known.valid_until, known.sign_by) if day is not None]
    known.ends_by = min(ends, default=None) if known.is_approved else None
    return known.model_dump(mode="json")


def _show(known: VolunteeringDocument, event: ShownEvent) -> None:
    match event:
        case TrainingAttended(session=session):
            known.sessions[session] = event
        case ConfidentialitySigned(text_version=text_version):
            known.signed = (*known.signed, text_version)
            if known.text_to_sign == text_version:
                known.text_to_sign, known.sign_by = None, None
        case CertificateShown(kind=kind):
            known.certificates = (*(seen for seen in known.certificates if seen.kind != kind), event)
        case InterviewHeld():
            known.interview = event
        case GuidanceGiven(session=session):
            known.guidance[session] = event


def _decide(known: VolunteeringDocument, event: VolunteeringEvent) -> None:
    match event:
        case VolunteerApplied(roles=roles, applied_at=at, recruitment_source=source):
            known.standing, known.roles, known.applied_at = "applied", roles, at
            known.recruitment_source = source or known.recruitment_source
        case VolunteerApproved(roles=roles, policy_version=version, approved_at=at, valid_until=until):
            known.is_approved, known.approved_roles = True, roles
            known.policy_version, known.approved_at, known.valid_until = version, at, until
            known.text_to_sign, known.sign_by = None, None
        case ConfidentialityDue(text_version=text_version, sign_by=day):
            known.text_to_sign, known.sign_by = text_version, day
        case ApprovalLapsed():
            _end(known)
        case TrustGiven(level=level):
            known.trust = (*known.trust, level)
        case TrustTakenBack(level=level):
            known.trust = tuple(held for held in known.trust if held != level)
        case VolunteerDeclined():
            known.standing, known.roles = "declined", ()
        case VolunteerSuspended() | VolunteerReinstated():
            known.is_suspended = isinstance(event, VolunteerSuspended)
        case VolunteerLeft():
            known.standing, known.roles, known.trust = "left", (), ()
            _end(known)
        case _:
            return


def _end(known: VolunteeringDocument) -> None:
    known.is_approved, known.approved_roles = False, ()
    known.text_to_sign, known.sign_by = None, None


volunteerings = Projection(
    name="volunteerings",
    version=3,
    topics=(INTAKE,),
    handles=(
        VolunteerApplied,
        TrainingAttended,
        ConfidentialitySigned,
        CertificateShown,
        InterviewHeld,
        GuidanceGiven,
        ConfidentialityDue,
        VolunteerApproved,
        ApprovalLapsed,
        TrustGiven,
        TrustTakenBack,
        VolunteerDeclined,
        VolunteerSuspended,
        VolunteerReinstated,
        VolunteerLeft,
    ),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("volunteering_id",)),
        IndexSpec(("person_id", "volunteering_id")),
        IndexSpec(("programme", "standing", "volunteering_id")),
        IndexSpec(("programme", "is_approved", "volunteering_id")),
        IndexSpec(("ends_by", "volunteering_id")),
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What narrows the list; what is None does not."""

    programme: str | None = None
    person_id: str | None = None
    standing: Standing | None = None
    is_approved: bool | None = None
    ends_by: date | None = None

    @property
    def query(self) -> JsonObject:
        equal = {
            "programme": self.programme,
            "person_id": self.person_id,
            "standing": self.standing,
            "is_approved": self.is_approved,
        }
        found: JsonObject = {field: value for field, value in equal.items() if value is not None}
        if self.ends_by is not None:
            found["ends_by"] = {"$ne": None, "$lte": self.ends_by.isoformat()}
        return found


async def volunteerings_after(
    reading: ReadModels,
    tenant: str,
    asked: Asked,
    *,
    after: str = "",
    limit: int,
    at_least: Position | None = None,
) -> list[VolunteeringDocument]:
    """In the order of their ids."""
    query = asked.query | {"volunteering_id": {"$gt": after}}
    sort = (("volunteering_id", 1),)
    found = await reading.find(volunteerings, tenant, query, sort=sort, limit=limit, min_position=at_least)
    return [VolunteeringDocument.model_validate(document) for document in found]


async def volunteerings_of(reading: ReadModels, tenant: str, person_id: str) -> list[VolunteeringDocument]:
    """All of one person's, in every programme."""
    found = await reading.find(volunteerings, tenant, {"person_id": person_id}, sort=(("volunteering_id", 1),), limit=0)
    return [VolunteeringDocument.model_validate(document) for document in found]
