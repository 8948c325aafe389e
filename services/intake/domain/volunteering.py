"""One person's way to help in one programme: application, approval and its end (S2.10, S2.22-S2.27, S4.5).

The state and its fold are in volunteering_state.py, what volunteers show in showing.py, whether an approval holds in
approval.py, how it is given in volunteering_approving.py, what they are trusted with in volunteering_trust.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.decider import Decider
from chassis.refusal import NotFound
from contracts.base import Event
from contracts.intake import (
    RecruitmentSource,
    VolunteerApplied,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from services.intake.domain.approval import reconsider, said_again
from services.intake.domain.programme import Programme, ProgrammeIsClosed
from services.intake.domain.showing import (
    AttendTraining,
    HoldInterview,
    ReceiveGuidance,
    ShowCertificate,
    Showing,
    SignConfidentiality,
    receive_guidance,
    show,
)
from services.intake.domain.volunteering_approving import (
    Approve,
    Decline,
    NotApplied,
    RoleUnknown,
    approve,
    check_residence,
    decline,
)
from services.intake.domain.volunteering_state import Standing, Volunteering, evolve
from services.intake.domain.volunteering_trust import GiveTrust, TakeBackTrust, Trusting, trust

# commands: each carries the programme as it stands now, and those that may lead to an approval `resident_until`, the
# last day on which the person counts as living here, None while no end is known (S1.24) -------------------------------


@dataclass(frozen=True, slots=True)
class Apply:
    person_id: str
    programme: Programme
    roles: tuple[str, ...]
    now: datetime
    recruitment_source: RecruitmentSource | None = None
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class Suspend:
    suspended_by: str


@dataclass(frozen=True, slots=True)
class Reinstate:
    programme: Programme
    reinstated_by: str
    now: datetime
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class Reassess:
    """A new policy version is in force, somebody moved, or a date was reached: does the approval hold?"""

    programme: Programme
    now: datetime
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    left_on: date


Settling = Apply | Showing | Approve | Reinstate
"""What may lead to an approval, and so has to know whether the person lives here."""
Command = Apply | Showing | ReceiveGuidance | Approve | Decline | Suspend | Reinstate | Reassess | Trusting | Leave


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Volunteering) -> Sequence[Event]:
    match command:
        case Apply():
            return _settled(state, _apply(command, state), command)
        case AttendTraining() | SignConfidentiality() | ShowCertificate() | HoldInterview():
            return _settled(state, show(command, state.shown), command)
        case ReceiveGuidance(session=session):
            return receive_guidance(command, state.guidance.get(session))
        case Reassess():
            return reconsider(state, command.programme, command.now, command.resident_until)
        case _ if not state.person_id:
            raise NotFound()
        case TakeBackTrust():
            return trust(command, state)
        case Leave() if state.standing in (Standing.NONE, Standing.LEFT):
            return []
        case Leave(left_on=day):
            return [VolunteerLeft(person_id=state.person_id, programme=state.programme, left_on=day)]
        case Decline() if state.standing is Standing.DECLINED:
            return []
        case _ if state.standing is not Standing.APPLIED:
            raise NotApplied()
        case Approve():
            return approve(command, state)
        case GiveTrust():
            return trust(command, state)
        case Decline():
            return decline(command, state)
        case Suspend() if state.is_suspended:
            return []
        case Suspend(suspended_by=by):
            return [VolunteerSuspended(person_id=state.person_id, programme=state.programme, suspended_by=by)]
        case Reinstate():
            return _reinstate(command, state)


def _apply(command: Apply, state: Volunteering) -> list[Event]:
    if command.programme.is_closed:
        raise ProgrammeIsClosed()
    if not command.roles or not command.programme.policy.roles.keys() >= set(command.roles):
        raise RoleUnknown()
    check_residence(command.resident_until, command.programme, command.now)
    already = state.roles if state.standing is Standing.APPLIED else frozenset[str]()
    if already.issuperset(command.roles):
        return []
    return [
        VolunteerApplied(
            person_id=command.person_id,
            programme=command.programme.code,
            roles=tuple(sorted(already.union(command.roles))),
            recruitment_source=command.recruitment_source,
            applied_at=command.now,
        )
    ]


def _reinstate(command: Reinstate, state: Volunteering) -> Sequence[Event]:
    """The approval is said again where it holds: a suspension took it out of every other service."""
    if not state.is_suspended:
        return []
    event = VolunteerReinstated(
        person_id=state.person_id, programme=state.programme, reinstated_by=command.reinstated_by
    )
    after = evolve(state, event)
    facts = (command.programme, command.now, command.resident_until)
    return [event, *(reconsider(after, *facts) or said_again(after, *facts))]


def _settled(state: Volunteering, events: list[Event], command: Apply | Showing) -> Sequence[Event]:
    """The events and what follows from them for the approval, in one commit."""
    after = volunteering.fold(events, state)
    return [*events, *reconsider(after, command.programme, command.now, command.resident_until)]


volunteering: Decider[Command, Volunteering] = Decider("volunteering", Volunteering(), decide, evolve)
