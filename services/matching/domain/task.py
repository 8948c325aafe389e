"""A task that two agree on: contact once it is safe, then said to be done by both (S1.2, S1.21)."""

from collections.abc import Sequence
from datetime import datetime

from contracts.base import Event
from contracts.matching import ContactAgreed, HelperSecured, SafeguardConfirmed, TaskCompleted, TaskDone
from services.matching.domain.proposal import Phase, Proposal
from services.matching.domain.search_commands import AsTask, ProposalOver
from services.matching.domain.search_state import Search, evolve
from services.matching.domain.tender import not_needed
from services.matching.domain.tender_commands import (
    ConfirmSafeguard,
    HelperCannotConfirm,
    NotAgreed,
    SafeguardNotNeeded,
    SafeguardsOpen,
    SayDone,
)


def secure(proposal: Proposal, task: AsTask, state: Search) -> Sequence[Event]:
    """The helper's place stands: contact at once, unless somebody still has to look."""
    secured = HelperSecured(
        request_id=state.request_id, proposal_id=proposal.proposal_id, safeguards=tuple(sorted(task.safeguards))
    )
    return [secured, *_contact(proposal.proposal_id, evolve(state, secured), now=task.now)]


def confirm(command: ConfirmSafeguard, state: Search) -> Sequence[Event]:
    """Once for each who looks; a receipt may follow later, once."""
    proposal = state.proposal(command.proposal_id)
    if command.safeguard not in (command.safeguards if proposal.safeguards is None else proposal.safeguards):
        raise SafeguardNotNeeded()
    if command.confirmed_by == proposal.helper_id:
        raise HelperCannotConfirm()
    mark = (command.safeguard, command.confirmed_by)
    if mark in (proposal.looked if command.receipt is None else proposal.receipts):
        return []
    if not (proposal.is_live(command.now, command.pauses) or proposal.phase is Phase.SETTLED):
        raise ProposalOver()
    confirmed = SafeguardConfirmed(
        request_id=state.request_id,
        programme=state.programme,
        proposal_id=proposal.proposal_id,
        safeguard=command.safeguard,
        confirmed_by=command.confirmed_by,
        receipt=command.receipt,
    )
    return [confirmed, *_contact(proposal.proposal_id, evolve(state, confirmed), now=command.now)]


def done(command: SayDone, state: Search) -> Sequence[Event]:
    proposal, side = state.addressed(command.proposal_id, command.person_id)
    if state.task is None or state.task.proposal_id != proposal.proposal_id:
        raise SafeguardsOpen() if proposal.phase is Phase.SECURED else NotAgreed()
    if side in state.task.done:
        return []
    names = {"request_id": state.request_id, "programme": state.programme, "proposal_id": proposal.proposal_id}
    said = TaskDone(**names, done_by=side, done_at=command.now)
    if not state.task.done:
        return [said]
    two = {"requester_id": state.person_id, "helper_id": proposal.helper_id}
    return [said, TaskCompleted(**names, **two, category=str(state.category), completed_at=command.now)]


def _contact(proposal_id: str, state: Search, *, now: datetime) -> Sequence[Event]:
    """Whichever came last, the yes or the second look, makes it an agreement; everybody else is thanked."""
    proposal = state.proposals[proposal_id]
    if proposal.phase is not Phase.SECURED or not proposal.is_safe:
        return []
    agreed = ContactAgreed(
        request_id=state.request_id,
        programme=state.programme,
        category=str(state.category),
        proposal_id=proposal_id,
        requester_id=state.person_id,
        helper_id=proposal.helper_id,
        agreed_at=now,
    )
    return [agreed, *not_needed(state)]
