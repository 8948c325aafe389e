"""Trust that grows: the levels of the policy are a ladder, each carrying more than the one below (S1.9, S3.52)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import TrustGiven, TrustTakenBack
from services.intake.domain.programme import Programme
from services.intake.domain.volunteering_state import Volunteering

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GiveTrust:
    """`giver_person_id` is set where the giver is known as a person."""

    programme: Programme
    level: str
    given_by: str
    now: datetime
    giver_person_id: str | None = None


@dataclass(frozen=True, slots=True)
class TakeBackTrust:
    programme: Programme
    level: str
    taken_back_by: str
    now: datetime


Trusting = GiveTrust | TakeBackTrust


# refusals -------------------------------------------------------------------------------------------------------------


class LevelUnknown(Refusal):
    rule, sentence, status = "level_unknown", "This programme has no such level of trust.", 422
    field = "level"


class ApprovalNeeded(Refusal):
    rule, sentence = "approval_needed", "Trust is given to volunteers whose approval is in force."


class OwnTrust(Refusal):
    rule, sentence = "own_trust", "Nobody gives trust to themselves. Ask another coordinator."


# decide ---------------------------------------------------------------------------------------------------------------


def trust(command: Trusting, state: Volunteering) -> Sequence[Event]:
    """A level comes with those below it, and goes with those above it: one event for each."""
    ladder = command.programme.policy.levels
    match command:
        case GiveTrust(level=level):
            if level not in ladder:
                raise LevelUnknown(f"one of: {', '.join(ladder)}")
            if command.giver_person_id == state.person_id:
                raise OwnTrust()
            if state.approval is None or state.is_suspended:
                raise ApprovalNeeded()
            upwards = ladder[: ladder.index(level) + 1]
            return [_given(command, state, step) for step in upwards if step not in state.trust]
        case TakeBackTrust(level=level):
            if level not in ladder and level not in state.trust:
                raise LevelUnknown(f"one of: {', '.join(ladder)}")
            above = ladder[ladder.index(level) :] if level in ladder else (level,)
            return [_taken_back(command, state, step) for step in reversed(above) if step in state.trust]


def _given(command: GiveTrust, state: Volunteering, level: str) -> Event:
    return TrustGiven(
        person_id=state.person_id,
        programme=state.programme,
        level=level,
        given_by=command.given_by,
        given_at=command.now,
    )


def _taken_back(command: TakeBackTrust, state: Volunteering, level: str) -> Event:
    return TrustTakenBack(
        person_id=state.person_id,
        programme=state.programme,
        level=level,
        taken_back_by=command.taken_back_by,
        taken_back_at=command.now,
    )
