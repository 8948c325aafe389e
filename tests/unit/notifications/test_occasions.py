"""Who is told of what."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Event
from contracts.intake import ConfidentialityDue, HandOverAsked, RequestDeclined, RequestPosted
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
from contracts.notifications import Details, Occasion
from services.notifications.domain.occasions import Notice, notices

NOON = datetime(2020, 2, 29, 12, tzinfo=UTC)
WEEK = NOON + timedelta(days=7)


PAIR = {"person_id": "a", "helper_id": "b", "programme": "oslo", "proposal_id": "x"}
MATCH = {"requester_id": "a", "helper_id": "b", "programme": "oslo", "match_id": "m"}


def both(occasion: Occasion, until: datetime, details: Details, about: str | None = None) -> tuple[Notice, ...]:
    return tuple(Notice(person_id, "oslo", occasion, until, details, about) for person_id in ("a", "b"))


def made(event: type[Event], **fields: Any) -> Event:
    """An event with what these tests look at; the rest is left out, since nothing here reads it."""
    return event.model_construct(**fields)


def test_somebody_whose_wish_was_posted_hears_that_it_arrived() -> None:
    posted = made(RequestPosted, person_id="a", programme="oslo", answer_by=date(2020, 3, 14))
    details = Details(answer_by=date(2020, 3, 14))
    assert notices(posted, NOON) == (Notice("a", "oslo", "request-received", WEEK, details),)


def test_a_no_is_told_by_a_person_and_not_by_mail() -> None:
    assert notices(made(RequestDeclined, person_id="a", programme="oslo"), NOON) == ()


def test_both_are_told_of_a_meeting_and_only_until_it_begins() -> None:
    meets_at = NOON + timedelta(days=3)
    arranged = made(MeetingArranged, **PAIR, meets_at=meets_at)
    assert notices(arranged, NOON) == both("meeting-arranged", meets_at, Details(meets_at=meets_at), "x")


@pytest.mark.parametrize(("needs_meeting", "occasion"), [(True, "invited"), (False, "proposed")])
def test_both_hear_of_a_proposal_while_it_is_open(needs_meeting: bool, occasion: Occasion) -> None:
    until = NOON + timedelta(days=42)
    proposed = made(HelperProposed, **PAIR, until=until, needs_meeting=needs_meeting)
    assert notices(proposed, NOON) == both(occasion, until, Details(until=until), "x")


@pytest.mark.parametrize("reason", ["silence", "no", "block", "facts"])
def test_whoever_ended_a_proposal_both_get_the_same_neutral_words(reason: str) -> None:
    dropped = made(ProposalDropped, **PAIR, reason=reason)
    assert notices(dropped, NOON) == both("proposal-dropped", WEEK, Details())


@pytest.mark.parametrize("reason", ["withdrawn", "parked", "met"])
def test_who_let_the_wish_go_is_not_told_and_the_other_gets_the_same_neutral_words(reason: str) -> None:
    dropped = made(ProposalDropped, **PAIR, reason=reason)
    assert notices(dropped, NOON) == (Notice("b", "oslo", "proposal-dropped", WEEK, Details()),)


def test_both_are_told_of_a_match_and_how_long_it_lasts() -> None:
    match = made(MatchMade, **MATCH, ends_on=date(2021, 2, 28))
    assert notices(match, NOON) == both("match-made", WEEK, Details(ends_on=date(2021, 2, 28)), "m")


@pytest.mark.parametrize(("event", "occasion"), [(CheckInAsked, "check-in"), (ReviewDue, "review")])
def test_both_are_asked_how_it_goes(event: type[Event], occasion: Occasion) -> None:
    assert notices(made(event, **MATCH), NOON) == both(occasion, WEEK, Details(), "m")


def test_both_are_warned_until_the_last_day_is_over() -> None:
    near = made(EndNear, **MATCH, ends_on=date(2020, 3, 31))
    april = datetime(2020, 4, 1, tzinfo=UTC)
    assert notices(near, NOON) == both("end-near", april, Details(ends_on=date(2020, 3, 31)), "m")


@pytest.mark.parametrize("reason", ["length", "requester", "helper", "both", "withdrawn", "block", "erased"])
def test_whoever_ended_a_match_the_helper_is_thanked_and_the_other_greeted(reason: str) -> None:
    assert notices(made(MatchEnded, **MATCH, reason=reason), NOON) == (
        Notice("a", "oslo", "match-ended", WEEK, Details(), "m"),
        Notice("b", "oslo", "thank-you", WEEK, Details(), "m"),
    )


def test_a_volunteer_hears_by_when_to_sign() -> None:
    due = made(ConfidentialityDue, person_id="b", programme="oslo", sign_by=date(2020, 3, 31))
    details = Details(answer_by=date(2020, 3, 31))
    april = datetime(2020, 4, 1, tzinfo=UTC)
    assert notices(due, NOON) == (Notice("b", "oslo", "confidentiality-due", april, details),)


def test_who_is_asked_to_take_over_hears_by_when_to_answer() -> None:
    until = NOON + timedelta(days=2)
    asked = made(HandOverAsked, programme="oslo", to="c", until=until)
    assert notices(asked, NOON) == (Notice("c", "oslo", "hand-over", until, Details(until=until)),)


@pytest.mark.requirement("S1.2")
def test_whoever_is_chosen_hears_that_the_other_is_asked_and_both_hear_when_they_agree() -> None:
    chosen = made(HelperChosen, helper_id="b", programme="oslo", proposal_id="x")
    assert notices(chosen, NOON) == (Notice("b", "oslo", "chosen", WEEK, Details(), "x"),)
    agreed = made(ContactAgreed, requester_id="a", helper_id="b", programme="oslo", proposal_id="x")
    assert notices(agreed, NOON) == both("contact-agreed", WEEK, Details(), "x")


@pytest.mark.requirement("S1.16")
def test_whoever_came_forward_and_is_not_needed_is_thanked() -> None:
    not_needed = made(HelpNotNeeded, helper_id="b", programme="oslo")
    assert notices(not_needed, NOON) == (Notice("b", "oslo", "help-not-needed", WEEK, Details()),)


@pytest.mark.requirement("S1.13")
def test_who_asked_hears_that_nobody_came_forward_in_time() -> None:
    lapsed = made(TenderLapsed, person_id="a", programme="oslo")
    assert notices(lapsed, NOON) == (Notice("a", "oslo", "tender-lapsed", WEEK, Details()),)
