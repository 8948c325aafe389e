"""What the finding for one request decides: one live proposal, a meeting, two hidden answers, one outcome."""

from datetime import timedelta
from itertools import permutations

import hypothesis
import pytest
from hypothesis import strategies as st

from chassis.refusal import FactsTooOld, Refusal
from chassis.testing import given
from contracts.base import Event
from contracts.intake import Wishes
from contracts.matching import ProposalDropped, SearchAmended, SearchSettled
from contracts.sealed import Sealed
from services.matching.domain.approval import ApprovalOutdated, ProgrammePaused
from services.matching.domain.pauses import Pauses
from services.matching.domain.search import search
from services.matching.domain.search_commands import (
    AlreadyMatched,
    AlreadyMet,
    AmendSearch,
    CloseSearch,
    Command,
    DropProposal,
    HoldMeeting,
    MeetingInThePast,
    MeetingTooLate,
    MissMeeting,
    NoMeetingArranged,
    NotMetYet,
    ProposalNotFound,
    ProposalOver,
    ReopenSearch,
    SayNo,
    SayYes,
    SearchNotFound,
    Settle,
)
from services.matching.domain.search_state import Status
from tests.unit.matching.examples import (
    DEADLINE,
    HELPER,
    LATER,
    MATCH,
    MEETING,
    NOW,
    OTHER,
    PROGRAMME,
    PROPOSAL,
    REQUEST,
    REQUESTER,
    SOMEBODY,
    agreed,
    arrange,
    arranged,
    closed,
    dropped,
    held,
    missed,
    no,
    open_search,
    opened,
    policy,
    proposal_refused,
    propose,
    proposed,
    reopened,
    settled,
    yes,
)

MET = (opened(), proposed(), arranged(), held())
AGREED = (*MET, yes("requester"), yes("helper"), agreed())
SETTLED = (*AGREED, settled())

YES_OF_REQUESTER, YES_OF_HELPER = SayYes(PROPOSAL, REQUESTER, NOW), SayYes(PROPOSAL, HELPER, NOW)
NO_OF_REQUESTER, NO_OF_HELPER = SayNo(PROPOSAL, REQUESTER, NOW), SayNo(PROPOSAL, HELPER, NOW)


def test_a_posted_request_opens_a_search() -> None:
    assert given(search).when(open_search()) == [opened()]


def test_the_same_request_again_opens_nothing() -> None:
    assert given(search, opened()).when(open_search()) == []


@pytest.mark.parametrize(
    "command", [propose(), arrange(), YES_OF_HELPER, NO_OF_HELPER, Settle(PROPOSAL, MATCH), CloseSearch("parked")]
)
def test_nothing_is_asked_of_a_search_that_is_not_there(command: Command) -> None:
    with pytest.raises(SearchNotFound):
        given(search).when(command)


def test_a_picked_helper_is_proposed() -> None:
    assert given(search, opened()).when(propose()) == [proposed()]


def test_proposing_the_same_again_is_nothing_new() -> None:
    assert given(search, opened(), proposed()).when(propose()) == []


def test_a_second_proposal_is_refused_for_good_while_one_is_live() -> None:
    assert given(search, opened(), proposed()).when(propose(OTHER)) == [proposal_refused("already_proposed")]
    refused = given(search, opened(), proposed(), proposal_refused("already_proposed"), dropped("no"))
    assert refused.when(propose(OTHER)) == []


def test_a_proposal_whose_deadline_has_passed_gives_way() -> None:
    new = propose(OTHER, now=LATER, until=LATER + timedelta(days=42))
    assert given(search, opened(), proposed()).when(new) == [
        dropped("silence"),
        proposed(OTHER, until=LATER + timedelta(days=42)),
    ]


def test_two_yes_that_wait_for_the_approval_do_not_give_way() -> None:
    new = propose(OTHER, now=LATER, until=LATER + timedelta(days=42))
    assert given(search, *AGREED).when(new) == [proposal_refused("already_proposed")]


def test_a_proposal_that_comes_after_its_own_deadline_is_refused() -> None:
    assert given(search, opened()).when(propose(now=LATER)) == [proposal_refused("proposal_over", PROPOSAL)]


