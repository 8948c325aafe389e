"""Invented people and moments that the tests of matching share; each builder takes what a test wants different."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts import matching as events
from contracts.intake import Wishes
from contracts.sealed import Sealed
from services.matching.domain import helper_commands as ask_helper
from services.matching.domain import search_commands as ask_search
from services.matching.domain.approval import PolicyNow
from services.matching.domain.offers import MakeOffer
from services.matching.domain.pauses import NO_PAUSES, Pauses

NOW = datetime(2020, 2, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
DEADLINE = NOW + timedelta(days=42)
LATER = DEADLINE + timedelta(seconds=1)
MEETING = NOW + timedelta(days=7)

PROGRAMME = "oslo"
HELPER, REQUESTER, SOMEBODY = "helper-v", "person-p", "person-x"
WISHES: Sealed[Wishes] = Sealed(REQUESTER, "wishes")
REQUEST, PROPOSAL, OTHER, MATCH = "request-18", "proposal-1", "proposal-2", "match-1"


def policy(version: int = 1, *, today: date = TODAY, as_of: datetime = NOW, pauses: Pauses = NO_PAUSES) -> PolicyNow:
    return PolicyNow(version, today, as_of, pauses)


def list_helper(**different: Any) -> ask_helper.ListHelper:
    usual = {
        "person_id": HELPER,
        "programme": PROGRAMME,
        "roles": ("ressursvenn",),
        "capacity": 1,
        "approved_under": 1,
        "until": None,
        "now": NOW,
        "policy": policy(),
    }
    return ask_helper.ListHelper(**{**usual, **different})


def reserve(proposal_id: str = PROPOSAL, **different: Any) -> ask_helper.ReserveSlot:
    usual = {
        "programme": PROGRAMME,
        "proposal_id": proposal_id,
        "request_id": REQUEST,
        "requester_id": REQUESTER,
        "proposed_by": "coordinator-k",
        "score": 3.5,
        "reasons": (events.Reason(code="language", points=3.0),),
        "needs_meeting": True,
        "until": DEADLINE,
        "now": NOW,
        "policy": policy(),
    }
    return ask_helper.ReserveSlot(**{**usual, **different})


def make_offer(offer_id: str = "offer-1", **different: Any) -> MakeOffer:
    usual = {
        "programme": PROGRAMME,
        "offer_id": offer_id,
        "category": "sewing",
        "words": Sealed(HELPER, "v1.invented"),
        "categories": frozenset({"sewing", "garden"}),
        "now": NOW,
        "policy": policy(),
    }
    return MakeOffer(**{**usual, **different})


def offer_made(offer_id: str = "offer-1") -> events.OfferMade:
    return events.OfferMade(
        person_id=HELPER,
        programme=PROGRAMME,
        offer_id=offer_id,
        category="sewing",
        words=Sealed(HELPER, "v1.invented"),
        made_at=NOW,
    )


def listed(**different: Any) -> events.HelperListed:
    usual = {
        "person_id": HELPER,
        "programme": PROGRAMME,
        "roles": ("ressursvenn",),
        "capacity": 1,
        "policy_version": 1,
    }
    return events.HelperListed(**{**usual, **different})


def unlisted(reason: str) -> events.HelperUnlisted:
    return events.HelperUnlisted.model_validate({"person_id": HELPER, "programme": PROGRAMME, "reason": reason})


def reserved(proposal_id: str = PROPOSAL, **different: Any) -> events.SlotReserved:
    usual = {
        "person_id": HELPER,
        "programme": PROGRAMME,
        "proposal_id": proposal_id,
        "request_id": REQUEST,
        "proposed_by": "coordinator-k",
        "score": 3.5,
        "reasons": (events.Reason(code="language", points=3.0),),
        "policy_version": 1,
        "needs_meeting": True,
        "reserved_at": NOW,
        "until": DEADLINE,
    }
    return events.SlotReserved(**{**usual, **different})


def confirmed(proposal_id: str = PROPOSAL) -> events.SlotConfirmed:
    return events.SlotConfirmed(person_id=HELPER, programme=PROGRAMME, proposal_id=proposal_id, request_id=REQUEST)


def slot_refused(rule: str, attempt: int = 1) -> events.SlotRefused:
    return events.SlotRefused(
        person_id=HELPER,
        programme=PROGRAMME,
        proposal_id=PROPOSAL,
        request_id=REQUEST,
        rule=rule,
        attempt=attempt,
    )


def released(reason: str, proposal_id: str = PROPOSAL) -> events.SlotReleased:
    return events.SlotReleased.model_validate(
        {
            "person_id": HELPER,
            "programme": PROGRAMME,
            "proposal_id": proposal_id,
            "request_id": REQUEST,
            "reason": reason,
        }
    )


def open_search(**different: Any) -> ask_search.OpenSearch:
    usual = {
        "request_id": REQUEST,
        "person_id": REQUESTER,
        "programme": PROGRAMME,
        "category": None,
        "needed_since": date(2019, 12, 1),
        "wishes": None,
    }
    return ask_search.OpenSearch(**{**usual, **different})


def propose(proposal_id: str = PROPOSAL, **different: Any) -> ask_search.Propose:
    usual = {
        "proposal_id": proposal_id,
        "helper_id": HELPER,
        "proposed_by": "coordinator-k",
        "score": 3.5,
        "reasons": (events.Reason(code="language", points=3.0),),
        "policy_version": 1,
        "needs_meeting": True,
        "proposed_at": NOW,
        "until": DEADLINE,
        "now": NOW,
    }
    return ask_search.Propose(**{**usual, **different})


def arrange(proposal_id: str = PROPOSAL, **different: Any) -> ask_search.ArrangeMeeting:
    usual = {"proposal_id": proposal_id, "meets_at": MEETING, "now": NOW, "policy": policy()}
    return ask_search.ArrangeMeeting(**{**usual, **different})


def opened() -> events.SearchOpened:
    return events.SearchOpened(
        request_id=REQUEST, person_id=REQUESTER, programme=PROGRAMME, needed_since=date(2019, 12, 1)
    )


def proposed(proposal_id: str = PROPOSAL, **different: Any) -> events.HelperProposed:
    usual = {
        "request_id": REQUEST,
        "person_id": REQUESTER,
        "programme": PROGRAMME,
        "helper_id": HELPER,
        "proposal_id": proposal_id,
        "proposed_by": "coordinator-k",
        "score": 3.5,
        "reasons": (events.Reason(code="language", points=3.0),),
        "policy_version": 1,
        "needs_meeting": True,
        "proposed_at": NOW,
        "until": DEADLINE,
    }
    return events.HelperProposed(**{**usual, **different})


def proposal_refused(rule: str, proposal_id: str = OTHER) -> events.ProposalRefused:
    return events.ProposalRefused(
        request_id=REQUEST, programme=PROGRAMME, helper_id=HELPER, proposal_id=proposal_id, rule=rule
    )


def arranged() -> events.MeetingArranged:
    return events.MeetingArranged(
        request_id=REQUEST,
        proposal_id=PROPOSAL,
        person_id=REQUESTER,
        helper_id=HELPER,
        programme=PROGRAMME,
        meets_at=MEETING,
    )


def held() -> events.MeetingHeld:
    return events.MeetingHeld(request_id=REQUEST, proposal_id=PROPOSAL, held_at=MEETING)


def missed() -> events.MeetingMissed:
    return events.MeetingMissed(request_id=REQUEST, proposal_id=PROPOSAL)


def yes(side: str) -> events.YesSaid:
    return events.YesSaid.model_validate({"request_id": REQUEST, "proposal_id": PROPOSAL, "said_by": side})


def no(side: str) -> events.NoSaid:
    return events.NoSaid.model_validate({"request_id": REQUEST, "proposal_id": PROPOSAL, "said_by": side})


def agreed() -> events.BothAgreed:
    return events.BothAgreed(request_id=REQUEST, programme=PROGRAMME, helper_id=HELPER, proposal_id=PROPOSAL)


def dropped(reason: str) -> events.ProposalDropped:
    return events.ProposalDropped.model_validate(
        {
            "request_id": REQUEST,
            "person_id": REQUESTER,
            "programme": PROGRAMME,
            "helper_id": HELPER,
            "proposal_id": PROPOSAL,
            "reason": reason,
        }
    )


def settled() -> events.SearchSettled:
    return events.SearchSettled(
        request_id=REQUEST,
        person_id=REQUESTER,
        programme=PROGRAMME,
        helper_id=HELPER,
        proposal_id=PROPOSAL,
        match_id=MATCH,
        needed_since=date(2019, 12, 1),
    )


def closed(reason: str, match_id: str | None = None) -> events.SearchClosed:
    return events.SearchClosed.model_validate(
        {"request_id": REQUEST, "programme": PROGRAMME, "reason": reason, "match_id": match_id}
    )


def reopened() -> events.SearchReopened:
    return events.SearchReopened(request_id=REQUEST, programme=PROGRAMME)
