"""What is known of one person's way to help in one programme, folded from its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from contracts.base import Event
from contracts.intake import (
    ApprovalLapsed,
    CertificateShown,
    ConfidentialityDue,
    ConfidentialitySigned,
    GuidanceGiven,
    InterviewHeld,
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
from services.intake.domain.requirements import Shown


class Standing(StrEnum):
    NONE = "none"
    APPLIED = "applied"
    DECLINED = "declined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Volunteering:
    """`roles` are those applied for, `approval` what is in force, `lapsed` the roles that come back once met again.

    `due` is the newer text to sign while the approval holds, `texts_asked` every text that was ever due. `trust` has
    the levels held, `guidance` the newest of each session.
    """

    person_id: str = ""
    programme: str = ""
    standing: Standing = Standing.NONE
    roles: frozenset[str] = frozenset()
    shown: Shown = field(default_factory=Shown)
    approval: VolunteerApproved | None = None
    lapsed: frozenset[str] = frozenset()
    approved_by: str = ""
    is_suspended: bool = False
    due: ConfidentialityDue | None = None
    texts_asked: frozenset[str] = frozenset()
    trust: tuple[str, ...] = ()
    guidance: Mapping[str, GuidanceGiven] = field(default_factory=dict)

    @property
    def approved_roles(self) -> frozenset[str]:
        return frozenset(self.approval.roles) if self.approval is not None else frozenset()


def evolve(state: Volunteering, event: Event) -> Volunteering:
    match event:
        case TrainingAttended() | ConfidentialitySigned() | CertificateShown() | InterviewHeld():
            known = replace(state, person_id=event.person_id, programme=event.programme)
            return replace(known, shown=_with(state.shown, event), due=_still_due(state.due, event))
        case GuidanceGiven(session=session):
            known = replace(state, person_id=event.person_id, programme=event.programme)
            return replace(known, guidance={**state.guidance, session: event})
        case VolunteerApplied(person_id=person_id, programme=programme, roles=roles):
            return replace(
                state, person_id=person_id, programme=programme, standing=Standing.APPLIED, roles=frozenset(roles)
            )
        case VolunteerApproved(roles=roles, approved_by=by):
            return replace(state, approval=event, lapsed=state.lapsed.difference(roles), approved_by=by, due=None)
        case ApprovalLapsed(roles=roles):
            return replace(state, approval=None, lapsed=state.lapsed.union(roles), due=None)
        case ConfidentialityDue(text_version=text_version):
            return replace(state, due=event, texts_asked=state.texts_asked | {text_version})
        case TrustGiven(level=level):
            return replace(state, trust=(*state.trust, level))
        case TrustTakenBack(level=level):
            return replace(state, trust=tuple(held for held in state.trust if held != level))
        case VolunteerDeclined():
            return replace(state, standing=Standing.DECLINED, roles=frozenset(), lapsed=frozenset(), approved_by="")
        case VolunteerSuspended():
            return replace(state, is_suspended=True)
        case VolunteerReinstated():
            return replace(state, is_suspended=False)
        case VolunteerLeft():
            left = replace(state, standing=Standing.LEFT, roles=frozenset(), approval=None, lapsed=frozenset())
            return replace(left, approved_by="", due=None, trust=())
        case _:
            return state


def _still_due(due: ConfidentialityDue | None, event: Event) -> ConfidentialityDue | None:
    is_signed = isinstance(event, ConfidentialitySigned) and due is not None and due.text_version == event.text_version
    return None if is_signed else due


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
