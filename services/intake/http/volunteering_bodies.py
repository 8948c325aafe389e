"""What is said about volunteers, as it comes in and as it is shown."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from chassis.http import CommandBody, Id
from contracts.intake import CertificateShown, InterviewHeld, RecruitmentSource, Tag
from contracts.policy import Policy
from services.intake.domain.eligibility import CIVIL_SOCIETY
from services.intake.domain.requirements import Shown, met, missing, total_hours
from services.intake.domain.volunteering_state import Volunteering
from services.intake.http.programmes import Code
from services.intake.projections.volunteerings import Standing, VolunteeringDocument

Roles = Annotated[tuple[Tag, ...], Field(min_length=1, max_length=20)]


class ApplicationBody(CommandBody):
    """Who applies for themselves leaves `person_id` out. `municipality` is where the person lives: it is not kept,
    and counts where nothing is known of it (S1.24)."""

    programme: Code
    roles: Roles
    person_id: Id | None = None
    recruitment_source: RecruitmentSource | None = None
    municipality: Tag | None = None


class TrainingBody(CommandBody):
    """Hours attended at one session, never hours booked; the same session again is a correction (S2.22)."""

    session: Id
    hours: Annotated[float, Field(ge=0, le=24)]
    modules: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()
    attended_on: date | None = None


class SignatureBody(CommandBody):
    text_version: Tag
    signed_on: date | None = None


class CertificateBody(CommandBody):
    """That it was seen, by whom and for what. There is no place for what it says, nor for a copy (S2.25)."""

    kind: Tag
    purpose: Annotated[str, Field(min_length=1, max_length=200)]
    seen_on: date | None = None
    valid_until: date | None = None


class GuidanceBody(CommandBody):
    """Hours of guidance at one session; the same session again is a correction. No word of what was said (S2.21)."""

    session: Id
    hours: Annotated[float, Field(ge=0, le=24)]
    given_on: date | None = None


class TrustBody(CommandBody):
    """One of the levels of the policy."""

    level: Tag


class InterviewBody(CommandBody):
    """The outcome and nothing else: no notes about a person (S2.26)."""

    outcome: Literal["suitable", "not-now", "not-suitable"]
    held_on: date | None = None


class ApprovalBody(CommandBody):
    """No roles means all that were applied for."""

    roles: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()


class DeclineBody(CommandBody):
    """`rule` is a fixed word, never a story; `options` are codes of other ways, at least two (S3.19)."""

    rule: Tag
    options: Annotated[tuple[Tag, ...], Field(max_length=10)] = (CIVIL_SOCIETY, "other-programme")


class RoleProgress(BaseModel):
    """What a role asks for: what is there, and what is missing."""

    role: str
    is_approved: bool
    met: tuple[str, ...]
    missing: tuple[str, ...]


class SeenCertificate(BaseModel):
    """That it was seen; what it says stands nowhere (S2.25)."""

    kind: str
    seen_on: date
    valid_until: date | None

    @classmethod
    def of(cls, seen: CertificateShown) -> "SeenCertificate":
        return cls(kind=seen.kind, seen_on=seen.seen_on, valid_until=seen.valid_until)


class HeldTalk(BaseModel):
    outcome: Literal["suitable", "not-now", "not-suitable"]
    held_on: date

    @classmethod
    def of(cls, held: InterviewHeld | None) -> "HeldTalk | None":
        return None if held is None else cls(outcome=held.outcome, held_on=held.held_on)


class VolunteeringView(BaseModel):
    """Where a volunteer stands against the policy in force today.

    `text_to_sign` is a newer confidentiality text; unless it is signed, the approval ends after `sign_by` (S2.24).
    `modules` are those attended, `certificates` those seen; `name` is for those who may read about people.
    """

    volunteering_id: str
    person_id: str
    name: str | None = None
    programme: str
    standing: Literal["none", "applied", "declined", "left"]
    is_suspended: bool
    roles: tuple[str, ...]
    approved_roles: tuple[str, ...]
    policy_version: int | None
    valid_until: date | None
    hours: float
    guidance_hours: float
    trust: tuple[str, ...]
    text_to_sign: str | None
    sign_by: date | None
    modules: tuple[str, ...]
    signed: tuple[str, ...]
    certificates: tuple[SeenCertificate, ...]
    talk: HeldTalk | None
    progress: tuple[RoleProgress, ...]

    @classmethod
    def of(cls, volunteering_id: str, known: Volunteering, policy: Policy, today: date) -> "VolunteeringView":
        approval = known.approval
        return cls(
            volunteering_id=volunteering_id,
            person_id=known.person_id,
            programme=known.programme,
            standing=known.standing.value,
            is_suspended=known.is_suspended,
            roles=tuple(sorted(known.roles)),
            approved_roles=tuple(sorted(known.approved_roles)),
            policy_version=None if approval is None else approval.policy_version,
            valid_until=None if approval is None else approval.valid_until,
            hours=known.shown.hours,
            guidance_hours=total_hours(known.guidance.values()),
            trust=known.trust,
            text_to_sign=None if known.due is None else known.due.text_version,
            sign_by=None if known.due is None else known.due.sign_by,
            modules=tuple(sorted(known.shown.modules)),
            signed=tuple(sorted(known.shown.signed)),
            certificates=tuple(SeenCertificate.of(seen) for seen in known.shown.certificates.values()),
            talk=HeldTalk.of(known.shown.interview),
            progress=_progress(known.roles, known.approved_roles, known.shown, policy=policy, today=today),
        )


class VolunteeringItem(BaseModel):
    """A line of the list: how far somebody is, and by when an approval ends unless something is shown.

    `ends_by` is the earlier of `valid_until` and `sign_by`; None where nothing runs out.
    """

    volunteering_id: str
    person_id: str
    name: str | None = None
    programme: str
    standing: Standing
    roles: tuple[str, ...]
    recruitment_source: RecruitmentSource | None
    applied_at: AwareDatetime | None
    hours: float
    guidance_hours: float
    is_approved: bool
    approved_roles: tuple[str, ...]
    policy_version: int | None
    approved_at: AwareDatetime | None
    valid_until: date | None
    text_to_sign: str | None
    sign_by: date | None
    ends_by: date | None
    trust: tuple[str, ...]
    is_suspended: bool
    progress: tuple[RoleProgress, ...]

    @classmethod
    def of(
        cls, found: VolunteeringDocument, policy: Policy, *, today: date, name: str | None = None
    ) -> "VolunteeringItem":
        counted = {
            "name": name,
            "hours": found.shown.hours,
            "guidance_hours": total_hours(found.guidance.values()),
            "progress": _progress(
                frozenset(found.roles), frozenset(found.approved_roles), found.shown, policy=policy, today=today
            ),
        }
        kept = found.model_dump(include=set(cls.model_fields) - counted.keys())
        return cls.model_validate(kept | counted)


def _progress(
    roles: frozenset[str], approved: frozenset[str], shown: Shown, *, policy: Policy, today: date
) -> tuple[RoleProgress, ...]:
    return tuple(
        RoleProgress(
            role=role,
            is_approved=role in approved,
            met=met(policy, [role], shown, today=today),
            missing=missing(policy, [role], shown, today=today),
        )
        for role in sorted(roles & policy.roles.keys())
    )
