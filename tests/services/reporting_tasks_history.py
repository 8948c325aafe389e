"""Random histories of tenders, standing offers and gatherings, beside the rest of reporting_history."""

from datetime import datetime
from typing import Any

from hypothesis.strategies import DrawFn, SearchStrategy, booleans, builds, composite, integers, lists, sampled_from

from contracts.base import Event
from contracts.matching import (
    ActivityPublished,
    ContactAgreed,
    FeedbackGiven,
    HelperChosen,
    HelperProposed,
    HelpNotNeeded,
    HelpOffered,
    HelpTakenBack,
    OfferMade,
    OfferTakenBack,
    SessionClosed,
    SessionHeld,
    TaskCompleted,
    TenderLapsed,
    TenderOpened,
)
from contracts.sealed import Sealed

CATEGORIES = (None, "garden", "sewing")
_HELPERS = sampled_from(("v0", "v1", "v2"))
# What figures do not look at.
_LATER = datetime.fromisoformat("2030-01-01T00:00:00+00:00")
_REST: dict[str, Any] = {
    "programme": "oslo",
    "person_id": "p",
    "requester_id": "p",
    "category": "garden",
    "text": Sealed("p", "x"),
    "words": Sealed("p", "x"),
    "opened_by": "staff",
    "chosen_by": "staff",
    "proposed_by": "staff",
    "approved_by": "staff",
    "closes_at": _LATER,
    "until": _LATER,
    "score": 1.0,
    "reasons": (),
    "policy_version": 1,
    "needs_meeting": False,
    "proposal_id": "x",
    "reason": "called-off",
    "activity_id": "a",
    "feedback_id": "f",
}


def _made(event: type[Event], **fields: Any) -> Event:
    return event.model_validate({**_REST, **fields})


@composite
def searches(draw: DrawFn, number: int, instants: SearchStrategy[datetime]) -> list[Event]:
    """One request put to the members, maybe twice; some come forward, some are chosen, some are picked without."""
    times = draw(integers(0, 2))
    return [event for time in range(max(times, 1)) for event in draw(_tender(number, time, times > 0, instants))]


@composite
def _tender(draw: DrawFn, number: int, time: int, is_opened: bool, instants: SearchStrategy[datetime]) -> list[Event]:
    of = {"request_id": f"r{number}", "tender_id": f"t{number}-{time}"}
    offered = builds(lambda who, at: _made(HelpOffered, **of, helper_id=who, offered_at=at), _HELPERS, instants)
    chosen = builds(lambda who: _made(HelperChosen, **of, helper_id=who), _HELPERS)
    picked = builds(
        lambda who, at: _made(HelperProposed, request_id=f"r{number}", helper_id=who, proposed_at=at),
        _HELPERS,
        instants,
    )
    lapsed = builds(lambda _: _made(TenderLapsed, **of), booleans())
    done = builds(lambda at: _made(TaskCompleted, request_id=f"r{number}", helper_id="v0", completed_at=at), instants)
    # What no figure looks at.
    rest = builds(
        lambda kind, who, at: _made(kind, **of, helper_id=who, agreed_at=at),
        sampled_from((HelpTakenBack, HelpNotNeeded, ContactAgreed)),
        _HELPERS,
        instants,
    )
    opened = [_made(TenderOpened, **of, opens_at=draw(instants))] if is_opened else []
    return [
        *opened,
        *draw(
            lists(
                sampled_from((offered, offered, chosen, picked, lapsed, lapsed, done, rest)).flatmap(_same), max_size=5
            )
        ),
    ]


def _same(strategy: SearchStrategy[Event]) -> SearchStrategy[Event]:
    return strategy


@composite
def offers(draw: DrawFn, helper_id: str, instants: SearchStrategy[datetime]) -> list[Event]:
    """What one helper stands ready for, some of it taken back."""
    events: list[Event] = []
    for number in range(draw(integers(1, 3))):
        of = {"offer_id": f"{helper_id}-{number}", "person_id": helper_id}
        category = draw(sampled_from(CATEGORIES[1:]))
        events.append(_made(OfferMade, **of, category=category, made_at=draw(instants)))
        if draw(booleans()):
            events.append(_made(OfferTakenBack, **of))
    return events


@composite
def gatherings(draw: DrawFn, instants: SearchStrategy[datetime]) -> list[Event]:
    """Gatherings held and called off, and what people thought."""
    held = builds(
        lambda heads, at: _made(SessionHeld, session_id="s", heads=heads, held_at=at), integers(0, 30), instants
    )
    off = builds(lambda _: _made(SessionClosed, session_id="s"), booleans())
    said = builds(
        lambda good, again: _made(FeedbackGiven, session_id="s", was_good=good, would_come_again=again),
        booleans(),
        booleans(),
    )
    return draw(lists(sampled_from((held, off, said, said)).flatmap(_same), max_size=6))


@composite
def published(draw: DrawFn, instants: SearchStrategy[datetime]) -> list[Event]:
    return [_made(ActivityPublished, published_at=draw(instants))]
