"""Who is told of what."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Event
from contracts.intake import RequestDeclined, RequestPosted
from contracts.matching import MatchMade, MeetingArranged, ProposalDropped
from contracts.notifications import Details
from services.notifications.domain.occasions import Notice, notices

NOON = datetime(2020, 2, 29, 12, tzinfo=UTC)
WEEK = NOON + timedelta(days=7)


def made(event: type[Event], **fields: Any) -> Event:
    """An event with what these tests look at; the rest is left out, since nothing here reads it."""
    return event.model_construct(**fields)


def test_somebody_whose_wish_was_posted_hears_that_it_arrived() -> None:
    posted = made(RequestPosted, person_id="a", programme="oslo", answer_by=date(2020, 3, 14))
    details = Details(answer_by=date(2020, 3, 14))
    assert notices(posted, NOON) == (Notice("a", "oslo", "request-received", WEEK, details),)


def test_a_no_is_told_by_a_person_and_not_by_mail() -> None:
    assert notices(made(RequestDeclined, person_id="a", programme="oslo"), NOON) == ()


def test_both_are_invited_to_a_meeting_and_only_until_it_begins() -> None:
    meets_at = NOON + timedelta(days=3)
    arranged = made(MeetingArranged, person_id="a", helper_id="b", programme="oslo", meets_at=meets_at)
    details = Details(meets_at=meets_at)
    assert notices(arranged, NOON) == (
        Notice("a", "oslo", "meeting-arranged", meets_at, details),
        Notice("b", "oslo", "meeting-arranged", meets_at, details),
    )


@pytest.mark.parametrize("reason", ["silence", "no", "block", "facts"])
def test_whoever_ended_a_proposal_both_get_the_same_neutral_words(reason: str) -> None:
    dropped = made(ProposalDropped, person_id="a", helper_id="b", programme="oslo", reason=reason)
    assert notices(dropped, NOON) == (
        Notice("a", "oslo", "proposal-dropped", WEEK, Details()),
        Notice("b", "oslo", "proposal-dropped", WEEK, Details()),
    )


@pytest.mark.parametrize("reason", ["withdrawn", "parked", "met"])
def test_who_let_the_wish_go_is_not_told_and_the_other_gets_the_same_neutral_words(reason: str) -> None:
    dropped = made(ProposalDropped, person_id="a", helper_id="b", programme="oslo", reason=reason)
    assert notices(dropped, NOON) == (Notice("b", "oslo", "proposal-dropped", WEEK, Details()),)


def test_both_are_told_of_a_match_and_how_long_it_lasts() -> None:
    match = made(MatchMade, requester_id="a", helper_id="b", programme="oslo", ends_on=date(2021, 2, 28))
    details = Details(ends_on=date(2021, 2, 28))
    assert notices(match, NOON) == (
        Notice("a", "oslo", "match-made", WEEK, details),
        Notice("b", "oslo", "match-made", WEEK, details),
    )
