"""A request: from somebody's wish to its end (S1.3, S1.24, S2.4, S2.8, S2.20, S2.31, S3.3, S3.17, S3.19).

The state and its fold are in request_state.py, how it begins in request_posting.py, how it changes hands in
request_hand_over.py, how it is amended in request_amending.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.intake import (
    AnswerOverdue,
    RequestMet,
    RequestParked,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
)
from services.intake.domain.eligibility import ResidentsOnly
from services.intake.domain.programme import Programme
from services.intake.domain.request_amending import AmendRequest, amend
from services.intake.domain.request_hand_over import (
    AcceptHandOver,
    AskHandOver,
    DeclineHandOver,
    ExpireHandOver,
    HandingOver,
    hand_over,
)
from services.intake.domain.request_posting import PostRequest, answer_days, post, ways
from services.intake.domain.request_state import Request, Status, evolve
from services.intake.domain.residence import lives_elsewhere

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakeUpRequest:
    owner: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ParkRequest:
    now: datetime
    remind: bool = False


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    programme: Programme
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    now: datetime


@dataclass(frozen=True, slots=True)
class ReassessResidence:
    """Where its person lives has changed, or the days of grace are over (S1.24); `resident_until` is the last day on
    which they may take part, None while no end is known. `wording` gives an option's text by its code."""

    programme: Programme
    now: datetime
    resident_until: date | None
    wording: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeetRequest:
    how: Literal["at-once", "as-promised", "by-match", "by-task"]
    now: datetime
    match_id: str | None = None


@dataclass(frozen=True, slots=True)
class NoteOverdue:
    """The days for an answer are over; a programme on pause holds them (domain.md, rule 8)."""

    programme: Programme
    now: datetime


Command = (
    PostRequest
    | AmendRequest
    | TakeUpRequest
    | ParkRequest
    | ResumeRequest
    | WithdrawRequest
    | ReassessResidence
    | MeetRequest
    | NoteOverdue
    | HandingOver
)


# refusals -------------------------------------------------------------------------------------------------------------


class RequestIsTakenUp(Refusal):
    rule, sentence = "already_taken_up", "Somebody has taken this up. A hand-over needs the other's yes."


class RequestIsParked(Refusal):
    rule, sentence = "request_parked", "The person wants to wait. It goes on when the person is ready."


class RequestIsOver(Refusal):
    rule, sentence = "request_over", "This request has ended."


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Request) -> Sequence[Event]:
    match command:
        case PostRequest():
            return post(command) if state.status is Status.ABSENT else []
        case _ if state.status is Status.ABSENT:
            raise NotFound()
        case MeetRequest():
            return _meet(command, state)
        case WithdrawRequest() if state.status is Status.WITHDRAWN:
            return []
        case NoteOverdue() | ExpireHandOver() | ReassessResidence() if state.status.is_final:
            return []
        case _ if state.status.is_final:
            raise RequestIsOver()
        case WithdrawRequest(now=now):
            return [RequestWithdrawn(request_id=state.request_id, programme=state.programme, withdrawn_at=now)]
        case ReassessResidence():
            return _reassess(command, state)
        case AmendRequest():
            return amend(command, state)
        case TakeUpRequest(owner=owner, now=now):
            return _take_up(owner, now, state)
        case ParkRequest() if state.status is Status.PARKED:
            return []
        case ParkRequest(now=now, remind=remind):
            parked = RequestParked(request_id=state.request_id, programme=state.programme, parked_at=now, remind=remind)
            return [parked]
        case ResumeRequest() if state.status is not Status.PARKED:
            return []
        case ResumeRequest():
            return [_resumed(command, state)]
        case NoteOverdue():
            return _overdue(command, state)
        case AskHandOver() | AcceptHandOver() | DeclineHandOver() | ExpireHandOver():
            return hand_over(command, state)


def _reassess(command: ReassessResidence, state: Request) -> Sequence[Event]:
    """A request that waits, by choice too, or that somebody works on: its person is shown the ways that are left."""
    if not lives_elsewhere(command.resident_until, command.programme.day(command.now)):
        return []
    no = ResidentsOnly()
    return [
        RequestWithdrawn(
            request_id=state.request_id,
            programme=state.programme,
            withdrawn_at=command.now,
            rule=no.rule,
            options=ways(no, command.wording),
        )
    ]


def _take_up(owner: str, now: datetime, state: Request) -> Sequence[Event]:
    if state.status is Status.PARKED:
        raise RequestIsParked()
    if state.owner == owner:
        return []
    if state.owner is not None:
        raise RequestIsTakenUp()
    return [RequestTakenUp(request_id=state.request_id, owner=owner, taken_up_at=now)]


def _resumed(command: ResumeRequest, state: Request) -> Event:
    """Whoever waited by choice is answered as somebody who asks now; the waiting date is untouched (S2.31)."""
    answer_by, answer_until = answer_days(command.programme, command.programme.day(command.now))
    return RequestResumed(
        request_id=state.request_id,
        programme=state.programme,
        resumed_at=command.now,
        answer_by=answer_by,
        answer_until=answer_until,
    )


def _overdue(command: NoteOverdue, state: Request) -> Sequence[Event]:
    """Silent while it is parked, and once somebody has taken it up."""
    is_held = state.status is not Status.POSTED or state.is_overdue or command.programme.is_paused
    if is_held or state.answer_by is None or state.answer_until is None or command.now < state.answer_until:
        return []
    return [AnswerOverdue(request_id=state.request_id, programme=state.programme, answer_by=state.answer_by)]


def _meet(command: MeetRequest, state: Request) -> Sequence[Event]:
    """A match that was made stands: it ends a parked request too, whose search it won (domain.md, step 4)."""
    if state.status is Status.MET:
        return []
    if state.status.is_final:
        raise RequestIsOver()
    return [
        RequestMet(
            request_id=state.request_id,
            programme=state.programme,
            how=command.how,
            met_at=command.now,
            match_id=command.match_id,
        )
    ]


request: Decider[Command, Request] = Decider("request", Request(), decide, evolve)
