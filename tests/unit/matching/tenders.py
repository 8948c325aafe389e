"""Invented tenders, as examples.py has people and proposals: Ida asks for a shelf, B and C would put it up."""

from datetime import timedelta
from typing import Any

from contracts import matching as events
from contracts.base import Event
from contracts.sealed import Sealed
from services.matching.domain import tender_commands as ask
from services.matching.domain.search_commands import AsTask, Propose, Settle
from tests.unit.matching.examples import (
    DEADLINE,
    MATCH,
    NOW,
    PROGRAMME,
    PROPOSAL,
    REQUEST,
    REQUESTER,
    agreed,
    opened,
    policy,
    propose,
    proposed,
    yes,
)

TENDER, SECOND = "tender-1", "tender-2"
CLOSING = NOW + timedelta(days=14)
B, C = "helper-b", "helper-c"
TEXT: Sealed[str] = Sealed(REQUESTER, "v1.invented")
RECEIPT: Sealed[str] = Sealed(REQUESTER, "v1.receipt")
MONEY: tuple[ask.Safeguard, ...] = ("money",)


def open_tender(tender_id: str = TENDER, **different: Any) -> ask.OpenTender:
    usual = {
        "tender_id": tender_id,
        "text": TEXT,
        "identifies": (),
        "audience": events.Audience(),
        "by": "task",
        "opened_by": "coordinator-k",
        "closes_at": CLOSING,
        "now": NOW,
        "policy": policy(as_of=different.get("now", NOW)),
    }
    return ask.OpenTender(**{**usual, **different})


def choose(helper_id: str = B, proposal_id: str = PROPOSAL, **different: Any) -> Propose:
    return propose(proposal_id, **{"helper_id": helper_id, "needs_meeting": False} | different)


def settle_task(*safeguards: ask.Safeguard, proposal_id: str = PROPOSAL) -> Settle:
    return Settle(proposal_id, MATCH, AsTask(safeguards, NOW))


def confirm(by: str, **different: Any) -> ask.ConfirmSafeguard:
    usual = {
        "proposal_id": PROPOSAL,
        "safeguard": "money",
        "confirmed_by": by,
        "receipt": None,
        "safeguards": MONEY,
        "now": NOW,
    }
    return ask.ConfirmSafeguard(**{**usual, **different})


def searched() -> events.SearchOpened:
    return opened().model_copy(update={"category": "shelves"})


def tendered(tender_id: str = TENDER, **different: Any) -> events.TenderOpened:
    usual = {
        "request_id": REQUEST,
        "person_id": REQUESTER,
        "programme": PROGRAMME,
        "tender_id": tender_id,
        "category": "shelves",
        "text": TEXT,
        "opened_by": "coordinator-k",
        "opens_at": NOW,
        "closes_at": CLOSING,
    }
    return events.TenderOpened(**{**usual, **different})


def offered(helper_id: str = B) -> events.HelpOffered:
    return events.HelpOffered(**_names(), helper_id=helper_id, offered_at=NOW)


def taken_back(helper_id: str = B) -> events.HelpTakenBack:
    return events.HelpTakenBack(**_names(), helper_id=helper_id)


def not_needed(helper_id: str) -> events.HelpNotNeeded:
    return events.HelpNotNeeded(**_names(), helper_id=helper_id)


def lapsed() -> events.TenderLapsed:
    return events.TenderLapsed(**_names(), person_id=REQUESTER)


def stopped() -> events.TenderStopped:
    return events.TenderStopped(**_names(), closed_at=NOW)


def chosen(helper_id: str = B) -> tuple[Event, ...]:
    """Three events in one commit."""
    picked = events.HelperChosen(**_names(), helper_id=helper_id, proposal_id=PROPOSAL, chosen_by="coordinator-k")
    return picked, proposed(helper_id=helper_id, needs_meeting=False, until=DEADLINE), yes("helper")


def both_agreed(helper_id: str = B) -> tuple[Event, ...]:
    return yes("requester"), agreed().model_copy(update={"helper_id": helper_id})


def secured(*safeguards: ask.Safeguard) -> events.HelperSecured:
    return events.HelperSecured(request_id=REQUEST, proposal_id=PROPOSAL, safeguards=safeguards)


def confirmed_by(who: str, receipt: Sealed[str] | None = None) -> events.SafeguardConfirmed:
    return events.SafeguardConfirmed(
        request_id=REQUEST,
        programme=PROGRAMME,
        proposal_id=PROPOSAL,
        safeguard="money",
        confirmed_by=who,
        receipt=receipt,
    )


def contact(helper_id: str = B) -> events.ContactAgreed:
    return events.ContactAgreed(
        request_id=REQUEST,
        programme=PROGRAMME,
        category="shelves",
        proposal_id=PROPOSAL,
        requester_id=REQUESTER,
        helper_id=helper_id,
        agreed_at=NOW,
    )


def done_by(side: str) -> events.TaskDone:
    return events.TaskDone.model_validate(
        {
            "request_id": REQUEST,
            "programme": PROGRAMME,
            "proposal_id": PROPOSAL,
            "done_by": side,
            "done_at": NOW,
        }
    )


def completed(helper_id: str = B) -> events.TaskCompleted:
    return events.TaskCompleted(
        request_id=REQUEST,
        programme=PROGRAMME,
        category="shelves",
        proposal_id=PROPOSAL,
        requester_id=REQUESTER,
        helper_id=helper_id,
        completed_at=NOW,
    )


def _names() -> dict[str, str]:
    return {"request_id": REQUEST, "programme": PROGRAMME, "tender_id": TENDER}
