"""The finding for one request: one live proposal at a time, a meeting, two hidden answers, and one outcome.

This stream is where crossing answers meet: a proposal is settled or dropped here, once. Everything else follows.
"""

from collections.abc import Sequence
from typing import Literal

from chassis.decider import Decider
from chassis.refusal import Refusal
from contracts.base import Event
from contracts.matching import (
    BothAgreed,
    DropReason,
    HelperProposed,
    MeetingArranged,
    MeetingHeld,
    MeetingMissed,
    NoSaid,
    ProposalDropped,
    ProposalRefused,
    SearchAmended,
    SearchClosed,
    SearchOpened,
    SearchReopened,
    SearchSettled,
    YesSaid,
)
from services.matching.domain import task, tender
from services.matching.domain.helper_commands import HelperNotFound
from services.matching.domain.proposal import Meeting, Phase, Proposal, Side
from services.matching.domain.search_commands import (
    AlreadyMatched,
    AlreadyProposed,
    AmendSearch,
    ArrangeMeeting,
    CloseSearch,
    Command,
    DropProposal,
    HoldMeeting,
    MissMeeting,
    OpenSearch,
    ProposalOver,
    Propose,
    ReopenSearch,
    SayNo,
    SayYes,
    SearchClosedNow,
    SearchNotFound,
    Settle,
)
from services.matching.domain.search_state import Search, Status, evolve
from services.matching.domain.tender_commands import (
    CloseTender,
    ConfirmSafeguard,
    LapseTender,
    NotOffered,
    OfferHelp,
    OpenTender,
    SayDone,
    TakeHelpBack,
)

# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Search) -> Sequence[Event]:
    if isinstance(command, OpenSearch):
        return _open(command, state)
    if state.status is Status.ABSENT:
        raise SearchNotFound()
    match command:
        case Propose():
            return _propose(command, state)
        case ArrangeMeeting() | HoldMeeting() | MissMeeting():
            return _meet(command, state, state.proposal(command.proposal_id))
        case SayYes():
            proposal, side = state.addressed(command.proposal_id, command.person_id)
            return _yes(command, proposal, side, state=state)
        case SayNo(proposal_id=proposal_id, person_id=person_id):
            proposal, side = state.addressed(proposal_id, person_id)
            return _no(proposal, side, state)
        case DropProposal():
            return _drop(command, state)
        case Settle(proposal_id=proposal_id):
            return _settle(command, state.proposal(proposal_id), state)
        case AmendSearch(wishes=wishes):
            amended = SearchAmended(request_id=state.request_id, programme=state.programme, wishes=wishes)
            return [] if state.wishes == wishes else [amended]
        case CloseSearch(reason=reason):
            return _close(reason, state)
        case ReopenSearch():
            reopened = SearchReopened(request_id=state.request_id, programme=state.programme)
            return [reopened] if state.status is Status.PARKED else []
        case OpenTender() | OfferHelp() | TakeHelpBack() | CloseTender() | LapseTender():
            return _tender(command, state)
        case ConfirmSafeguard():
            return task.confirm(command, state)
        case SayDone():
            return task.done(command, state)


def _tender(
    command: OpenTender | OfferHelp | TakeHelpBack | CloseTender | LapseTender, state: Search
) -> Sequence[Event]:
    match command:
        case OpenTender():
            return tender.open_tender(command, state)
        case OfferHelp():
            return tender.offer(command, state)
        case TakeHelpBack():
            return tender.take_back(command, state)
        case CloseTender():
            return tender.close(command, state)
        case LapseTender():
            return tender.lapse(command, state)


def _open(command: OpenSearch, state: Search) -> Sequence[Event]:
    if state.status is not Status.ABSENT:
        return []
    return [
        SearchOpened(
            request_id=command.request_id,
            person_id=command.person_id,
            programme=command.programme,
            category=command.category,
            needed_since=command.needed_since,
            wishes=command.wishes,
        )
    ]


def _propose(command: Propose, state: Search) -> Sequence[Event]:
    if command.proposal_id in state.proposals or command.proposal_id in state.refused:
        return []
    before, current = [], state.current
    if current is not None and not current.is_live(command.now, command.pauses):
        before, current = [_dropped(current, "silence", state)], None
    refusal = _why_not_proposed(command, state, current)
    if refusal is not None:
        return [*before, _refused(command, refusal, state)]
    proposed = HelperProposed(
        request_id=state.request_id,
        person_id=state.person_id,
        programme=state.programme,
        helper_id=command.helper_id,
        proposal_id=command.proposal_id,
        proposed_by=command.proposed_by,
        score=command.score,
        reasons=command.reasons,
        policy_version=command.policy_version,
        needs_meeting=command.needs_meeting,
        proposed_at=command.proposed_at,
        until=command.until,
    )
    chosen, their_yes = tender.chosen(command, state)
    return [*before, *chosen, proposed, *their_yes]


