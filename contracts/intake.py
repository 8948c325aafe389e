"""What intake decides and publishes. Stored and published: version with care."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.base import Event, event
from contracts.policy import Mandate, Policy
from contracts.sealed import Sealed

MessageLanguage = Literal["nb", "nn", "da", "en"]
DayPart = Literal["day", "afternoon", "evening"]
Gender = Literal["woman", "man", "other"]
Channel = Literal["referral", "web", "phone", "walk-in", "staff"]
Level = Literal["a1", "a2", "b1", "b2", "c1", "c2", "native"]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Tag = Annotated[str, Field(min_length=1, max_length=60)]
Duration = Annotated[
    str,
    Field(pattern=r"^P(([0-9]{1,4}[YMWD]){1,4}(T([0-9]{1,4}[HM]){1,2})?|T([0-9]{1,4}[HM]){1,2})$", examples=["PT2H"]),
]
"""How long something takes, in ISO 8601: `PT2H`, `P1D`."""


class Value(BaseModel):
    """A part of events and messages. It has no place for a special-category fact (domain.md, rule 1; S3.31)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LanguageSkill(Value):
    """A language (ISO 639) and how well it is spoken (S2.12)."""

    code: LanguageCode
    level: Level = "native"


class Wishes(Value):
    """What somebody wishes of the other: every one is optional, none may hold a diagnosis or an origin.

    Interests, support forms and areas are short words, compared as they are.
    """

    languages: tuple[LanguageSkill, ...] = ()
    interests: tuple[Tag, ...] = ()
    support_forms: tuple[Tag, ...] = ()
    day_parts: tuple[DayPart, ...] = ()
    area: Tag | None = None
    gender: Gender | None = None
    lived_experience: bool = False


class Option(Value):
    """Another way that stays open; `code` for systems, `text` in plain words (S3.19)."""

    code: str
    text: str


# place ----------------------------------------------------------------------------------------------------------------


@event("intake.place-listed", version=1)
class PlaceListed(Event):
    """An organisation, centre, partner, school or firm is in the directory (S1.26, S3.81, S4.33)."""

    kind: Literal["tenant", "centre", "partner", "school", "firm"]
    name: str
    sector: Literal["municipal", "civil", "regional", "private"]
    country: Literal["NO", "DK"]
    zone: str
    organisation_number: str | None = None
    parent: str | None = None
    postcode: str | None = None
    contact_role: str = "coordinator"


@event("intake.place-opened", version=1)
class PlaceOpened(Event):
    """From this day something may be booked (S0.1)."""

    opens_on: date


@event("intake.place-named", version=1)
class PlaceNamed(Event):
    """One audience calls the place so from now on; earlier names stay in the history (S3.6-3.8)."""

    audience: str
    name: str
    collective: str | None = None


@event("intake.place-delisted", version=1)
class PlaceDelisted(Event):
    """The place is no longer in the directory."""


# programme ------------------------------------------------------------------------------------------------------------


@event("intake.programme-adopted", version=1)
class ProgrammeAdopted(Event):
    """A policy is in force from now on, under a version that counts from 1 (S0.30, S1.5)."""

    programme: str
    policy: Policy
    policy_version: int
    adopted_by: str
    adopted_on: date


@event("intake.mandate-renewed", version=1)
class MandateRenewed(Event):
    """New requests are taken again until the new last day (S1.5)."""

    programme: str
    mandate: Mandate
    renewed_by: str


@event("intake.programme-paused", version=1)
class ProgrammePaused(Event):
    """No new meetings, notices held; nothing that runs is ended (S2.29)."""

    programme: str
    paused_at: AwareDatetime


@event("intake.programme-resumed", version=1)
class ProgrammeResumed(Event):
    """The pause is over; what went stale meanwhile is not sent again (S2.29)."""

    programme: str
    resumed_at: AwareDatetime


@event("intake.programme-made-permanent", version=1)
class ProgrammeMadePermanent(Event):
    """Pilot no longer; ids, history and counts go on (S0.25, S2.2)."""

    programme: str
    permanent_on: date


@event("intake.programme-closed", version=1)
class ProgrammeClosed(Event):
    """No new requests for good; what runs may run to its end."""

    programme: str
    closed_on: date
    reason: str


# person ---------------------------------------------------------------------------------------------------------------


