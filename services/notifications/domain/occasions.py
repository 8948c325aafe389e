"""Who is told of what: events of other services as notices, each useful for a while only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.base import Event
from contracts.intake import RequestPosted
from contracts.matching import MatchMade, MeetingArranged, ProposalDropped
from contracts.notifications import Details, Occasion

TELLING: tuple[type[Event], ...] = (RequestPosted, MeetingArranged, ProposalDropped, MatchMade)

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Notice:
    """One person is to be told of one occasion, while it is useful."""

    recipient_id: str
    programme: str
    occasion: Occasion
    useful_until: datetime
    details: Details


def notices(event: Event, occurred_at: datetime) -> tuple[Notice, ...]:
    """Everybody the event concerns. Both sides of a pairing get the same words, whoever said no (S2.28).

    A declined request tells nobody by mail: a no comes from somebody who can offer another way (S3.19). An event read
    long after it occurred, as after a pause or a rebuild, gives notices that are stale already (S2.29).
    """
    match event:
        case RequestPosted():
            details = Details(answer_by=event.answer_by)
            return (Notice(event.person_id, event.programme, "request-received", occurred_at + _WEEK, details),)
        case MeetingArranged():
            return _both(event.person_id, event.helper_id, _meeting(event))
        case ProposalDropped():
            neutral = Notice("", event.programme, "proposal-dropped", occurred_at + _WEEK, Details())
            # Who withdrew or parked the wish, or got it met, knows; "we keep looking" would be untrue to them.
            if event.reason in ("withdrawn", "parked", "met"):
                return (replace(neutral, recipient_id=event.helper_id),)
            return _both(event.person_id, event.helper_id, neutral)
        case MatchMade():
            made = Notice("", event.programme, "match-made", occurred_at + _WEEK, Details(ends_on=event.ends_on))
            return _both(event.requester_id, event.helper_id, made)
        case _:
            return ()


def _meeting(event: MeetingArranged) -> Notice:
    return Notice("", event.programme, "meeting-arranged", event.meets_at, Details(meets_at=event.meets_at))


def _both(requester_id: str, helper_id: str, notice: Notice) -> tuple[Notice, ...]:
    return replace(notice, recipient_id=requester_id), replace(notice, recipient_id=helper_id)
