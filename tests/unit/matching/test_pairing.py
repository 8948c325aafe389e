"""What a match decides: when it begins, and that it ends within the policy's length."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chassis.testing import given
from contracts.matching import MatchEnded
from services.matching.domain.pairing import EndMatch, MakeMatch, MatchNotFound, day_is_over, pairing
from tests.unit.matching.examples import HELPER, MATCH, PROGRAMME, PROPOSAL, REQUEST, REQUESTER, made

MAKE = MakeMatch(
    match_id=MATCH,
    request_id=REQUEST,
    programme=PROGRAMME,
    requester_id=REQUESTER,
    helper_id=HELPER,
    proposal_id=PROPOSAL,
    needed_since=date(2019, 12, 1),
    starts_on=date(2020, 2, 29),
    max_length="P1Y",
    zone="Europe/Oslo",
    policy_version=1,
)
END = EndMatch("both", closing_talk=True, today=date(2020, 6, 1))
ENDED = MatchEnded(
    match_id=MATCH,
    request_id=REQUEST,
    programme=PROGRAMME,
    requester_id=REQUESTER,
    helper_id=HELPER,
    proposal_id=PROPOSAL,
    reason="both",
    closing_talk=True,
    ended_on=date(2020, 6, 1),
)


def test_a_match_made_on_a_leap_day_ends_at_the_latest_on_28_february() -> None:
    assert given(pairing).when(MAKE) == [made()]


def test_a_match_without_a_length_has_no_last_day() -> None:
    assert given(pairing).when(replace(MAKE, max_length=None)) == [made(ends_on=None, ends_at=None)]


def test_a_match_is_made_once() -> None:
    assert given(pairing, made()).when(MAKE) == []
    assert given(pairing, made(), ENDED).when(MAKE) == []


def test_a_match_can_end_at_any_time() -> None:
    assert given(pairing, made()).when(END) == [ENDED]


def test_a_match_ends_once() -> None:
    assert given(pairing, made(), ENDED).when(replace(END, reason="length")) == []


def test_a_late_timer_does_not_make_a_match_longer() -> None:
    late = EndMatch("length", closing_talk=False, today=date(2021, 3, 15))
    expected = {"reason": "length", "closing_talk": False, "ended_on": date(2021, 2, 28)}
    assert given(pairing, made()).when(late) == [ENDED.model_copy(update=expected)]


def test_a_match_that_is_not_there_cannot_end() -> None:
    with pytest.raises(MatchNotFound):
        given(pairing).when(END)


def test_a_day_is_over_at_midnight_of_the_place_also_when_its_clocks_change() -> None:
    assert day_is_over(date(2021, 3, 27), "Europe/Oslo") == datetime(2021, 3, 27, 23, tzinfo=UTC)
    assert day_is_over(date(2021, 3, 28), "Europe/Oslo") == datetime(2021, 3, 28, 22, tzinfo=UTC)
