"""What is known of one person's way to help in one programme, folded from its events."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from contracts.base import Event
from contracts.intake import (
    ApprovalLapsed,
    CertificateShown,
    ConfidentialitySigned,
    InterviewHeld,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerDeclined,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from services.intake.domain.requirements import Shown


class Standing(StrEnum):
    NONE = "none"
    APPLIED = "applied"
    DECLINED = "declined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Volunteering:
    """`roles` are those applied for, `approval` what is in force, `lapsed` the roles that come back once met again."""

    person_id: str = ""
    programme: str = ""
    standing: Standing = Standing.NONE
    roles: frozenset[str] = frozenset()
    shown: Shown = field(default_factory=Shown)
    approval: VolunteerApproved | None = None
    lapsed: frozenset[str] = frozenset()
    approved_by: str = ""
    is_suspended: bool = False

    @property
    def approved_roles(self) -> frozenset[str]:
        return frozenset(self.approval.roles) if self.approval is not None else frozenset()


def evolve(state: Volunteering, event: Event) -> Volunteering:
    match event:
        case TrainingAttended() | ConfidentialitySigned() | CertificateShown() | InterviewHeld():
            known = replace(state, person_id=event.person_id, programme=event.programme)
            return replace(known, shown=_with(state.shown, event))
        case VolunteerApplied(person_id=person_id, programme=programme, roles=roles):
            return replace(
                state, person_id=person_id, programme=programme, standing=Standing.APPLIED, roles=frozenset(roles)
            )
        case VolunteerApproved(roles=roles, approved_by=by):
            return replace(state, approval=event, lapsed=state.lapsed.difference(roles), approved_by=by)
        case ApprovalLapsed(roles=roles):
            return replace(state, approval=None, lapsed=state.lapsed.union(roles))
        case VolunteerDeclined():
            return replace(state, standing=Standing.DECLINED, roles=frozenset(), lapsed=frozenset(), approved_by="")
        case VolunteerSuspended():
            return replace(state, is_suspended=True)
        case VolunteerReinstated():
            return replace(state, is_suspended=False)
        case VolunteerLeft():
            return replace(
                state, standing=Standing.LEFT, roles=frozenset(), approval=None, lapsed=frozenset(), approved_by=""
            )
        case _:
            return state


def _with(shown: Shown, event: TrainingAttended | ConfidentialitySigned | CertificateShown | InterviewHeld) -> Shown:
    match event:
        case TrainingAttended(session=session):
            return replace(shown, sessions={**shown.sessions, session: event})
        case ConfidentialitySigned(text_version=text_version):
            return replace(shown, signed=shown.signed | {text_version})
        case CertificateShown(kind=kind):
            return replace(shown, certificates={**shown.certificates, kind: event})
        case InterviewHeld():
            return replace(shown, interview=event)