@event("intake.person-registered", version=1)
class PersonRegistered(Event):
    """Somebody is known by a pseudonym; by which channel and who entered it is kept (S1.12)."""

    person_id: str
    channel: Channel
    name: Sealed[str]
    birth_date: Sealed[str] | None = None
    entered_by: str


@event("intake.profile-described", version=1)
class ProfileDescribed(Event):
    """What a person wants to give comes first, then wishes (S0.7, S1.8, S3.32). Replaces the profile before."""

    person_id: str
    stated_on: date
    gives: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    competences: tuple[str, ...] = ()
    hopes: Sealed[str] | None = None
    languages: tuple[LanguageSkill, ...] = ()
    support_forms: tuple[str, ...] = ()
    day_parts: tuple[DayPart, ...] = ()
    area: str | None = None
    gender: Gender | None = None


@event("intake.contact-given", version=1)
class ContactGiven(Event):
    """How the platform reaches the person, and in which language."""

    person_id: str
    language: MessageLanguage
    email: Sealed[str] | None = None
    phone: Sealed[str] | None = None


@event("intake.consent-given", version=1)
class ConsentGiven(Event):
    """For one purpose and one controller (S2.3, S4.11)."""

    person_id: str
    purpose: str
    controller: str
    given_at: AwareDatetime


@event("intake.consent-withdrawn", version=1)
class ConsentWithdrawn(Event):
    """From now on that controller may no longer use it for that purpose (S2.3)."""

    person_id: str
    purpose: str
    controller: str
    withdrawn_at: AwareDatetime


# volunteering ---------------------------------------------------------------------------------------------------------


@event("intake.volunteer-applied", version=1)
class VolunteerApplied(Event):
    """A person wants to help in these roles; where they heard of it is kept for the report (S2.10)."""

    person_id: str
    programme: str
    roles: tuple[str, ...]
    recruitment_source: str | None = None
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
    """Somebody saw the certificate; it is never stored (S2.25)."""

    person_id: str
    programme: str
    kind: str
    purpose: str
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


# request --------------------------------------------------------------------------------------------------------------


@event("intake.referral-received", version=1)
class ReferralReceived(Event):
    """A sender's system asked; its own number is kept under the person's key only to answer it."""

    request_id: str
    person_id: str
    programme: str
    sender: str
    referral_id: Sealed[str]
    received_at: AwareDatetime


@event("intake.request-posted", version=1)
class RequestPosted(Event):
    """A wish that is concrete enough to act on (S1.3). The waiting starts on `needed_since` (S2.4, S2.31)."""

    request_id: str
    person_id: str
    programme: str
    origin: Literal["referral", "self", "staff"]
    entered_by: str
    posted_at: AwareDatetime
    needed_since: date
    answer_by: date
    policy_version: int
    what: Sealed[str]
    category: str | None = None
    expected_duration: str | None = None
    latest_date: date | None = None
    wishes: Wishes = Wishes()


@event("intake.request-declined", version=1)
class RequestDeclined(Event):
    """The rule that said no, and at least two ways that stay open, one of them not municipal (S3.19, S3.40).

    Recorded, since unmet need is counted (S2.31). `gate` is the code of the policy's gate where that is the rule.
    """

    request_id: str
    person_id: str
    programme: str
    rule: str
    gate: str | None = None
    options: tuple[Option, ...]
    declined_at: AwareDatetime


@event("intake.request-taken-up", version=1)
class RequestTakenUp(Event):
    """One owner at all times (S3.3)."""

    request_id: str
    owner: str
    taken_up_at: AwareDatetime


@event("intake.request-parked", version=1)
class RequestParked(Event):
    """The person wants to wait; nobody else may end the wait (S3.17)."""

    request_id: str
    programme: str
    parked_at: AwareDatetime
    remind: bool = False


@event("intake.request-resumed", version=1)
class RequestResumed(Event):
    """The person is ready."""

    request_id: str
    programme: str
    resumed_at: AwareDatetime


@event("intake.request-withdrawn", version=1)
class RequestWithdrawn(Event):
    """No reason is asked (S2.8)."""

    request_id: str
    programme: str
    withdrawn_at: AwareDatetime


@event("intake.request-met", version=1)
class RequestMet(Event):
    """The wish is fulfilled, and how; the sender of a referral is told."""

    request_id: str
    programme: str
    how: Literal["at-once", "as-promised", "by-match", "by-task"]
    met_at: AwareDatetime
    match_id: str | None = None
