"""A request changes hands only when the other says yes; passed on too often, it goes up (S3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import HandOverAccepted, HandOverAsked, HandOverBounced, RequestEscalated
from services.intake.domain.calendar import after_working_days, end_of
from services.intake.domain.programme import Programme
from services.intake.domain.request_state import Request

HAND_OVER_DAYS = 2
"""Working days in which somebody answers a hand-over (ours)."""

# commands: each that may lead to a bounce carries the programme, which says how many are too many ---------------------


@dataclass(frozen=True, slots=True)
class AskHandOver:
    programme: Programme
    asked_by: str
    to: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AcceptHandOver:
    accepted_by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class DeclineHandOver:
    programme: Programme
    declined_by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ExpireHandOver:
    """The time to answer is over."""

    programme: Programme
    now: datetime


HandingOver = AskHandOver | AcceptHandOver | DeclineHandOver | ExpireHandOver


# refusals -------------------------------------------------------------------------------------------------------------


class NoOwnerYet(Refusal):
    rule, sentence = "no_owner_yet", "Nobody has taken this up. Whoever wants it takes it up."


class NotTheOwner(Refusal):
    rule, sentence = "not_the_owner", "Only the owner passes it on."


class HandOverToOwner(Refusal):
    rule, sentence, status = "hand_over_to_owner", "It is theirs already.", 422
    field = "to"


class HandOverOpen(Refusal):
    rule, sentence = "hand_over_open", "Somebody else was asked and has not answered yet."


class NoHandOver(Refusal):
    rule, sentence = "no_hand_over", "Nobody asks you to take this over now. The owner keeps it."


# decide ---------------------------------------------------------------------------------------------------------------


def hand_over(command: HandingOver, state: Request) -> Sequence[Event]:
    """Of a request that has not ended. A parked one changes hands too: its person hears nothing of it (S3.17)."""
    match command:
        case AskHandOver():
            return _ask(command, state)
        case AcceptHandOver(accepted_by=by, now=now):
            return _accept(by, now, state)
        case DeclineHandOver(declined_by=by, now=now):
            if state.hand_over is None and state.declined_by == by:
                return []
            _check_asked(by, now, state)
            return _bounce(command.programme, now, state, is_declined=True)
        case ExpireHandOver(programme=programme, now=now):
            if state.hand_over is None or now < state.hand_over.until:
                return []
            return _bounce(programme, now, state, is_declined=False)


def _ask(command: AskHandOver, state: Request) -> Sequence[Event]:
    if state.owner is None:
        raise NoOwnerYet()
    if state.owner != command.asked_by:
        raise NotTheOwner()
    if state.owner == command.to:
        raise HandOverToOwner()
    if state.hand_over is not None:
        if state.hand_over.to == command.to:
            return []
        raise HandOverOpen()
    policy = command.programme.policy
    last = after_working_days(command.programme.day(command.now), HAND_OVER_DAYS, country=policy.country)
    return [
        HandOverAsked(
            request_id=state.request_id,
            programme=state.programme,
            asked_by=command.asked_by,
            to=command.to,
            asked_at=command.now,
            until=end_of(last, zone=policy.zone),
        )
    ]


def _accept(by: str, now: datetime, state: Request) -> Sequence[Event]:
    if state.hand_over is None and state.owner == by:
        return []
    _check_asked(by, now, state)
    return [HandOverAccepted(request_id=state.request_id, programme=state.programme, owner=by, accepted_at=now)]


def _check_asked(by: str, now: datetime, state: Request) -> None:
    """An answer that comes too late is none, whether the timer was there first or not."""
    asked = state.hand_over
    if asked is None or asked.to != by or now >= asked.until:
        raise NoHandOver()


def _bounce(programme: Programme, now: datetime, state: Request, *, is_declined: bool) -> Sequence[Event]:
    assert state.hand_over is not None  # noqa: S101 - both callers asked
    whose = {"request_id": state.request_id, "programme": state.programme}
    bounces = state.bounces + 1
    reason = "declined" if is_declined else "unanswered"
    bounced = HandOverBounced(**whose, to=state.hand_over.to, reason=reason, bounces=bounces)
    if bounces <= programme.policy.max_bounces or state.is_escalated:
        return [bounced]
    return [bounced, RequestEscalated(**whose, rule="bounces", escalated_at=now)]
