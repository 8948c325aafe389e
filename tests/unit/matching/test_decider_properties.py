"""Whatever order commands come in: repeating one changes nothing, and every history folds from its stored form."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.decider import Decider
from chassis.refusal import Refusal
from services.matching.domain import activity as ask_activity
from services.matching.domain import guard as ask_guard
from services.matching.domain import helper_commands as ask_helper
from services.matching.domain import search_commands as ask_search
from services.matching.domain import session_commands as ask_session
from services.matching.domain import tender_commands as ask_tender
from services.matching.domain.helper import Helper, helper
from services.matching.domain.offers import TakeBackOffer
from services.matching.domain.search import search
from services.matching.domain.session import session
from services.matching.domain.tally import CountMatch, tally
from tests.unit.matching import tenders
from tests.unit.matching.activities import ENDS, SUPPORTER, feedback, propose_activity, schedule, sign_up, support
from tests.unit.matching.examples import (
    DEADLINE,
    HELPER,
    LATER,
    MATCH,
    NOW,
    OTHER,
    PROGRAMME,
    PROPOSAL,
    REQUESTER,
    SOMEBODY,
    WISHES,
    arrange,
    list_helper,
    make_offer,
    open_search,
    policy,
    propose,
    reserve,
)
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

PROPOSALS = (PROPOSAL, OTHER, "proposal-3")
TIMES = (NOW, DEADLINE, LATER)

HELPER_COMMANDS: list[ask_helper.Command] = [
    list_helper(),
    list_helper(approved_under=2, capacity=2, policy=policy(2)),
    list_helper(approved_under=2, policy=policy(3)),
    list_helper(programme="gladsaxe", until=date(2020, 2, 3)),
    *(ask_helper.UnlistHelper(PROGRAMME, reason) for reason in ("lapsed", "suspended", "left")),
    *(
        reserve(name, now=now, until=now + timedelta(days=42), policy=policy(version, as_of=now))
        for name in PROPOSALS
        for now in TIMES
        for version in (1, 2)
    ),
    *(
        ask_helper.ConfirmSlot(name, now, policy(version, as_of=now))
        for name in PROPOSALS
        for now in TIMES
        for version in (1, 2)
    ),
    *(ask_helper.ReleaseSlot(name, reason) for name in PROPOSALS for reason in ("no", "ended")),
    *(ask_helper.ExpireSlot(name, now) for name in PROPOSALS for now in TIMES),
    *(make_offer(name, category=kind) for name in ("offer-1", "offer-2") for kind in ("sewing", "garden")),
    *(TakeBackOffer(name) for name in ("offer-1", "offer-2")),
]

TENDER_COMMANDS: list[ask_search.Command] = [
    open_search(category="shelves"),
    *(
        tenders.open_tender(tender_id, now=now, closes_at=now + timedelta(days=14))
        for tender_id in (tenders.TENDER, tenders.SECOND)
        for now in TIMES
    ),
    *(
        ask_tender.OfferHelp(tender_id, person, now)
        for tender_id in (tenders.TENDER, tenders.SECOND)
        for person in (HELPER, tenders.B, REQUESTER)
        for now in TIMES
    ),
    *(ask_tender.TakeHelpBack(tenders.TENDER, person) for person in (HELPER, tenders.B)),
    *(command(now) for command in (ask_tender.CloseTender,) for now in TIMES),
    *(ask_tender.LapseTender(tenders.TENDER, now) for now in TIMES),
    *(tenders.settle_task(*safeguards, proposal_id=name) for safeguards in ((), tenders.MONEY) for name in PROPOSALS),
    *(
        tenders.confirm(by, proposal_id=name, receipt=receipt)
        for by in ("k", "l", REQUESTER, HELPER)
        for name in PROPOSALS
        for receipt in (None, tenders.RECEIPT)
    ),
    *(ask_tender.SayDone(name, person, NOW) for name in PROPOSALS for person in (REQUESTER, HELPER, SOMEBODY)),
]

SEARCH_COMMANDS: list[ask_search.Command] = [
    open_search(),
    *(
        propose(name, now=now, until=now + timedelta(days=42), needs_meeting=name == PROPOSAL)
        for name in PROPOSALS
        for now in TIMES
    ),
    *(arrange(name, meets_at=NOW + timedelta(days=days)) for name in PROPOSALS for days in (1, 2)),
    *(ask_search.HoldMeeting(name, NOW) for name in PROPOSALS),
    *(ask_search.MissMeeting(name, NOW) for name in PROPOSALS),
    *(
        answer(name, person, now)
        for answer in (ask_search.SayYes, ask_search.SayNo)
        for name in PROPOSALS
        for person in (REQUESTER, HELPER, SOMEBODY)
        for now in TIMES
    ),
    *(ask_search.DropProposal(name, HELPER, "silence") for name in PROPOSALS),
    *(ask_search.Settle(name, f"match-of-{name}") for name in PROPOSALS),
    *(ask_search.CloseSearch(reason) for reason in ("withdrawn", "parked", "met")),
    ask_search.ReopenSearch(),
    *(ask_search.AmendSearch(wishes) for wishes in (WISHES, None)),
    *TENDER_COMMANDS,
]

GUARD_COMMANDS: list[ask_guard.Command] = [
    *(ask_guard.EngagePair(name, "request-18", HELPER) for name in PROPOSALS),
    *(command(heard) for command in (ask_guard.BarPair, ask_guard.UnbarPair) for heard in range(1, 5)),
]

TALLY_COMMANDS = [CountMatch(PROGRAMME, name, (2,)) for name in (MATCH, "match-2", "match-3")]

ACTIVITY_COMMANDS: list[ask_activity.Command] = [
    propose_activity(),
    *(support(name) for name in (SUPPORTER, SOMEBODY)),
    ask_activity.PublishActivity("coordinator-k", NOW),
    ask_activity.CloseActivity(NOW),
]

SESSION_COMMANDS: list[ask_session.Command] = [
    *(schedule(places=places) for places in (1, 2, None)),
    *(command(name) for command in (sign_up, ask_session.WithdrawSignUp) for name in "abc"),
    *(ask_session.HoldSession(heads, ENDS) for heads in (0, 14)),
    *(
        feedback(name, person_id, good=good)
        for name, person_id in (("f1", "a"), ("f2", None))
        for good in (True, False)
    ),
    ask_session.CallOff(),
]

DECIDERS: list[tuple[Decider[Any, Any], list[Any]]] = [
    (helper, HELPER_COMMANDS),
    (search, SEARCH_COMMANDS),
    (ask_guard.guard, GUARD_COMMANDS),
    (tally, TALLY_COMMANDS),
    (ask_activity.activity, ACTIVITY_COMMANDS),
    (session, SESSION_COMMANDS),
]
HISTORIES = st.sampled_from(DECIDERS).flatmap(
    lambda known: st.tuples(st.just(known[0]), st.lists(st.sampled_from(known[1]), max_size=30))
)


@given(HISTORIES)
def test_repeating_an_accepted_command_changes_nothing(history: tuple[Decider[Any, Any], list[Any]]) -> None:
    repeating_changes_nothing(*history)


@given(HISTORIES)
def test_every_history_folds_the_same_from_its_stored_form(history: tuple[Decider[Any, Any], list[Any]]) -> None:
    history_folds_from_storage(*history)


@given(st.lists(st.sampled_from(HELPER_COMMANDS), max_size=30))
def test_live_slots_are_never_more_than_the_capacity_when_one_was_reserved(
    commands: list[ask_helper.Command],
) -> None:
    state = Helper()
    for command in commands:
        try:
            events = helper.decide(command, state)
        except Refusal:
            continue
        state = helper.fold(events, state)
        if isinstance(command, ask_helper.ReserveSlot) and events:
            assert state.taken(PROGRAMME, command.now) <= state.listings[PROGRAMME].capacity
