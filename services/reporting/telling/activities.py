"""What activities and their gatherings tell: that they were held, for how many heads, and what people thought."""

from contracts.envelope import RecordedEvent
from contracts.matching import ActivityPublished, FeedbackGiven, SessionClosed, SessionHeld
from services.reporting.telling.fact import Fact, told

_Counted = ActivityPublished | SessionHeld | SessionClosed | FeedbackGiven
COUNTED = (ActivityPublished, SessionHeld, SessionClosed, FeedbackGiven)


def fact_of(recorded: RecordedEvent, event: _Counted) -> Fact:
    """Heads are counted and persons are not listed (S3.16); an answer says nothing of who gave it (S1.23)."""
    programme, occurred_at = event.programme, recorded.origin.occurred_at
    match event:
        case ActivityPublished(activity_id=activity_id, published_at=at):
            return told(recorded, programme, "activity-published", at, about=activity_id)
        case SessionHeld(activity_id=activity_id, heads=heads, held_at=at):
            return told(recorded, programme, "session-held", at, about=activity_id, number=heads)
        case SessionClosed(activity_id=activity_id):
            return told(recorded, programme, "session-closed", occurred_at, about=activity_id)
        case FeedbackGiven(was_good=was_good, would_come_again=again):
            return told(recorded, programme, "feedback", occurred_at, well=was_good, again=again)
