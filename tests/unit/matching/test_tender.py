"""A tender: opened by a coordinator, answered by members, one chosen, agreed, done by both, or lapsed."""

from datetime import timedelta
from typing import Literal

import pytest

from chassis.refusal import FactsTooOld, Refusal
from chassis.testing import given
from contracts.base import Event
from contracts.matching import Audience
from services.matching.domain.approval import ProgrammePaused
from services.matching.domain.pauses import Pauses
from services.matching.domain.search import search
from services.matching.domain.search_commands import (
    CloseSearch,
    Command,
    DropProposal,
    ProposalNotFound,
    ProposalOver,
    SayNo,
    SayYes,
)
from services.matching.domain.search_state import Status
from services.matching.domain.tender_commands import (
    ChosenAlready,
    CloseTender,
    HelperCannotConfirm,
    LapseTender,
    NotAgreed,
    NoTender,
    OfferHelp,
    SafeguardNotNeeded,
    SafeguardsOpen,
    SayDone,
    TakeHelpBack,
    TenderClosed,
    TenderNotFound,
)
from tests.unit.matching.examples import (
    DEADLINE,
    NOW,
    OTHER,
    PROPOSAL,
    REQUESTER,
    SOMEBODY,
    closed,
    dropped,
    no,
    policy,
    proposal_refused,
    propose,
    proposed,
)
from tests.unit.matching.tenders import (
    CLOSING,
    RECEIPT,
    SECOND,
    TENDER,
    B,
    C,
    both_agreed,
    choose,
    chosen,
    completed,
    confirm,
    confirmed_by,
    contact,
    done_by,
    lapsed,
    not_needed,
    offered,
    open_tender,
    searched,
    secured,
    settle_task,
    stopped,
    taken_back,
    tendered,
)

PAUSED = Pauses(((NOW - timedelta(days=1), None),))

OPEN: tuple[Event, ...] = (searched(), tendered())
OFFERED = (*OPEN, offered(B), offered(C))
CHOSEN = (*OFFERED, *chosen(B))
AGREED = (*CHOSEN, *both_agreed())
IN_TOUCH = (*AGREED, secured(), contact(), not_needed(C))

OFFER_OF_B, OFFER_OF_C = OfferHelp(TENDER, B, NOW), OfferHelp(TENDER, C, NOW)
YES_OF_REQUESTER, NO_OF_REQUESTER = SayYes(PROPOSAL, REQUESTER, NOW), SayNo(PROPOSAL, REQUESTER, NOW)
DONE_BY_REQUESTER, DONE_BY_B = SayDone(PROPOSAL, REQUESTER, NOW), SayDone(PROPOSAL, B, NOW)


def dropped_b(reason: str) -> Event:
    return dropped(reason).model_copy(update={"helper_id": B})


@pytest.mark.requirement("S1.13")
def test_a_coordinator_opens_a_tender() -> None:
    assert given(search, searched()).when(open_tender()) == [tendered()]
    assert given(search, *OPEN).when(open_tender()) == []