@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ((opened(), closed("withdrawn")), "search_closed"),
        ((opened(), closed("parked")), "search_closed"),
        (SETTLED, "already_matched"),
    ],
)
def test_a_search_that_is_over_takes_no_proposal(history: tuple[object, ...], rule: str) -> None:
    assert given(search, *history).when(propose(OTHER)) == [proposal_refused(rule)]  # type: ignore[arg-type]


def test_a_meeting_is_arranged() -> None:
    assert given(search, opened(), proposed()).when(arrange()) == [arranged()]
    assert given(search, opened(), proposed(), arranged()).when(arrange()) == []


def test_a_missed_meeting_is_arranged_again_without_blame() -> None:
    again = MEETING + timedelta(days=1)
    events = given(search, opened(), proposed(), arranged(), missed()).when(arrange(meets_at=again))
    assert events == [arranged().model_copy(update={"meets_at": again})]


def test_no_meeting_is_arranged_in_a_pause() -> None:
    paused = Pauses(((NOW, None),))
    with pytest.raises(ProgrammePaused):
        given(search, opened(), proposed()).when(arrange(policy=policy(pauses=paused)))
    with pytest.raises(ProgrammePaused):
        given(search, opened(), proposed(), arranged()).when(HoldMeeting(PROPOSAL, MEETING, paused))
    assert given(search, opened(), proposed(), arranged()).when(MissMeeting(PROPOSAL, MEETING, paused)) == [missed()]
    with pytest.raises(FactsTooOld):
        given(search, opened(), proposed()).when(arrange(policy=policy(as_of=NOW - timedelta(minutes=6))))


def test_a_meeting_lies_between_now_and_the_deadline() -> None:
    with pytest.raises(MeetingInThePast):
        given(search, opened(), proposed()).when(arrange(meets_at=NOW))
    with pytest.raises(MeetingTooLate):
        given(search, opened(), proposed()).when(arrange(meets_at=DEADLINE))


def test_a_meeting_is_not_arranged_after_the_two_have_met_or_the_proposal_is_over() -> None:
    with pytest.raises(AlreadyMet):
        given(search, *MET).when(arrange())
    with pytest.raises(ProposalOver):
        given(search, *MET, no("helper"), dropped("no")).when(arrange())
    with pytest.raises(ProposalNotFound):
        given(search, opened()).when(arrange())


def test_a_meeting_is_held_once() -> None:
    at = MEETING
    assert given(search, opened(), proposed(), arranged()).when(HoldMeeting(PROPOSAL, at)) == [held()]
    assert given(search, *MET).when(HoldMeeting(PROPOSAL, at)) == []
    with pytest.raises(NoMeetingArranged):
        given(search, opened(), proposed()).when(HoldMeeting(PROPOSAL, at))


def test_a_meeting_is_missed_once() -> None:
    assert given(search, opened(), proposed(), arranged()).when(MissMeeting(PROPOSAL, NOW)) == [missed()]
    assert given(search, opened(), proposed(), arranged(), missed()).when(MissMeeting(PROPOSAL, NOW)) == []
    with pytest.raises(AlreadyMet):
        given(search, *MET).when(MissMeeting(PROPOSAL, NOW))
    with pytest.raises(ProposalOver):
        given(search, opened(), proposed(), arranged()).when(MissMeeting(PROPOSAL, LATER))


def test_a_yes_before_the_meeting_is_refused() -> None:
    with pytest.raises(NotMetYet):
        given(search, opened(), proposed(), arranged()).when(YES_OF_HELPER)


def test_a_yes_needs_no_meeting_where_the_policy_wants_none() -> None:
    assert given(search, opened(), proposed(needs_meeting=False)).when(YES_OF_HELPER) == [yes("helper")]


def test_the_second_yes_makes_them_agreed() -> None:
    assert given(search, *MET).when(YES_OF_HELPER) == [yes("helper")]
    assert given(search, *MET, yes("requester")).when(YES_OF_HELPER) == [yes("helper"), agreed()]


@pytest.mark.requirement("S2.24", "S2.27")
def test_a_helper_whose_approval_does_not_hold_hears_so_and_says_yes_again_later() -> None:
    outdated = SayYes(PROPOSAL, HELPER, NOW, unapproved=ApprovalOutdated)
    for before in (MET, (*MET, yes("requester"))):
        with pytest.raises(ApprovalOutdated):
            given(search, *before).when(outdated)
    assert given(search, *MET, yes("requester")).when(YES_OF_HELPER) == [yes("helper"), agreed()]
    assert given(search, *MET, yes("helper")).when(outdated) == []


