"""Who is told of what: events of other services as notices, each useful for a while only."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from contracts.base import Event
from contracts.intake import ConfidentialityDue, HandOverAsked, RequestPosted
from contracts.matching import (
    CheckInAsked,
    ContactAgreed,
    EndNear,
    HelperChosen,
    HelperProposed,
    HelpNotNeeded,
    MatchEnded,
    MatchMade,
    MeetingArranged,
    ProposalDropped,
    ReviewDue,
    TenderLapsed,
)
from contracts.notifications import Details, DigestLooked, Occasion

TELLING: tuple[type[Event], ...] = (
    RequestPosted,
    HandOverAsked,
    ConfidentialityDue,
    HelperProposed,
    MeetingArranged,
    ProposalDropped,
    MatchMade,
    CheckInAsked,
    ReviewDue,
    EndNear,
    MatchEnded,
    HelperChosen,
    HelpNotNeeded,
    ContactAgreed,
    TenderLapsed,
    DigestLooked,
)

_MORNING = timedelta(hours=12)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Notice:
    """One person is to be told of one occasion, while it is useful; `about` is what it is about, where it can end.

    `not_before` is when it becomes true, where that is not at once.
    """

    recipient_id: str
    programme: str
    occasion: Occasion
    useful_until: datetime
    details: Details
    about: str | None = None
    not_before: datetime | None = None

    def to(self, recipient_id: str) -> Self:
        return replace(self, recipient_id=recipient_id)


def notices(event: Event, occurred_at: datetime) -> tuple[Notice, ...]:
    """Everybody the event concerns. Both sides of a pairing get the same words, whoever said no (S2.28).

    A declined request tells nobody by mail: a no comes from somebody who can offer another way (S3.19). An event read
    long after it occurred, as after a pause or a rebuild, gives notices that are stale already (S2.29).
    """
    match event:
        case RequestPosted(person_id=person_id, programme=programme, answer_by=answer_by):
            details = Details(answer_by=answer_by)
            return (Notice(person_id, programme, "request-received", occurred_at + _WEEK, details),)
        case HandOverAsked(to=to, programme=programme, until=until):
            return (Notice(to, programme, "hand-over", until, Details(until=until)),)
        case ConfidentialityDue(person_id=person_id, programme=programme, sign_by=sign_by):
            details = Details(answer_by=sign_by)
            return (Notice(person_id, programme, "confidentiality-due", after(sign_by), details),)
        case DigestLooked(recipient_id=recipient_id, programme=programme, counts=counts):
            digest = Notice(recipient_id, programme, "digest", occurred_at + _MORNING, Details(counts=counts))
            return () if counts.is_empty else (digest,)
        case HelperProposed() | MeetingArranged() | ProposalDropped():
            return _of_a_proposal(event, occurred_at)
        case MatchMade() | CheckInAsked() | ReviewDue() | EndNear() | MatchEnded():
            return _of_a_match(event, occurred_at)
        case HelperChosen() | HelpNotNeeded() | ContactAgreed() | TenderLapsed():
            return _of_a_task(event, occurred_at)
        case _:
            return ()


def _of_a_proposal(
    event: HelperProposed | MeetingArranged | ProposalDropped, occurred_at: datetime
) -> tuple[Notice, ...]:
    both, about = (event.person_id, event.helper_id), event.proposal_id
    match event:
        case HelperProposed(programme=programme, until=until, needs_meeting=needs_meeting):
            occasion: Occasion = "invited" if needs_meeting else "proposed"
            return _each(both, Notice("", programme, occasion, until, Details(until=until), about))
        case MeetingArranged(programme=programme, meets_at=meets_at):
            details = Details(meets_at=meets_at)
            return _each(both, Notice("", programme, "meeting-arranged", meets_at, details, about))
        case ProposalDropped(programme=programme, reason=reason):
            neutral = Notice("", programme, "proposal-dropped", occurred_at + _WEEK, Details())
            # Who withdrew or parked the wish, or got it met, knows; "we keep looking" would be untrue to them.
            return _each(both[1:] if reason in ("withdrawn", "parked", "met") else both, neutral)


def _of_a_match(
    event: MatchMade | CheckInAsked | ReviewDue | EndNear | MatchEnded, occurred_at: datetime
) -> tuple[Notice, ...]:
    both = (event.requester_id, event.helper_id)
    plain = Notice("", event.programme, "match-made", occurred_at + _WEEK, Details(), event.match_id)
    match event:
        case MatchMade(ends_on=ends_on):
            return _each(both, replace(plain, details=Details(ends_on=ends_on)))
        case CheckInAsked():
            return _each(both, replace(plain, occasion="check-in"))
        case ReviewDue():
            return _each(both, replace(plain, occasion="review"))
        case EndNear(ends_on=ends_on):
            near = replace(plain, occasion="end-near", details=Details(ends_on=ends_on))
            return _each(both, replace(near, useful_until=after(ends_on)))
        case MatchEnded():
            # Whoever ended it and why, both hear the same friendly end, and the helper a thank-you (S2.33).
            return (
                replace(plain, recipient_id=event.requester_id, occasion="match-ended"),
                replace(plain, recipient_id=event.helper_id, occasion="thank-you"),
            )


def _of_a_task(
    event: HelperChosen | HelpNotNeeded | ContactAgreed | TenderLapsed, occurred_at: datetime
) -> tuple[Notice, ...]:
    """Who asked and who helps hear of each other when both have agreed, and not before (S1.2, S1.14)."""
    plain = Notice("", event.programme, "chosen", occurred_at + _WEEK, Details())
    match event:
        case HelperChosen(helper_id=helper_id, proposal_id=proposal_id):
            return (replace(plain, recipient_id=helper_id, about=proposal_id),)
        case HelpNotNeeded(helper_id=helper_id):
            return (replace(plain, recipient_id=helper_id, occasion="help-not-needed"),)
        case ContactAgreed(requester_id=requester_id, helper_id=helper_id, proposal_id=proposal_id):
            return _each((requester_id, helper_id), replace(plain, occasion="contact-agreed", about=proposal_id))
        case TenderLapsed(person_id=person_id):
            return (replace(plain, recipient_id=person_id, occasion="tender-lapsed"),)


def _each(recipient_ids: tuple[str, ...], notice: Notice) -> tuple[Notice, ...]:
    return tuple(notice.to(recipient_id) for recipient_id in recipient_ids)


def after(day: date) -> datetime:
    """When the day is over by UTC, an hour or two after it is at the place."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