@pytest.mark.requirement("S1.13", "S1.14", "S1.20")
@pytest.mark.parametrize(
    ("history", "command", "rule"),
    [
        ((searched(),), open_tender(by="pairing"), "needs_pairing"),
        ((searched(),), open_tender(by="authority"), "needs_authority"),
        ((searched(),), open_tender(by=None), "needs_category"),
        ((searched(),), open_tender(policy=policy(pauses=PAUSED)), "programme_paused"),
        ((searched(),), open_tender(closes_at=NOW), "closes_in_the_past"),
        ((searched(),), open_tender(closes_at=NOW + timedelta(days=60, seconds=1)), "open_too_long"),
        ((searched(),), open_tender(identifies=("phone", "name")), "identifies"),
        ((searched(),), open_tender(is_protected=True, audience=Audience(areas=("2840",))), "area_protected"),
        (OPEN, open_tender(SECOND), "tender_open"),
        ((searched(), proposed()), open_tender(), "already_proposed"),
        ((searched(), closed("parked")), open_tender(), "search_closed"),
        (IN_TOUCH, open_tender(SECOND), "already_matched"),
    ],
)
def test_a_tender_is_not_opened_now(history: tuple[Event, ...], command: Command, rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        given(search, *history).when(command)
    assert refused.value.rule == rule


def test_a_tender_needs_a_fresh_policy() -> None:
    with pytest.raises(FactsTooOld):
        given(search, searched()).when(open_tender(policy=policy(as_of=NOW - timedelta(minutes=6))))


def test_a_tender_may_be_open_for_sixty_days() -> None:
    longest = NOW + timedelta(days=60)
    assert given(search, searched()).when(open_tender(closes_at=longest)) == [tendered(closes_at=longest)]


@pytest.mark.requirement("S1.4")
def test_members_offer_once_and_may_take_it_back_and_offer_again() -> None:
    assert given(search, *OPEN).when(OFFER_OF_B) == [offered(B)]
    assert given(search, *OPEN, offered(B)).when(OFFER_OF_B) == []
    assert given(search, *OPEN, offered(B)).when(TakeHelpBack(TENDER, B)) == [taken_back(B)]
    assert given(search, *OPEN, offered(B), taken_back(B)).when(TakeHelpBack(TENDER, B)) == []
    assert given(search, *OPEN, offered(B), taken_back(B)).when(OFFER_OF_B) == [offered(B)]


def test_who_never_offered_has_nothing_to_take_back() -> None:
    with pytest.raises(TenderNotFound):
        given(search, *OPEN).when(TakeHelpBack(TENDER, B))


def test_nobody_offers_to_themselves_and_it_looks_like_no_tender() -> None:
    with pytest.raises(TenderNotFound):
        given(search, *OPEN).when(OfferHelp(TENDER, REQUESTER, NOW))
    with pytest.raises(TenderNotFound):
        given(search, searched()).when(OFFER_OF_B)


def test_a_pause_of_the_programme_holds_a_tender() -> None:
    with pytest.raises(ProgrammePaused):
        given(search, *OPEN).when(OfferHelp(TENDER, B, CLOSING, PAUSED))
    assert given(search, *OPEN).when(LapseTender(TENDER, CLOSING, PAUSED)) == []
    over = Pauses(((NOW, NOW + timedelta(days=7)),))
    assert given(search, *OPEN).when(OfferHelp(TENDER, B, CLOSING, over))
    assert given(search, *OPEN).when(LapseTender(TENDER, CLOSING + timedelta(days=7), over)) == [lapsed()]


def test_no_offer_comes_after_closing_or_choosing() -> None:
    for history, now in ((OPEN, CLOSING), ((*OPEN, offered(B), *chosen(B)), NOW), ((*OPEN, lapsed()), NOW)):
        with pytest.raises(TenderClosed):
            given(search, *history).when(OfferHelp(TENDER, C, now))


@pytest.mark.requirement("S1.2")
def test_choosing_is_a_proposal_to_which_the_helper_has_said_yes() -> None:
    assert given(search, *OFFERED).when(choose(B)) == [*chosen(B)]
    assert given(search, *CHOSEN).when(choose(B)) == []
    assert given(search, *CHOSEN).when(choose(C, OTHER)) == [
        proposal_refused("already_proposed").model_copy(update={"helper_id": C})
    ]


def test_somebody_who_did_not_offer_is_proposed_as_always() -> None:
    assert given(search, *OPEN).when(propose(needs_meeting=False)) == [proposed(needs_meeting=False)]


def test_who_took_their_offer_back_is_not_asked_once_more_while_it_runs() -> None:
    refused = proposal_refused("not_offered", PROPOSAL).model_copy(update={"helper_id": B})
    assert given(search, *OPEN, offered(B), taken_back(B)).when(choose(B)) == [refused]


def test_who_was_chosen_says_no_to_the_proposal_instead_of_taking_back() -> None:
    with pytest.raises(ChosenAlready):
        given(search, *CHOSEN).when(TakeHelpBack(TENDER, B))
    assert given(search, *CHOSEN).when(TakeHelpBack(TENDER, C)) == [taken_back(C)]


@pytest.mark.requirement("S1.2")
def test_contact_comes_after_both_yes_and_the_confirmed_place_and_the_others_are_thanked() -> None:
    assert given(search, *CHOSEN).when(YES_OF_REQUESTER) == [*both_agreed()]
    assert given(search, *AGREED).when(settle_task()) == [secured(), contact(), not_needed(C)]
    assert given(search, *IN_TOUCH).when(settle_task()) == []
    assert given(search, *IN_TOUCH).state.status is Status.SETTLED


@pytest.mark.parametrize(
    ("command", "reason"),
    [(NO_OF_REQUESTER, "no"), (SayNo(PROPOSAL, B, NOW), "no"), (DropProposal(PROPOSAL, B, "silence"), "silence")],
)
def test_after_a_no_or_silence_those_who_still_offer_can_be_chosen(command: Command, reason: str) -> None:
    events = given(search, *CHOSEN).when(command)
    after = given(search, *CHOSEN, *events)
    assert events[-1] == dropped_b(reason)
    assert [type(event).__name__ for event in after.when(choose(C, OTHER))] == [
        "HelperChosen",
        "HelperProposed",
        "YesSaid",
    ]
    assert after.when(OFFER_OF_B) == []
    assert after.state.tender is not None
    assert after.state.tender.live == (C,)


@pytest.mark.requirement("S1.13")
def test_a_tender_that_closes_with_nobody_to_choose_lapses_and_can_be_opened_again() -> None:
    lapse = LapseTender(TENDER, CLOSING)
    assert given(search, *OPEN).when(LapseTender(TENDER, NOW)) == []
    assert given(search, *OPEN).when(lapse) == [lapsed()]
    assert given(search, *OPEN, lapsed()).when(lapse) == []
    assert given(search, *OFFERED).when(lapse) == []
    assert given(search, *CHOSEN).when(lapse) == []
    assert given(search, *OPEN, offered(B), taken_back(B)).when(lapse) == [lapsed()]
    assert given(search, *OPEN, offered(B), *chosen(B), dropped_b("no")).when(lapse) == [lapsed()]
    again = given(search, *OPEN, lapsed()).when(open_tender(SECOND))
    assert again == [tendered(SECOND)]


def test_a_tender_is_closed_early() -> None:
    close = CloseTender(NOW)
    assert given(search, *OFFERED).when(close) == [stopped()]
    assert given(search, *OFFERED, stopped()).when(close) == []
    assert given(search, *OPEN).when(close) == [stopped(), lapsed()]
    assert given(search, *OPEN, stopped(), lapsed()).when(close) == []
    with pytest.raises(TenderClosed):
        given(search, *OFFERED, stopped()).when(OfferHelp(TENDER, SOMEBODY, NOW))
    with pytest.raises(NoTender):
        given(search, searched()).when(close)
    assert given(search, *OFFERED, stopped()).when(choose(B)) == [*chosen(B)]


@pytest.mark.requirement("S1.21")
@pytest.mark.parametrize("second", ["coordinator-l", REQUESTER])
def test_money_keys_and_home_need_two_people_whichever_comes_last(second: str) -> None:
    assert given(search, *AGREED).when(settle_task("money")) == [secured("money")]
    waiting = (*AGREED, secured("money"))
    assert given(search, *waiting).when(confirm("coordinator-k")) == [confirmed_by("coordinator-k")]
    once = (*waiting, confirmed_by("coordinator-k"))
    assert given(search, *once).when(confirm("coordinator-k")) == []
    assert given(search, *once).when(confirm(second)) == [confirmed_by(second), contact(), not_needed(C)]
    before = (*AGREED, confirmed_by("coordinator-k"), confirmed_by(second))
    assert given(search, *before).when(settle_task("money")) == [secured("money"), contact(), not_needed(C)]


@pytest.mark.requirement("S1.21")
def test_a_receipt_follows_once_also_after_the_two_are_in_touch() -> None:
    looked = (confirmed_by("coordinator-k"), confirmed_by(REQUESTER))
    in_touch = (*AGREED, secured("money"), *looked, contact(), not_needed(C))
    with_receipt = confirm("coordinator-k", receipt=RECEIPT)
    assert given(search, *in_touch).when(with_receipt) == [confirmed_by("coordinator-k", RECEIPT)]
    assert given(search, *in_touch, confirmed_by("coordinator-k", RECEIPT)).when(with_receipt) == []


@pytest.mark.requirement("S1.21")
def test_the_helper_cannot_confirm_and_nothing_is_confirmed_that_is_not_needed() -> None:
    with pytest.raises(HelperCannotConfirm):
        given(search, *CHOSEN).when(confirm(B))
    with pytest.raises(SafeguardNotNeeded):
        given(search, *CHOSEN).when(confirm("coordinator-k", safeguard="keys"))
    with pytest.raises(ProposalOver):
        given(search, *CHOSEN, no("requester"), dropped_b("no")).when(confirm("coordinator-k"))
    with pytest.raises(ProposalOver):
        given(search, *CHOSEN).when(confirm("coordinator-k", now=DEADLINE))
    with pytest.raises(ProposalNotFound):
        given(search, *OPEN).when(confirm("coordinator-k"))


def test_a_task_is_done_when_both_say_so() -> None:
    assert given(search, *IN_TOUCH).when(DONE_BY_B) == [done_by("helper")]
    one = (*IN_TOUCH, done_by("helper"))
    assert given(search, *one).when(DONE_BY_B) == []
    assert given(search, *one).state.status is Status.SETTLED
    assert given(search, *one).when(DONE_BY_REQUESTER) == [done_by("requester"), completed()]
    both = (*one, done_by("requester"), completed())
    assert given(search, *both).when(DONE_BY_REQUESTER) == []
    assert given(search, *both).when(CloseSearch("met")) == []
    assert given(search, *both).state.status is Status.CLOSED


def test_a_task_is_not_done_before_the_two_are_in_touch() -> None:
    with pytest.raises(NotAgreed):
        given(search, *CHOSEN).when(DONE_BY_B)
    with pytest.raises(SafeguardsOpen):
        given(search, *AGREED, secured("money")).when(DONE_BY_B)
    with pytest.raises(ProposalNotFound):
        given(search, *IN_TOUCH).when(SayDone(PROPOSAL, C, NOW))


@pytest.mark.parametrize("reason", ["withdrawn", "parked", "met"])
def test_a_request_that_ends_closes_the_tender_and_everybody_is_told(
    reason: Literal["withdrawn", "parked", "met"],
) -> None:
    command = CloseSearch(reason)
    assert given(search, *OFFERED).when(command) == [not_needed(B), not_needed(C), closed(reason)]
    assert given(search, *CHOSEN).when(command) == [dropped_b(reason), not_needed(C), closed(reason)]
    assert given(search, *IN_TOUCH).when(command) == [dropped_b(reason), closed(reason)]


def test_either_may_go_back_on_a_task_until_it_is_done_and_the_search_goes_on() -> None:
    events = given(search, *IN_TOUCH).when(SayNo(PROPOSAL, B, NOW))
    assert events == [no("helper"), dropped_b("no")]
    after = given(search, *IN_TOUCH, *events)
    assert (after.state.status, after.state.needed_since) == (Status.OPEN, searched().needed_since)
    assert after.when(open_tender(SECOND)) == [tendered(SECOND)]
    with pytest.raises(ProposalOver):
        given(search, *IN_TOUCH, done_by("helper"), done_by("requester"), completed()).when(NO_OF_REQUESTER)


def test_a_block_ends_a_task_that_is_not_done() -> None:
    assert given(search, *IN_TOUCH).when(DropProposal(PROPOSAL, B, "block")) == [dropped_b("block")]
    assert given(search, *AGREED, secured("money")).when(DropProposal(PROPOSAL, B, "block")) == [dropped_b("block")]