@pytest.mark.requirement("S2.28")
def test_a_requester_learns_nothing_of_a_helpers_approval() -> None:
    outdated = SayYes(PROPOSAL, REQUESTER, NOW, unapproved=ApprovalOutdated)
    assert given(search, *MET).when(outdated) == [yes("requester")]


@pytest.mark.requirement("S2.29")
def test_a_proposal_does_not_run_out_while_the_programme_is_paused() -> None:
    begin, end = NOW + timedelta(days=10), NOW + timedelta(days=110)
    paused, resumed = Pauses(((begin, None),)), Pauses(((begin, end),))
    last = DEADLINE + timedelta(days=100)
    assert given(search, *MET).when(SayYes(PROPOSAL, HELPER, LATER, paused)) == [yes("helper")]
    assert given(search, *MET).when(SayYes(PROPOSAL, HELPER, last - timedelta(seconds=1), resumed)) == [yes("helper")]
    with pytest.raises(ProposalOver):
        given(search, *MET).when(SayYes(PROPOSAL, HELPER, last, resumed))


@pytest.mark.requirement("S2.20", "S2.31")
def test_other_wishes_change_neither_the_proposal_nor_the_waiting_date() -> None:
    wishes: Sealed[Wishes] = Sealed(REQUESTER, "other wishes")
    amended = SearchAmended(request_id=REQUEST, programme=PROGRAMME, wishes=wishes)
    assert given(search, *MET).when(AmendSearch(wishes)) == [amended]
    before, after = given(search, *MET).state, given(search, *MET, amended)
    assert (after.state.wishes, after.state.current, after.state.needed_since) == (
        wishes,
        before.current,
        before.needed_since,
    )
    assert after.when(AmendSearch(wishes)) == []


def test_a_yes_counts_once() -> None:
    assert given(search, *MET, yes("helper")).when(YES_OF_HELPER) == []
    assert given(search, *SETTLED).when(YES_OF_HELPER) == []


def test_a_yes_after_the_deadline_or_a_no_hears_neutral_words() -> None:
    with pytest.raises(ProposalOver):
        given(search, *MET).when(SayYes(PROPOSAL, HELPER, DEADLINE))
    with pytest.raises(ProposalOver):
        given(search, *MET, no("requester"), dropped("no")).when(YES_OF_HELPER)


def test_only_the_two_answer() -> None:
    with pytest.raises(ProposalNotFound):
        given(search, *MET).when(SayYes(PROPOSAL, SOMEBODY, NOW))
    with pytest.raises(ProposalNotFound):
        given(search, *MET).when(SayNo(PROPOSAL, SOMEBODY, NOW))


def test_a_no_ends_the_proposal_at_any_time_until_it_is_settled() -> None:
    assert given(search, opened(), proposed()).when(NO_OF_HELPER) == [no("helper"), dropped("no")]
    assert given(search, *MET, yes("helper")).when(NO_OF_HELPER) == [no("helper"), dropped("no")]
    assert given(search, *AGREED).when(NO_OF_REQUESTER) == [no("requester"), dropped("no")]
    with pytest.raises(AlreadyMatched):
        given(search, *SETTLED).when(NO_OF_REQUESTER)


def test_a_no_after_the_end_is_nothing_new() -> None:
    assert given(search, *MET, no("helper"), dropped("no")).when(NO_OF_HELPER) == []


def test_silence_drops_the_proposal_and_the_search_goes_on_from_the_same_waiting_date() -> None:
    after = given(search, opened(), proposed(), dropped("silence"))
    assert given(search, opened(), proposed()).when(DropProposal(PROPOSAL, HELPER, "silence")) == [dropped("silence")]
    assert (after.state.status, after.state.needed_since) == (Status.OPEN, opened().needed_since)
    assert after.when(DropProposal(PROPOSAL, HELPER, "silence")) == []
    assert after.when(propose(OTHER)) == [proposed(OTHER)]


def test_two_yes_whose_approval_never_came_are_dropped_for_the_facts() -> None:
    assert given(search, *AGREED).when(DropProposal(PROPOSAL, HELPER, "silence")) == [dropped("facts")]


