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
    HelperProposed,
    MeetingArranged,
    MeetingHeld,
    MeetingMissed,
    ProposalDropped,
    ProposalRefused,
    SearchAmended,
    SearchClosed,
    SearchOpened,
    SearchReopened,
    SearchSettled,
    YesSaid,
)
from services.matching.domain.proposal import Meeting, Phase, Proposal, Side


class Status(Enum):
    ABSENT = auto()
    OPEN = auto()
    SETTLED = auto()
    PARKED = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Search:
    status: Status = Status.ABSENT
    request_id: str = ""
    person_id: str = ""
    programme: str = ""
    category: str | None = None
    needed_since: date = date.max
    wishes: Wishes = field(default_factory=Wishes)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    match_id: str | None = None

    @property
    def current(self) -> Proposal | None:
        """The one proposal that is neither dropped nor settled."""
        live = (Phase.LIVE, Phase.AGREED)
        return next((proposal for proposal in self.proposals.values() if proposal.phase in live), None)

    def side_of(self, proposal: Proposal, person_id: str) -> Side | None:
        """Which of the two this person is; None for everybody else."""
        if person_id == self.person_id:
            return "requester"
        return "helper" if person_id == proposal.helper_id else None


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
            return _changed(state, name, phase=Phase.DROPPED)
        case SearchSettled(proposal_id=name, match_id=match_id):
            return replace(_changed(state, name, phase=Phase.SETTLED), status=Status.SETTLED, match_id=match_id)
        case SearchClosed(reason=reason):
            return replace(state, status=Status.PARKED if reason == "parked" else Status.CLOSED)
        case SearchReopened():
            return replace(state, status=Status.OPEN)
        case _:
            return state


def _changed(state: Search, proposal_id: str, **changes: Any) -> Search:
    proposal = replace(state.proposals[proposal_id], **changes)
    return replace(state, proposals={**state.proposals, proposal_id: proposal})
