"""What may be asked of a session's stream, and the rules by which it says no."""

from dataclasses import dataclass
from datetime import datetime

from chassis.refusal import NotFound, Refusal


@dataclass(frozen=True, slots=True)
class ScheduleSession:
    """`is_published` is what the activity's own stream says; `places` None takes as many as like to come."""

    session_id: str
    activity_id: str
    programme: str
    begins_at: datetime
    ends_at: datetime
    room: str | None
    places: int | None
    is_published: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class SignUp:
    person_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawSignUp:
    """Until it is over, and no reason is asked; it is no no-show (S3.69)."""

    person_id: str


@dataclass(frozen=True, slots=True)
class HoldSession:
    """So many heads were there, whoever they were and whether they had signed up or not (S3.16)."""

    heads: int
    now: datetime


@dataclass(frozen=True, slots=True)
class GiveFeedback:
    """`person_id` is who answers, for whom it is checked that they had signed up; None: staff hand in what somebody
    answered on paper. It is in no event."""

    feedback_id: str
    person_id: str | None
    was_good: bool
    would_come_again: bool


@dataclass(frozen=True, slots=True)
class CallOff:
    """It does not take place."""


Command = ScheduleSession | SignUp | WithdrawSignUp | HoldSession | GiveFeedback | CallOff


class SessionNotFound(NotFound):
    rule, sentence = "session_not_found", "There is no session by that id."


class NotPublished(Refusal):
    rule, sentence = "not_published", "The activity is not open for sign-up. Publish it first."


class BeginsInThePast(Refusal):
    rule, sentence = "begins_in_the_past", "A session begins in the future. Choose a later time."


class EndsBeforeItBegins(Refusal):
    rule, status, field = "ends_before_it_begins", 422, "ends_at"
    sentence = "A session ends after it begins, within a day."


class Full(Refusal):
    rule, sentence = "full", "All places are taken just now."


class SessionBegun(Refusal):
    rule, sentence = "session_begun", "It has begun. Come by, or look for the next one."


class NotBegun(Refusal):
    rule, sentence = "not_begun", "It has not begun yet. Count heads when people are there."


class SessionOver(Refusal):
    rule, sentence = "session_over", "This session is over, or was called off."


class AlreadyCounted(Refusal):
    rule, sentence = "already_counted", "The heads of this session have been counted."


class NotHeld(Refusal):
    rule, sentence = "not_held", "This session has not been held. Say how it was when it has been."


class AnsweredAlready(Refusal):
    rule, sentence = "answered_already", "You have said how it was. Thank you."


class NotSignedUp(Refusal):
    rule, sentence = "not_signed_up", "Only who had signed up answers here. Staff can hand in your answer."
