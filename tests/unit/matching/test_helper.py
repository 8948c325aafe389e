"""What a helper's stream decides: listings, and slots that are never more than the capacity."""

from datetime import date, timedelta

import pytest

from chassis.refusal import FactsTooOld
from chassis.testing import given
from services.matching.domain.approval import ApprovalExpired, ApprovalOutdated, NotListed, ProgrammePaused
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import (
    ConfirmSlot,
    ExpireSlot,
    HelperNotFound,
    NoFreeSlot,
    ReleaseSlot,
    SamePerson,
    SlotGone,
    SlotNotFound,
    UnlistHelper,
)
from services.matching.domain.pauses import Pauses
from tests.unit.matching.examples import (
    DEADLINE,
    HELPER,
    LATER,
    NOW,
    OTHER,
    PROGRAMME,
    PROPOSAL,
    confirmed,
    list_helper,
    listed,
    policy,
    released,
    reserve,
    reserved,
    slot_refused,
    unlisted,
)

CONFIRM = ConfirmSlot(PROPOSAL, NOW, policy())


def test_an_approved_volunteer_is_listed_with_the_capacity_of_the_policy() -> None:
    assert given(helper).when(list_helper(capacity=3)) == [listed(capacity=3)]


def test_the_same_listing_again_is_nothing_new() -> None:
    assert given(helper, listed()).when(list_helper()) == []


def test_a_new_approval_replaces_the_listing() -> None:
    assert given(helper, listed()).when(list_helper(approved_under=2)) == [listed(policy_version=2)]


def test_a_listing_that_is_good_again_confirms_what_waited_for_it() -> None:
    waiting = given(helper, listed(), reserved(), slot_refused("approval_outdated"))
    assert waiting.when(list_helper(approved_under=2, policy=policy(2))) == [listed(policy_version=2), confirmed()]


def test_a_listing_that_is_still_not_good_leaves_it_waiting() -> None:
    waiting = given(helper, listed(), reserved(), slot_refused("approval_outdated"))
    assert waiting.when(list_helper(approved_under=2, policy=policy(3))) == [listed(policy_version=2)]


def test_an_approval_that_lapsed_takes_the_helper_off_the_list() -> None:
    assert given(helper, listed()).when(UnlistHelper(PROGRAMME, "lapsed")) == [unlisted("lapsed")]


def test_who_is_not_listed_cannot_be_unlisted() -> None:
    assert given(helper).when(UnlistHelper(PROGRAMME, "left")) == []


def test_unlisting_twice_is_nothing_new() -> None:
    assert given(helper, listed(), unlisted("lapsed")).when(UnlistHelper(PROGRAMME, "lapsed")) == []


def test_who_lapsed_and_then_leaves_has_left() -> None:
    assert given(helper, listed(), unlisted("lapsed")).when(UnlistHelper(PROGRAMME, "left")) == [unlisted("left")]
    assert given(helper, listed(), unlisted("left")).when(UnlistHelper(PROGRAMME, "lapsed")) == []


def test_who_is_suspended_or_leaves_gives_back_what_is_reserved_and_keeps_what_is_confirmed() -> None:
    holding = given(helper, listed(capacity=2), reserved(), reserved(OTHER), confirmed(OTHER))
    assert holding.when(UnlistHelper(PROGRAMME, "suspended")) == [unlisted("suspended"), released("facts")]
    assert holding.when(UnlistHelper(PROGRAMME, "lapsed")) == [unlisted("lapsed")]


def test_a_new_approval_lists_again_who_was_away() -> None:
    assert given(helper, listed(), unlisted("suspended")).when(list_helper()) == [listed()]


def test_a_pick_reserves_a_slot_until_the_deadline() -> None:
    assert given(helper, listed()).when(reserve()) == [reserved()]


def test_reserving_the_same_slot_again_is_nothing_new() -> None:
    assert given(helper, listed(), reserved()).when(reserve()) == []


def test_there_are_never_more_slots_than_the_capacity() -> None:
    with pytest.raises(NoFreeSlot):
        given(helper, listed(), reserved()).when(reserve(OTHER))


def test_a_second_place_can_be_reserved_when_the_capacity_is_two() -> None:
    assert given(helper, listed(capacity=2), reserved()).when(reserve(OTHER)) == [reserved(OTHER)]


def test_a_place_in_one_programme_takes_none_in_another() -> None:
    both = given(helper, listed(), listed(programme="gladsaxe"), reserved())
    assert both.when(reserve(OTHER, programme="gladsaxe")) == [reserved(OTHER, programme="gladsaxe")]


def test_a_passed_deadline_frees_the_slot_although_no_event_said_so() -> None:
    again = reserve(OTHER, now=LATER, until=LATER + timedelta(days=42), policy=policy(as_of=LATER))
    assert given(helper, listed(), reserved()).when(again) == [
        released("expired"),
        reserved(OTHER, reserved_at=LATER, until=LATER + timedelta(days=42)),
    ]


def test_a_confirmed_slot_has_no_deadline() -> None:
    with pytest.raises(NoFreeSlot):
        given(helper, listed(), reserved(), confirmed()).when(reserve(OTHER, now=LATER, policy=policy(as_of=LATER)))


