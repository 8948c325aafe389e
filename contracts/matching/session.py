"""One dated gathering of an activity. Stored and published: version with care."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.base import Event, event


@event("matching.session-scheduled", version=1)
class SessionScheduled(Event):
    """When and in which room; `places` is how many may sign up, None as many as like to (S1.19)."""

    session_id: str
    activity_id: str
    programme: str
    begins_at: AwareDatetime
    ends_at: AwareDatetime
    room: str | None = None
    places: Annotated[int, Field(ge=1)] | None = None


@event("matching.enrolled", version=1)
class Enrolled(Event):
    """Somebody would like to come."""

    session_id: str
    activity_id: str
    programme: str
    person_id: str
    enrolled_at: AwareDatetime


@event("matching.enrolment-withdrawn", version=1)
class EnrolmentWithdrawn(Event):
    """Not after all; it is no no-show (S3.69)."""

    session_id: str
    activity_id: str
    programme: str
    person_id: str


@event("matching.session-held", version=1)
class SessionHeld(Event):
    """It took place, with so many heads; heads are counted, persons are not listed (S3.16)."""

    session_id: str
    activity_id: str
    programme: str
    heads: Annotated[int, Field(ge=0)]
    held_at: AwareDatetime


@event("matching.session-closed", version=1)
class SessionClosed(Event):
    """It does not take place; whoever had signed up is told."""

    session_id: str
    activity_id: str
    programme: str
    reason: Literal["called-off", "at-risk"]


@event("matching.feedback-given", version=1)
class FeedbackGiven(Event):
    """Two short answers afterwards, as somebody likes: was it good, and would they come again (S1.23)."""

    session_id: str
    activity_id: str
    programme: str
    feedback_id: str
    was_good: bool
    would_come_again: bool