def test_a_settled_proposal_is_not_dropped() -> None:
    assert given(search, *SETTLED).when(DropProposal(PROPOSAL, HELPER, "silence")) == []


def test_a_proposal_whose_slot_went_before_it_came_never_comes() -> None:
    refused = proposal_refused("proposal_over", PROPOSAL)
    assert given(search, opened()).when(DropProposal(PROPOSAL, HELPER, "silence")) == [refused]
    assert given(search, opened(), refused).when(DropProposal(PROPOSAL, HELPER, "silence")) == []
    assert given(search, opened(), refused).when(propose()) == []


def test_a_confirmed_slot_settles_the_search_once() -> None:
    assert given(search, *AGREED).when(Settle(PROPOSAL, MATCH)) == [settled()]
    assert given(search, *SETTLED).when(Settle(PROPOSAL, MATCH)) == []


def test_a_confirmed_slot_that_comes_after_a_no_has_lost() -> None:
    with pytest.raises(ProposalOver):
        given(search, *AGREED, no("helper"), dropped("no")).when(Settle(PROPOSAL, MATCH))


def test_a_withdrawal_drops_what_is_live_and_closes() -> None:
    assert given(search, *MET).when(CloseSearch("withdrawn")) == [dropped("withdrawn"), closed("withdrawn")]
    assert given(search, opened(), closed("withdrawn")).when(CloseSearch("withdrawn")) == []
    assert given(search, opened(), closed("parked")).when(CloseSearch("withdrawn")) == [closed("withdrawn")]


def test_a_withdrawal_after_the_match_names_it_so_that_it_ends() -> None:
    assert given(search, *SETTLED).when(CloseSearch("withdrawn")) == [closed("withdrawn", MATCH)]
    assert given(search, *SETTLED).when(CloseSearch("parked")) == []


def test_a_parked_search_opens_again_with_the_same_waiting_date() -> None:
    parked = given(search, opened(), closed("parked"))
    assert parked.when(CloseSearch("parked")) == []
    assert parked.when(ReopenSearch()) == [reopened()]
    assert given(search, opened(), closed("parked"), reopened()).state == given(search, opened()).state
    assert given(search, opened(), closed("withdrawn")).when(ReopenSearch()) == []


CROSSING: list[Command] = [YES_OF_REQUESTER, YES_OF_HELPER, NO_OF_HELPER, CloseSearch("withdrawn")]


@pytest.mark.parametrize("order", list(permutations(CROSSING)))
def test_crossing_answers_end_in_no_match_in_every_order(order: tuple[Command, ...]) -> None:
    state = given(search, *MET).state
    for command in (*order, Settle(PROPOSAL, MATCH)):
        try:
            state = search.fold(search.decide(command, state), state)
        except Refusal:
            continue
    assert (state.status, state.current, state.match_id) == (Status.CLOSED, None, None)


EVERYTHING: list[Command] = [
    YES_OF_REQUESTER,
    YES_OF_HELPER,
    NO_OF_REQUESTER,
    *(DropProposal(PROPOSAL, HELPER, reason) for reason in ("block", "facts", "silence")),
    *(CloseSearch(reason) for reason in ("withdrawn", "parked", "met")),
    ReopenSearch(),
    Settle(PROPOSAL, MATCH),
    propose(OTHER, now=MEETING),
]


@pytest.mark.requirement("S2.8", "S2.28")
@hypothesis.given(st.permutations(EVERYTHING * 2), st.integers(0, 2 * len(EVERYTHING)))
def test_whatever_crosses_a_proposal_has_one_outcome(order: list[Command], count: int) -> None:
    events: list[Event] = [*MET]
    for command in order[:count]:
        try:
            events += search.decide(command, search.fold(events))
        except Refusal:
            continue
    ends = [one for one in events if isinstance(one, (ProposalDropped, SearchSettled)) and one.proposal_id == PROPOSAL]
    assert len(ends) <= 1
    state = search.fold(events)
    is_live = state.current is not None and state.current.proposal_id == PROPOSAL
    assert is_live is (ends == [])
    assert sum(isinstance(one, SearchSettled) for one in events) == (state.match_id is not None)
    assert state.status is not Status.SETTLED or state.current is None
