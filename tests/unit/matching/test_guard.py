"""A pair that is kept apart is never engaged; who is engaged already is known (S2.9)."""

import pytest

from chassis.testing import given
from contracts.matching import PairBarred, PairEngaged, PairUnbarred
from services.matching.domain.guard import BarPair, EngagePair, UnbarPair, guard
from services.matching.domain.helper_commands import HelperNotFound
from tests.unit.matching.examples import HELPER, OTHER, PROPOSAL, REQUEST

ENGAGE = EngagePair(PROPOSAL, REQUEST, HELPER)
ENGAGED = PairEngaged(proposal_id=PROPOSAL, request_id=REQUEST, helper_id=HELPER)


def test_a_proposal_engages_the_pair() -> None:
    assert given(guard).when(ENGAGE) == [ENGAGED]


@pytest.mark.requirement("S2.9")
def test_who_is_kept_apart_is_nobody_to_the_other() -> None:
    with pytest.raises(HelperNotFound):
        given(guard, PairBarred(heard=1)).when(ENGAGE)


def test_a_block_that_comes_later_finds_what_brought_the_two_together() -> None:
    assert given(guard, ENGAGED).when(BarPair(1)) == [PairBarred(heard=1)]
    assert set(guard.fold([ENGAGED, PairBarred(heard=1)]).engaged) == {PROPOSAL}


def test_a_freed_pair_may_be_engaged_again() -> None:
    history = (PairBarred(heard=1), PairUnbarred(heard=2))
    other = PairEngaged(proposal_id=OTHER, request_id=REQUEST, helper_id=HELPER)
    assert given(guard, *history).when(EngagePair(OTHER, REQUEST, HELPER)) == [other]


def test_what_was_said_before_what_was_heard_last_means_nothing() -> None:
    history = (PairBarred(heard=1), PairUnbarred(heard=3))
    assert given(guard, *history).when(BarPair(2)) == []
    assert given(guard, PairBarred(heard=4)).when(UnbarPair(3)) == []


def test_a_pair_that_was_never_held_cannot_be_freed() -> None:
    assert given(guard).when(UnbarPair(1)) == []
