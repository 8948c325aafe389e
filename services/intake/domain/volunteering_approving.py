"""A coordinator says yes or no to a volunteer, against the policy in force (S2.22-S2.27, S3.19, S4.5, S4.19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import Option, VolunteerDeclined
from services.intake.domain.approval import approved
from services.intake.domain.eligibility import CIVIL_SOCIETY
from services.intake.domain.programme import Programme, ProgrammeIsClosed
from services.intake.domain.requirements import missing
from services.intake.domain.residence import lives_elsewhere
from services.intake.domain.volunteering_state import Volunteering

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approve:
    """No roles means all that were applied for. `approver_person_id` is set where the approver is known as a person.

    `resident_until` is the last day on which the volunteer counts as living here, None while no end is known (S1.24).
    """

    programme: Programme
    approved_by: str
    now: datetime
    roles: tuple[str, ...] = ()
    approver_person_id: str | None = None
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """`options` are the ways that stay open, at least two (S3.19)."""

    rule: str
    options: tuple[Option, ...]


# refusals -------------------------------------------------------------------------------------------------------------


class RoleUnknown(Refusal):
    rule, sentence, status = "role_unknown", "This programme has no such role.", 422
    field = "roles"


class LivesElsewhere(Refusal):
    rule, sentence = "residents_only", "This programme is for people who live in the municipality."


class NotApplied(Refusal):
    rule, sentence = "not_applied", "This person has not applied for that."


class IsSuspended(Refusal):
    rule, sentence = "suspended", "This volunteer is suspended. Reinstate first."


class AlreadyApproved(Refusal):
    rule, sentence = "already_approved", "This volunteer is approved. Suspending is the way to stop."


class FewerThanTwoOptions(Refusal):
    rule, sentence, status = "two_options", "Whoever is declined gets at least two other ways.", 422
    field = "options"


class OwnApproval(Refusal):
    rule, sentence = "own_approval", "Nobody approves themselves. Ask another coordinator."


class RequirementsMissing(Refusal):
    rule, sentence = "requirements_missing", "Not everything that this programme asks of its volunteers is there yet."


# decide ---------------------------------------------------------------------------------------------------------------


def approve(command: Approve, state: Volunteering) -> Sequence[Event]:
    if command.approver_person_id == state.person_id:
        raise OwnApproval()
    if state.is_suspended:
        raise IsSuspended()
    if command.programme.is_closed:
        raise ProgrammeIsClosed()
    check_residence(command.resident_until, command.programme, command.now)
    asked = frozenset(command.roles) or state.roles
    if not asked <= state.roles:
        raise NotApplied()
    roles = state.approved_roles | asked
    policy = command.programme.policy
    if not policy.roles.keys() >= roles:
        raise RoleUnknown()
    gaps = missing(policy, roles, state.shown, today=command.programme.day(command.now))
    if gaps:
        most = max(policy.roles[role].hours for role in roles)
        case = f"{len(gaps)} missing; hours attended: {state.shown.hours:g} of {most:g}"
        raise RequirementsMissing(case, missing=gaps)
    until = command.resident_until
    return approved(state, roles, command.programme, by=command.approved_by, now=command.now, resident_until=until)


def check_residence(resident_until: date | None, programme: Programme, now: datetime) -> None:
    """Raises LivesElsewhere, with the ways that stay open (S1.24)."""
    if lives_elsewhere(resident_until, programme.day(now)):
        raise LivesElsewhere(options=("own-municipality", CIVIL_SOCIETY))


def decline(command: Decline, state: Volunteering) -> Sequence[Event]:
    if state.approval is not None:
        raise AlreadyApproved()
    if len({option.code for option in command.options}) < 2:
        raise FewerThanTwoOptions()
    return [
        VolunteerDeclined(
            person_id=state.person_id, programme=state.programme, rule=command.rule, options=command.options
        )
    ]