def _why_not_proposed(command: Propose, state: Search, current: Proposal | None) -> type[Refusal] | None:
    """Recorded, not raised: a proposal that was refused once must not come through when it is delivered again."""
    if state.status is Status.SETTLED:
        return AlreadyMatched
    if state.status is not Status.OPEN:
        return SearchClosedNow
    if current is not None:
        return AlreadyProposed
    if tender.is_taken_back(command.helper_id, state):
        return NotOffered
    is_over = command.pauses.have_let_pass(command.proposed_at, command.until, command.now)
    return ProposalOver if is_over else None


def _meet(command: ArrangeMeeting | HoldMeeting | MissMeeting, state: Search, proposal: Proposal) -> Sequence[Event]:
    names = {"request_id": state.request_id, "proposal_id": proposal.proposal_id}
    match command:
        case ArrangeMeeting(meets_at=meets_at):
            if proposal.is_arranged_for(meets_at):
                return []
            proposal.require_meeting_possible(command)
            both = {"person_id": state.person_id, "helper_id": proposal.helper_id, "programme": state.programme}
            return [MeetingArranged(**names, **both, meets_at=meets_at)]
        case HoldMeeting(now=now):
            if proposal.meeting is Meeting.HELD:
                return []
            proposal.require_meeting_arranged(command)
            return [MeetingHeld(**names, held_at=now)]
        case MissMeeting():
            if proposal.meeting is Meeting.MISSED:
                return []
            proposal.require_meeting_arranged(command)
            return [MeetingMissed(**names)]


def _yes(command: SayYes, proposal: Proposal, side: Side, *, state: Search) -> Sequence[Event]:
    if proposal.phase in (Phase.AGREED, Phase.SECURED, Phase.SETTLED):
        return []
    proposal.require_answerable(command)
    if side in proposal.yes:
        return []
    if side == "helper" and command.unapproved is not None:
        # Whether or not the other has answered: nothing can be learnt from it (S2.28).
        raise command.unapproved()
    said = YesSaid(request_id=state.request_id, proposal_id=proposal.proposal_id, said_by=side)
    if not proposal.yes:
        return [said]
    agreed = BothAgreed(
        request_id=state.request_id,
        programme=state.programme,
        helper_id=proposal.helper_id,
        proposal_id=proposal.proposal_id,
    )
    return [said, agreed]


def _no(proposal: Proposal, side: Side, state: Search) -> Sequence[Event]:
    if proposal.phase is Phase.SETTLED and not state.has_open_task:
        raise ProposalOver() if state.task is not None else AlreadyMatched()
    if proposal.phase is Phase.DROPPED:
        return []
    said = NoSaid(request_id=state.request_id, proposal_id=proposal.proposal_id, said_by=side)
    return [said, _dropped(proposal, "no", state)]


def _drop(command: DropProposal, state: Search) -> Sequence[Event]:
    if command.proposal_id in state.refused:
        return []
    proposal = state.proposals.get(command.proposal_id)
    if proposal is None:
        return [_refused(command, HelperNotFound if command.reason == "block" else ProposalOver, state)]
    # A match has its own stream to be paused or ended on; a task has only this one.
    is_open = proposal is state.current or (proposal.phase is Phase.SETTLED and state.has_open_task)
    return [_dropped(proposal, proposal.cause(command.reason), state)] if is_open else []


def _settle(command: Settle, proposal: Proposal, state: Search) -> Sequence[Event]:
    if proposal.phase in (Phase.SECURED, Phase.SETTLED):
        return []
    if proposal.phase is not Phase.AGREED:
        raise ProposalOver()
    if command.task is not None:
        return task.secure(proposal, command.task, state)
    return [
        SearchSettled(
            request_id=state.request_id,
            person_id=state.person_id,
            programme=state.programme,
            helper_id=proposal.helper_id,
            proposal_id=proposal.proposal_id,
            match_id=command.match_id,
            needed_since=state.needed_since,
        ),
        *tender.not_needed(state),
    ]


def _close(reason: Literal["withdrawn", "parked", "met"], state: Search) -> Sequence[Event]:
    if state.status is Status.CLOSED or (state.status is Status.PARKED and reason == "parked"):
        return []
    if state.status is Status.SETTLED and reason != "withdrawn" and not state.has_open_task:
        return []
    proposal = state.current
    if state.task is not None and state.has_open_task:
        proposal = state.proposals[state.task.proposal_id]
    dropped = [] if proposal is None else [_dropped(proposal, reason, state)]
    closed = SearchClosed(
        request_id=state.request_id, programme=state.programme, reason=reason, match_id=state.match_id
    )
    return [*dropped, *tender.not_needed(state), closed]


def _dropped(proposal: Proposal, reason: DropReason, state: Search) -> ProposalDropped:
    return ProposalDropped(
        request_id=state.request_id,
        person_id=state.person_id,
        programme=state.programme,
        helper_id=proposal.helper_id,
        proposal_id=proposal.proposal_id,
        reason=reason,
    )


def _refused(command: Propose | DropProposal, rule: type[Refusal], state: Search) -> ProposalRefused:
    return ProposalRefused(
        request_id=state.request_id,
        programme=state.programme,
        helper_id=command.helper_id,
        proposal_id=command.proposal_id,
        rule=rule.rule,
    )


search = Decider("search", Search(), decide, evolve)
