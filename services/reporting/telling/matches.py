"""What a match tells: that it was, from when to when and its number; and, apart from it, how it went (S2.1, S2.30)."""

from collections.abc import Mapping

from contracts.envelope import RecordedEvent
from contracts.matching import CheckInGiven, MatchCounted, MatchEnded, MatchMade, MatchReviewed, ReviewDue
from services.reporting.telling.fact import Fact, noon, noon_or_none, told

_Counted = MatchMade | MatchEnded | MatchCounted | CheckInGiven | ReviewDue | MatchReviewed
COUNTED = (MatchMade, MatchEnded, MatchCounted, CheckInGiven, ReviewDue, MatchReviewed)

CLOSING_TALK = "/closing-talk"


def facts_of(recorded: RecordedEvent, event: _Counted) -> Mapping[str, Fact]:
    """The end of a match tells two: the day, which stays with the match, and whether they talked, which does not."""
    match event:
        case MatchMade():
            return {"": _made(recorded, event)}
        case MatchEnded(programme=programme, match_id=match_id, ended_on=day):
            ended = told(recorded, programme, "match-ended", noon(day), about=match_id)
            if not event.closing_talk:
                return {"": ended}
            return {"": ended, CLOSING_TALK: told(recorded, programme, "closing-talk", noon(day))}
        case MatchCounted(programme=programme, match_id=match_id, number=number):
            at = recorded.origin.occurred_at
            return {"": told(recorded, programme, "match-counted", at, about=match_id, number=number)}
        case CheckInGiven(programme=programme, happened_on=day):
            benefits = _benefits(event)
            more = {"well": event.well, "wants_talk": event.wants_talk, "benefits": benefits}
            return {"": told(recorded, programme, "check-in", noon(day), **more)}
        case ReviewDue(programme=programme, due_on=day):
            return {"": told(recorded, programme, "review-due", noon(day))}
        case MatchReviewed(programme=programme, reviewed_on=day, was_due_on=due):
            return {"": told(recorded, programme, "review-held", noon(day), until=noon_or_none(due))}


def _made(recorded: RecordedEvent, event: MatchMade) -> Fact:
    return told(
        recorded,
        event.programme,
        "match-made",
        noon(event.starts_on),
        about=event.match_id,
        subject=event.requester_id,
        helper=event.helper_id,
        days_waited=max((event.starts_on - event.needed_since).days, 0),
        until=noon_or_none(event.ends_on),
    )


def _benefits(event: CheckInGiven) -> str:
    """Both kinds are asked about, and somebody may have had both (S2.32)."""
    match sorted(set(event.benefits)):
        case []:
            return "neither"
        case [one]:
            return one
        case _:
            return "both"
