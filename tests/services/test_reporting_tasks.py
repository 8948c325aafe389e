"""Tasks, chances, resources and what is done together: events on Kafka in, numbers out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.base import Event
from contracts.intake import RequestMet, RequestWithdrawn
from contracts.matching import (
    ActivityPublished,
    FeedbackGiven,
    HelperChosen,
    HelperProposed,
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
from services.reporting.app import build
from tests.services.reporting_told import AT, History, adopted, comes, groups, posted, stored
from tests.support.service import Place, Running, running_service

REST: dict[str, Any] = {
    "programme": "venn",
    "person_id": "p",
    "requester_id": "p",
    "category": "sewing",
    "text": Sealed("p", "x"),
    "words": Sealed("v1", "x"),
    "opened_by": "k",
    "chosen_by": "k",
    "proposed_by": "k",
    "approved_by": "k",
    "opens_at": AT,
    "closes_at": AT + timedelta(days=20),
    "offered_at": AT,
    "proposed_at": AT,
    "published_at": AT,
    "made_at": AT,
    "held_at": AT,
    "completed_at": AT,
    "until": AT + timedelta(days=9),
    "score": 1.0,
    "reasons": (),
    "policy_version": 1,
    "needs_meeting": False,
    "proposal_id": "x",
    "reason": "called-off",
}


def made(event: type[Event], **fields: Any) -> Event:
    return event.model_validate({**REST, **fields})


@pytest.fixture
async def reporting(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("reporting", build, place) as running:
        yield running


@pytest.mark.requirement("S1.18", "S2.31")
async def test_wishes_by_the_kind_of_help_are_met_or_not(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=3))
    kinds: list[tuple[str | None, bool]] = [("garden", True), ("shelves", True), ("garden", False)]
    wishes = [kind for kind, times in zip(kinds, (4, 3, 5), strict=True) for _ in range(times)]
    for number, (category, is_met) in enumerate([*wishes, (None, False), ("sewing", False), ("sewing", False)]):
        met = [RequestMet(request_id=f"r{number}", programme="venn", how="by-task", met_at=AT)] if is_met else []
        wish = posted(number, 1).model_copy(update={"category": category})
        history.add("request", f"r{number}", wish, *met)
    gone = RequestWithdrawn(request_id="r99", programme="venn", withdrawn_at=AT)
    history.add("request", "r99", posted(99, 1).model_copy(update={"category": "garden"}), gone)
    await history.tell()
    values = await comes(reporting, "categories", {"posted": 16, "met": 7, "unmet": 9})
    assert groups(values["met_by_category"]) == {"garden": 4, "shelves": 3}
    assert groups(values["unmet_by_category"]) == {"garden": 6, "none": None, "sewing": None}


@pytest.mark.requirement("S1.13")
async def test_how_soon_the_first_comes_forward_for_a_task(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=1))
    for number, days in enumerate((0, 1, 2, 9)):
        of = {"request_id": f"r{number}", "tender_id": f"t{number}"}
        first = made(HelpOffered, **of, helper_id="v1", offered_at=AT + timedelta(days=days))
        later = made(HelpOffered, **of, helper_id="v2", offered_at=AT + timedelta(days=days + 1))
        history.add("search", f"r{number}", made(TenderOpened, **of), first, later)
    history.add("search", "r0", made(TaskCompleted, request_id="r0", helper_id="v1"))
    of = {"request_id": "r9", "tender_id": "t9"}
    history.add("search", "r9", made(TenderOpened, **of), made(TenderLapsed, **of))
    # Somebody came forward and thought better of it: nobody was left when it closed, but it was answered.
    of = {"request_id": "r8", "tender_id": "t8"}
    offered = made(HelpOffered, **of, helper_id="v1", offered_at=AT + timedelta(days=2))
    gone = made(HelpTakenBack, **of, helper_id="v1")
    history.add("search", "r8", made(TenderOpened, **of), offered, gone, made(TenderLapsed, **of))
    await history.tell()
    counts = {"opened": 6, "answered": 5, "lapsed": 1, "completed": 1, "days_to_first_answer_median": 2.0}
    values = await comes(reporting, "tenders", counts)
    assert groups(values["answered_by_days"]) == {"0-1": 2, "2-3": 2, "8+": 1}


@pytest.mark.requirement("S1.16", "S1.15")
async def test_how_chances_are_spread_shows_that_some_are_never_chosen_and_not_who(
    place: Place, reporting: Running
) -> None:
    """Nor what anybody gave or received: that is theirs to see."""
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=2))
    for number in range(9):
        of = {"request_id": f"r{number}", "tender_id": f"t{number}"}
        offers = [made(HelpOffered, **of, helper_id=f"v{one}") for one in (number, number % 3)]
        chosen = made(HelperChosen, **of, helper_id=f"v{number % 3}")
        history.add("search", f"r{number}", *offers, chosen)
    back = {"request_id": "r0", "tender_id": "t0", "helper_id": "v11"}
    history.add("search", "r0", made(HelpOffered, **back), made(HelpTakenBack, **back))
    history.add("search", "r0", made(TaskCompleted, request_id="r0", helper_id="v0"))
    await history.tell()
    values = await comes(reporting, "chances", {"helpers": 10})
    assert groups(values["helpers_by_times_chosen"]) == {"never": 7, "more": 3}
    await comes(reporting, "tenders", {"completed": 1})
    completed = [row for row in await stored(reporting, "facts", 29) if row["kind"] == "task-completed"]
    assert [{"subject", "helper", "about", "category"} & row.keys() for row in completed] == [set()]


@pytest.mark.requirement("S1.10")
async def test_what_people_stand_ready_for_and_nobody_asks_for(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=1))
    for number, category in enumerate(("sewing", "sewing", "garden", "computer")):
        offer = made(OfferMade, offer_id=f"o{number}", person_id=f"v{number}", category=category)
        history.add("helper", f"v{number}", offer)
    history.add("helper", "v3", made(OfferTakenBack, offer_id="o3", person_id="v3"))
    for number, category in enumerate(("sewing", "shelves")):
        history.add("request", f"r{number}", posted(number, 1).model_copy(update={"category": category}))
    # Asked for: v0 for sewing. Not: v2, for something else than the garden; v1, before it was offered.
    early = made(HelperProposed, request_id="r0", helper_id="v1", proposed_at=AT - timedelta(days=1))
    history.add("search", "r0", early, made(HelperProposed, request_id="r0", helper_id="v0"))
    history.add("search", "r1", made(HelperProposed, request_id="r1", helper_id="v2"))
    await history.tell()
    values = await comes(reporting, "resources", {"standing": 3, "asked_for": 1, "never_asked_for": 2})
    assert groups(values["never_asked_for_by_category"]) == {"garden": 1, "sewing": 1}


@pytest.mark.requirement("S1.23", "S1.22", "S0.9")
async def test_two_answers_after_a_talk_are_too_few_to_show(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted())
    history.add("activity", "a1", made(ActivityPublished, activity_id="a1"))
    of = {"activity_id": "a1", "session_id": "s1"}
    answers = [
        made(FeedbackGiven, **of, feedback_id=f"f{one}", was_good=True, would_come_again=one == 0) for one in range(2)
    ]
    history.add("session", "s1", made(SessionHeld, **of, heads=14), *answers)
    history.add("session", "s2", made(SessionClosed, activity_id="a1", session_id="s2"))
    await history.tell()
    counts = {"published": 1, "held": 1, "heads": 14, "called_off": 1, "answers": 2}
    values = await comes(reporting, "activities", counts)
    for name in ("answers_by_good", "answers_by_again"):
        assert (values[name]["withheld"], values[name]["cells"]) == (True, [])
