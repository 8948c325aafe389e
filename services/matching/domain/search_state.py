"""How the finding for one request stands, folded from its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, auto
from typing import Any

from contracts.base import Event
from contracts.intake import Wishes
from contracts.matching import (
    BothAgreed,
    ContactAgreed,
    HelperChosen,
    HelperProposed,
    HelperSecured,
    HelpNotNeeded,
    HelpOffered,
    HelpTakenBack,
    MeetingArranged,
    MeetingHeld,
    MeetingMissed,
    ProposalDropped,
    ProposalRefused,
    SafeguardConfirmed,
    SearchAmended,
    SearchClosed,
    SearchOpened,
    SearchReopened,
    SearchSettled,
    TaskCompleted,
    TaskDone,
    TenderLapsed,
    TenderOpened,
    TenderStopped,
    YesSaid,
)
from contracts.sealed import Sealed
from services.matching.domain.proposal import Meeting, Phase, Proposal, Side
from services.matching.domain.search_commands import ProposalNotFound
from services.matching.domain.tender_state import Offer, Tender


class Status(Enum):
    ABSENT = auto()
    OPEN = auto()
    SETTLED = auto()
    PARKED = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Task:
    """What the two agreed on, and who of them says it is done."""

    proposal_id: str
    done: frozenset[Side] = frozenset()


@dataclass(frozen=True, slots=True)
class Search:
    status: Status = Status.ABSENT
    request_id: str = ""
    person_id: str = ""
    programme: str = ""
    category: str | None = None
    needed_since: date = date.max
    wishes: Sealed[Wishes] | None = None
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    match_id: str | None = None
    tenders: Mapping[str, Tender] = field(default_factory=dict)
    task: Task | None = None

    @property
    def tender(self) -> Tender | None:
        """The one tender that is open, or waits for a choice or an answer."""
        return next((tender for tender in self.tenders.values() if not tender.is_over), None)

    @property
    def has_open_task(self) -> bool:
        """Two agreed on it, and it is not done."""
        return self.status is Status.SETTLED and self.task is not None

    @property
    def current(self) -> Proposal | None:
        """The one proposal that is neither dropped nor settled."""
        live = (Phase.LIVE, Phase.AGREED, Phase.SECURED)
        return next((proposal for proposal in self.proposals.values() if proposal.phase in live), None)

    def side_of(self, proposal: Proposal, person_id: str) -> Side | None:
        """Which of the two this person is; None for everybody else."""
        if person_id == self.person_id:
            return "requester"
        return "helper" if person_id == proposal.helper_id else None

    def proposal(self, proposal_id: str) -> Proposal:
        """Raises ProposalNotFound."""
        found = self.proposals.get(proposal_id)
        if found is None:
            raise ProposalNotFound()
        return found

    def addressed(self, proposal_id: str, person_id: str) -> tuple[Proposal, Side]:
        """For anybody but the two there is no such proposal."""
        found = self.proposal(proposal_id)
        side = self.side_of(found, person_id)
        if side is None:
            raise ProposalNotFound()
        return found, side


def evolve(state: Search, event: Event) -> Search:
    match event:
        case SearchOpened():
            return Search(
                status=Status.OPEN,
                request_id=event.request_id,
                person_id=event.person_id,
                programme=event.programme,
                category=event.category,
                needed_since=event.needed_since,
                wishes=event.wishes,
            )
        case HelperProposed(proposal_id=name):
            proposal = Proposal(name, event.helper_id, event.proposed_at, event.until, event.needs_meeting)
            return replace(state, proposals={**state.proposals, name: proposal})
        case SearchAmended(wishes=wishes):
            return replace(state, wishes=wishes)
        case ProposalRefused(proposal_id=name):
            return replace(state, refused=state.refused | {name})
        case MeetingArranged(proposal_id=name, meets_at=meets_at):
            return _changed(state, name, meeting=Meeting.ARRANGED, meets_at=meets_at)
        case MeetingHeld(proposal_id=name):
            return _changed(state, name, meeting=Meeting.HELD)
        case MeetingMissed(proposal_id=name):
            return _changed(state, name, meeting=Meeting.MISSED, meets_at=None)
        case YesSaid(proposal_id=name, said_by=side):
            return _changed(state, name, yes=state.proposals[name].yes | {side})
        case BothAgreed(proposal_id=name):
            return _changed(state, name, phase=Phase.AGREED)
        case ProposalDropped(proposal_id=name):
            again = replace(state, status=Status.OPEN, task=None) if state.has_open_task else state
            tenders = {tender_id: tender.without_chosen() for tender_id, tender in state.tenders.items()}
            return replace(_changed(again, name, phase=Phase.DROPPED), tenders=tenders)
        case SearchSettled(proposal_id=name, match_id=match_id):
            settled = replace(_over(state), status=Status.SETTLED, match_id=match_id)
            return _changed(settled, name, phase=Phase.SETTLED)
        case SearchClosed(reason=reason):
            return replace(_over(state), status=Status.PARKED if reason == "parked" else Status.CLOSED)
        case SearchReopened():
            return replace(state, status=Status.OPEN)
        case _:
            return _evolve_task(_evolve_tender(state, event), event)


def _evolve_tender(state: Search, event: Event) -> Search:
    match event:
        case TenderOpened(tender_id=name) as tender:
            return _with(state, Tender(name, tender.category, tender.opens_at, tender.closes_at))
        case HelpOffered(tender_id=name, helper_id=helper_id):
            return _with(state, state.tenders[name].having(helper_id, Offer.LIVE))
        case HelpTakenBack(tender_id=name, helper_id=helper_id):
            return _with(state, state.tenders[name].having(helper_id, Offer.TAKEN_BACK))
        case HelperChosen(tender_id=name, helper_id=helper_id):
            return _with(state, state.tenders[name].having(helper_id, Offer.CHOSEN))
        case HelpNotNeeded(tender_id=name, helper_id=helper_id):
            return _with(state, state.tenders[name].having(helper_id, Offer.NOT_NEEDED))
        case TenderStopped(tender_id=name, closed_at=closed_at):
            return _with(state, replace(state.tenders[name], closes_at=closed_at))
        case TenderLapsed(tender_id=name):
            return _with(state, replace(state.tenders[name], is_over=True))
        case _:
            return state


def _evolve_task(state: Search, event: Event) -> Search:
    match event:
        case HelperSecured(proposal_id=name, safeguards=safeguards):
            return _changed(state, name, phase=Phase.SECURED, safeguards=safeguards)
        case SafeguardConfirmed(proposal_id=name, safeguard=safeguard, confirmed_by=who, receipt=receipt):
            proposal, mark = state.proposals[name], frozenset([(safeguard, who)])
            receipts = proposal.receipts if receipt is None else proposal.receipts | mark
            return _changed(state, name, looked=proposal.looked | mark, receipts=receipts)
        case ContactAgreed(proposal_id=name):
            settled = replace(_over(state), status=Status.SETTLED, task=Task(name))
            return _changed(settled, name, phase=Phase.SETTLED)
        case TaskDone(done_by=side) if state.task is not None:
            return replace(state, task=replace(state.task, done=state.task.done | {side}))
        case TaskCompleted():
            return replace(state, status=Status.CLOSED)
        case _:
            return state


def _with(state: Search, tender: Tender) -> Search:
    return replace(state, tenders={**state.tenders, tender.tender_id: tender})


def _over(state: Search) -> Search:
    """No tender is open, and none waits, once it is settled or closed."""
    tenders = {name: replace(tender, is_over=True) for name, tender in state.tenders.items()}
    return replace(state, tenders=tenders)


def _changed(state: Search, proposal_id: str, **changes: Any) -> Search:
    proposal = replace(state.proposals[proposal_id], **changes)
    return replace(state, proposals={**state.proposals, proposal_id: proposal})
