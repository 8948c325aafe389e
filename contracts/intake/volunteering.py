"""One person's way to help in one programme. Stored and published: version with care."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.base import Event, event
from contracts.intake.values import Option, RecruitmentSource
from contracts.sealed import Sealed


@event("intake.volunteer-applied", version=1)
class VolunteerApplied(Event):
    """A person wants to help in these roles; where they heard of it is kept for the report (S2.10)."""

    person_id: str
    programme: str
    roles: tuple[str, ...]
    recruitment_source: RecruitmentSource | None = None
    applied_at: AwareDatetime


@event("intake.training-attended", version=1)
class TrainingAttended(Event):
    """Hours attended at one session, not hours booked; a later one for the same session replaces it (S2.22, S2.23)."""

    person_id: str
    programme: str
    session: str
    hours: Annotated[float, Field(ge=0, le=24)]
    modules: tuple[str, ...] = ()
    attended_on: date


@event("intake.confidentiality-signed", version=1)
class ConfidentialitySigned(Event):
    """The text of this version was signed (S2.24)."""

    person_id: str
    programme: str
    text_version: str
    signed_on: date


@event("intake.certificate-shown", version=1)
class CertificateShown(Event):
    """Somebody saw the certificate; it is never stored (S2.25). What it is for is in somebody's own words: sealed."""

    person_id: str
    programme: str
    kind: str
    purpose: Sealed[str]
    seen_by: str
    seen_on: date
    valid_until: date | None = None


@event("intake.interview-held", version=1)
class InterviewHeld(Event):
    """The talk with a coordinator, with its outcome and no notes (S2.21, S2.26)."""

    person_id: str
    programme: str
    held_by: str
    held_on: date
    outcome: Literal["suitable", "not-now", "not-suitable"]


@event("intake.volunteer-approved", version=1)
class VolunteerApproved(Event):
    """Every requirement of the policy version in force was met for these roles (S2.27, S4.19).

    These are all roles that are approved from now on: it replaces the approval before. `valid_until` is its last day.
    """

    person_id: str
    programme: str
    roles: tuple[str, ...]
    policy_version: int
    approved_by: str
    approved_at: AwareDatetime
    valid_until: date | None = None


@event("intake.volunteer-declined", version=1)
class VolunteerDeclined(Event):
    """Not in this programme, by which rule, and the ways that stay open (S3.19)."""

    person_id: str
    programme: str
    rule: str
    options: tuple[Option, ...] = ()


@event("intake.approval-lapsed", version=1)
class ApprovalLapsed(Event):
    """A requirement ran out: the approval ends until it is met again.

    Where other roles still hold, a VolunteerApproved with them follows in the same commit.
    """

    person_id: str
    programme: str
    roles: tuple[str, ...]
    rule: str


@event("intake.volunteer-suspended", version=1)
class VolunteerSuspended(Event):
    """Proposed to nobody until reinstated; a running match is paused, not ended."""

    person_id: str
    programme: str
    suspended_by: str


@event("intake.volunteer-reinstated", version=1)
class VolunteerReinstated(Event):
    """The suspension is over; a VolunteerApproved follows in the same commit where the approval still holds."""

    person_id: str
    programme: str
    reinstated_by: str


@event("intake.volunteer-left", version=1)
class VolunteerLeft(Event):
    """Leaving costs nothing and needs no reason (domain.md, rule 3)."""

    person_id: str
    programme: str
    left_on: date


@event("intake.confidentiality-due", version=1)
class ConfidentialityDue(Event):
    """A newer text asks for a signature by this day; until then the approval holds (S2.24)."""

    person_id: str
    programme: str
    text_version: str
    sign_by: date


@event("intake.guidance-given", version=1)
class GuidanceGiven(Event):
    """Guidance or a talk after a heavy meeting, in hours; what was said is kept nowhere (S2.21)."""

    person_id: str
    programme: str
    session: str
    hours: Annotated[float, Field(ge=0, le=24)]
    given_by: str
    given_on: date


@event("intake.trust-given", version=1)
class TrustGiven(Event):
    """A volunteer carries more from now on; `level` is one of the policy's (S1.9, S3.52)."""

    person_id: str
    programme: str
    level: str
    given_by: str
    given_at: AwareDatetime


@event("intake.trust-taken-back", version=1)
class TrustTakenBack(Event):
    """The level, and those above it, are no longer held; the approval is untouched."""

    person_id: str
    programme: str
    level: str
    taken_back_by: str
    taken_back_at: AwareDatetime
