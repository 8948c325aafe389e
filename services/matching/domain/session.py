"""A session: one dated gathering of an activity, with sign-up, heads, and two short answers afterwards (S1.19, S1.23).

The last place is taken by exactly one under any race: sign-ups meet in this stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from chassis.decider import Decider
from contracts.base import Event
from contracts.matching import (
    Enrolled,
    EnrolmentWithdrawn,
    FeedbackGiven,
    SessionClosed,
    SessionHeld,
    SessionScheduled,
)
from services.matching.domain.session_commands import (
    AlreadyCounted,
    AnsweredAlready,
    BeginsInThePast,
    CallOff,
    Command,
    EndsBeforeItBegins,
    Full,
    GiveFeedback,
    HoldSession,
    NotBegun,
    NotHeld,
    NotPublished,
    NotSignedUp,
    ScheduleSession,
    SessionBegun,
    SessionNotFound,
    SessionOver,
    SignUp,
    WithdrawSignUp,
)

_LONGEST = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)
# What stays open to who finds no place.
_OTHER_WAYS = ("other-session", "ask-coordinator")

# state ----------------------------------------------------------------------------------------------------------------


class Course(StrEnum):
    ABSENT = "absent"
    COMING = "coming"
    HELD = "held"
    CALLED_OFF = "called-off"


@dataclass(frozen=True, slots=True)
class Session:
    """`answers` are the two answers by feedback id, of which nobody can tell whose they are."""

    course: Course = Course.ABSENT
    session_id: str = ""
    activity_id: str = ""
    programme: str = ""
    begins_at: datetime = _NEVER
    places: int | None = None
    enrolled: frozenset[str] = frozenset()
    heads: int | None = None
    answers: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        return {"session_id": self.session_id, "activity_id": self.activity_id, "programme": self.programme}

    def require_coming(self) -> None:
        if self.course is not Course.COMING:
            raise SessionOver()


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Session) -> Sequence[Event]:
    if isinstance(command, ScheduleSession):
        return _schedule(command) if state.course is Course.ABSENT else []
    if state.course is Course.ABSENT:
        raise SessionNotFound()
    match command:
        case SignUp():
            return _sign_up(command, state)
        case WithdrawSignUp(person_id=person_id):
            if person_id not in state.enrolled:
                return []
            state.require_coming()
            return [EnrolmentWithdrawn(**state.names, person_id=person_id)]
        case HoldSession():
            return _hold(command, state)
        case GiveFeedback():
            return _give_feedback(command, state)
        case CallOff():
            if state.course is Course.CALLED_OFF:
                return []
            state.require_coming()
            return [SessionClosed(**state.names, reason="called-off")]
        case _:
            assert_never(command)


def _schedule(command: ScheduleSession) -> Sequence[Event]:
    if not timedelta(0) < command.ends_at - command.begins_at <= _LONGEST:
        raise EndsBeforeItBegins()
    if not command.is_published:
        raise NotPublished()
    if command.begins_at <= command.now:
        raise BeginsInThePast()
    return [
        SessionScheduled(
            session_id=command.session_id,
            activity_id=command.activity_id,
            programme=command.programme,
            begins_at=command.begins_at,
            ends_at=command.ends_at,
            room=command.room,
            places=command.places,
        )
    ]


def _sign_up(command: SignUp, state: Session) -> Sequence[Event]:
    if command.person_id in state.enrolled:
        return []
    state.require_coming()
    if command.now >= state.begins_at:
        raise SessionBegun()
    if state.places is not None and len(state.enrolled) >= state.places:
        raise Full(options=_OTHER_WAYS)
    return [Enrolled(**state.names, person_id=command.person_id, enrolled_at=command.now)]


def _hold(command: HoldSession, state: Session) -> Sequence[Event]:
    if state.course is Course.HELD:
        if command.heads == state.heads:
            return []
        raise AlreadyCounted()
    state.require_coming()
    if command.now < state.begins_at:
        raise NotBegun()
    return [SessionHeld(**state.names, heads=command.heads, held_at=command.now)]


def _give_feedback(command: GiveFeedback, state: Session) -> Sequence[Event]:
    if state.course is not Course.HELD:
        raise NotHeld()
    if command.person_id is not None and command.person_id not in state.enrolled:
        raise NotSignedUp()
    answered = state.answers.get(command.feedback_id)
    if answered == (command.was_good, command.would_come_again):
        return []
    if answered is not None:
        # Each counts once: else one person could be a group large enough to be shown.
        raise AnsweredAlready()
    return [
        FeedbackGiven(
            **state.names,
            feedback_id=command.feedback_id,
            was_good=command.was_good,
            would_come_again=command.would_come_again,
        )
    ]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Session, event: Event) -> Session:
    match event:
        case SessionScheduled() as scheduled:
            return Session(
                Course.COMING,
                scheduled.session_id,
                scheduled.activity_id,
                scheduled.programme,
                scheduled.begins_at,
                scheduled.places,
            )
        case Enrolled(person_id=person_id):
            return replace(state, enrolled=state.enrolled | {person_id})
        case EnrolmentWithdrawn(person_id=person_id):
            return replace(state, enrolled=state.enrolled - {person_id})
        case SessionHeld(heads=heads):
            return replace(state, course=Course.HELD, heads=heads)
        case SessionClosed():
            return replace(state, course=Course.CALLED_OFF)
        case FeedbackGiven(feedback_id=feedback_id, was_good=was_good, would_come_again=again):
            return replace(state, answers={**state.answers, feedback_id: (was_good, again)})
        case _:
            return state


session = Decider("session", Session(), decide, evolve)