def test_nobody_helps_themselves() -> None:
    with pytest.raises(SamePerson):
        given(helper, listed()).when(reserve(requester_id=HELPER))


def test_who_never_was_a_helper_is_absent() -> None:
    with pytest.raises(HelperNotFound):
        given(helper).when(reserve())


def test_who_is_not_listed_is_not_reserved() -> None:
    with pytest.raises(NotListed):
        given(helper, listed(), unlisted("lapsed")).when(reserve())
    with pytest.raises(NotListed):
        given(helper, listed()).when(reserve(programme="gladsaxe"))


def test_an_approval_counts_on_its_last_day_and_not_on_the_day_after() -> None:
    until_today = given(helper, listed(until=NOW.date()))
    assert until_today.when(reserve()) == [reserved()]
    with pytest.raises(ApprovalExpired):
        until_today.when(reserve(policy=policy(today=date(2020, 2, 2))))


def test_an_approval_under_an_older_policy_is_not_reserved() -> None:
    with pytest.raises(ApprovalOutdated):
        given(helper, listed()).when(reserve(policy=policy(2)))


def test_nothing_is_reserved_on_facts_older_than_five_minutes() -> None:
    fresh, old = policy(as_of=NOW - timedelta(minutes=5)), policy(as_of=NOW - timedelta(minutes=5, seconds=1))
    assert given(helper, listed()).when(reserve(policy=fresh)) == [reserved()]
    with pytest.raises(FactsTooOld):
        given(helper, listed()).when(reserve(policy=old))


def test_a_released_proposal_never_gets_its_place_back() -> None:
    with pytest.raises(SlotGone):
        given(helper, listed(), reserved(), released("no")).when(reserve())


def test_two_yes_confirm_the_slot() -> None:
    assert given(helper, listed(), reserved()).when(CONFIRM) == [confirmed()]


def test_confirming_twice_is_nothing_new() -> None:
    assert given(helper, listed(), reserved(), confirmed()).when(CONFIRM) == []


def test_confirming_what_was_released_is_nothing_new() -> None:
    assert given(helper, listed(), reserved(), released("no")).when(CONFIRM) == []


def test_confirming_what_was_never_reserved_is_refused() -> None:
    with pytest.raises(SlotNotFound):
        given(helper, listed()).when(CONFIRM)


def test_a_confirmation_is_refused_by_the_rule_and_waits() -> None:
    under_new_policy = ConfirmSlot(PROPOSAL, NOW, policy(2))
    assert given(helper, listed(), reserved()).when(under_new_policy) == [slot_refused("approval_outdated")]
    assert given(helper, listed(), reserved(), slot_refused("approval_outdated")).when(under_new_policy) == []


def test_another_rule_is_another_attempt() -> None:
    suspended = given(helper, listed(), reserved(), slot_refused("approval_outdated"), unlisted("suspended"))
    assert suspended.when(CONFIRM) == [slot_refused("not_listed", attempt=2)]


def test_a_confirmation_after_the_deadline_finds_the_place_given_back() -> None:
    late = ConfirmSlot(PROPOSAL, DEADLINE, policy(as_of=DEADLINE))
    assert given(helper, listed(), reserved()).when(late) == [released("expired")]


def test_a_slot_is_released_once() -> None:
    assert given(helper, listed(), reserved()).when(ReleaseSlot(PROPOSAL, "no")) == [released("no")]
    assert given(helper, listed(), reserved(), released("no")).when(ReleaseSlot(PROPOSAL, "lost")) == []


def test_releasing_what_was_never_reserved_is_refused() -> None:
    with pytest.raises(SlotNotFound):
        given(helper, listed()).when(ReleaseSlot(PROPOSAL, "no"))


def test_a_reservation_ends_at_its_deadline_and_not_before() -> None:
    holding = given(helper, listed(), reserved())
    assert holding.when(ExpireSlot(PROPOSAL, NOW)) == []
    assert holding.when(ExpireSlot(PROPOSAL, DEADLINE)) == [released("expired")]


def test_a_confirmed_slot_does_not_expire() -> None:
    assert given(helper, listed(), reserved(), confirmed()).when(ExpireSlot(PROPOSAL, LATER)) == []


def test_a_slot_that_was_never_reserved_cannot_expire() -> None:
    with pytest.raises(SlotNotFound):
        given(helper, listed()).when(ExpireSlot(PROPOSAL, LATER))


@pytest.mark.requirement("S2.29")
def test_no_place_is_reserved_in_a_pause_and_none_runs_out() -> None:
    paused = Pauses(((NOW, None),))
    with pytest.raises(ProgrammePaused):
        given(helper, listed()).when(reserve(policy=policy(pauses=paused)))
    assert given(helper, listed(), reserved()).when(ExpireSlot(PROPOSAL, LATER, paused)) == []
    over = Pauses(((NOW, NOW + timedelta(days=5)),))
    assert given(helper, listed(), reserved()).when(ExpireSlot(PROPOSAL, LATER, over)) == []
    later = LATER + timedelta(days=5)
    assert given(helper, listed(), reserved()).when(ExpireSlot(PROPOSAL, later, over)) == [released("expired")]
