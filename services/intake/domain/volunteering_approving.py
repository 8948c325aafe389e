"""A coordinator says yes or no to a volunteer, against the policy in force (S2.22-S2.27, S3.19, S4.5, S4.19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import Option, VolunteerDeclined
from services.intake.domain.approval import approved
from services.intake.domain.programme import Programme, ProgrammeIsClosed
from services.intake.domain.requirements import missing
from services.intake.domain.volunteering_state import Volunteering

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Approve:
    """No roles means all that were applied for. `approver_person_id` is set where the approver is known as a person."""

    programme: Programme
    approved_by: str
    now: datetime
    roles: tuple[str, ...] = ()
    approver_person_id: str | None = None


@dataclass(frozen=True, slots=True)
class Decline:
    """`options` are the ways that stay open, at least two (S3.19)."""

    rule: str
    options: tuple[Option, ...]


# refusals -------------------------------------------------------------------------------------------------------------


class RoleUnknown(Refusal):
    rule, sentence, status = "role_unknown", "This programme has no such role.", 422
    field = "roles"


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
    return approved(state, roles, command.programme, by=command.approved_by, now=command.now)


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
