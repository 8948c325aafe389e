"""The figures of tasks, chances, resources and gatherings counted by hand, from the events that are seen."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from contracts.base import Event
from contracts.intake import RequestMet, RequestPosted
from contracts.matching import (
    ActivityPublished,
    FeedbackGiven,
    HelperChosen,
    HelperProposed,
    HelpOffered,
    OfferMade,
    OfferTakenBack,
    SessionClosed,
    SessionHeld,
    TaskCompleted,
    TenderLapsed,
    TenderOpened,
)

Values = dict[str, Any]
_ZONE = ZoneInfo("Europe/Oslo")


def categories(requests: Sequence[Sequence[Event]]) -> Values:
    met: Counter[str] = Counter()
    unmet: Counter[str] = Counter()
    for events in requests:
        if isinstance(events[0], RequestPosted):
            side = met if isinstance(events[-1], RequestMet) else unmet
            side[events[0].category or "none"] += 1
    return {
        "posted": met.total() + unmet.total(),
        "met": met.total(),
        "met_by_category": met,
        "unmet": unmet.total(),
        "unmet_by_category": unmet,
    }


def tenders(events: Sequence[Event], min_cell: int) -> Values:
    days = []
    lapsed = 0
    opened = [event for event in events if isinstance(event, TenderOpened)]
    for tender in opened:
        answers = [
            one.offered_at for one in events if isinstance(one, HelpOffered) and one.tender_id == tender.tender_id
        ]
        if answers:
            elapsed = min(answers).astimezone(_ZONE).date() - tender.opens_at.astimezone(_ZONE).date()
            days.append(max(elapsed.days, 0))
        elif any(isinstance(one, TenderLapsed) and one.tender_id == tender.tender_id for one in events):
            lapsed += 1
    return {
        "opened": len(opened),
        "answered": len(days),
        "lapsed": lapsed,
        "completed": sum(isinstance(event, TaskCompleted) for event in events),
        "days_to_first_answer_median": median(days) if len(days) >= max(min_cell, 1) else None,
        "answered_by_days": Counter(_band(one) for one in days),
    }


def _band(days: int) -> str:
    return "0-1" if days <= 1 else "2-3" if days <= 3 else "4-7" if days <= 7 else "8+"


def chances(events: Sequence[Event]) -> Values:
    forward = {event.helper_id for event in events if isinstance(event, HelpOffered)}
    chosen = [event.helper_id for event in events if isinstance(event, HelperChosen)]
    times = Counter({0: "never", 1: "once"}.get(chosen.count(helper), "more") for helper in forward)
    return {"helpers": len(forward), "helpers_by_times_chosen": times}


def resources(events: Sequence[Event]) -> Values:
    kind = {event.request_id: event.category for event in events if isinstance(event, RequestPosted)}
    back = {event.offer_id for event in events if isinstance(event, OfferTakenBack)}
    standing = [event for event in events if isinstance(event, OfferMade) and event.offer_id not in back]
    asked = [event for event in events if isinstance(event, HelperProposed)]
    never = [
        offer
        for offer in standing
        if not any(
            one.helper_id == offer.person_id
            and kind.get(one.request_id) == offer.category
            and one.proposed_at >= offer.made_at
            for one in asked
        )
    ]
    return {
        "standing": len(standing),
        "asked_for": len(standing) - len(never),
        "never_asked_for": len(never),
        "never_asked_for_by_category": Counter(offer.category for offer in never),
    }


def activities(events: Sequence[Event]) -> Values:
    held = [event for event in events if isinstance(event, SessionHeld)]
    said = [event for event in events if isinstance(event, FeedbackGiven)]
    return {
        "published": sum(isinstance(event, ActivityPublished) for event in events),
        "held": len(held),
        "heads": sum(event.heads for event in held),
        "called_off": sum(isinstance(event, SessionClosed) for event in events),
        "answers": len(said),
        "answers_by_good": Counter("good" if one.was_good else "not-good" for one in said),
        "answers_by_again": Counter("again" if one.would_come_again else "not-again" for one in said),
    }
