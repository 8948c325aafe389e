"""What happens to a helper's slot moves the search on: reserved → proposed, confirmed → settled, gone → dropped."""

from datetime import datetime

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context, Outcome
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.matching import DropReason, SlotConfirmed, SlotReleased, SlotReserved
from services.matching.domain.guard import Engagement
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import HelperNotFound, ReleaseSlot
from services.matching.domain.search import search
from services.matching.domain.search_commands import (
    AsTask,
    DropProposal,
    ProposalNotFound,
    ProposalOver,
    Propose,
    SearchNotFound,
    Settle,
)
from services.matching.domain.search_state import Search
from services.matching.pairs import Pairs
from services.matching.policies import KnownPolicy, Policies

# Reasons that begin at the helper; all others were the search's own, which knows them already.
_DROPS: dict[str, DropReason] = {"expired": "silence", "facts": "facts"}


def on_slots(commands: CommandHandler, pairs: Pairs, *, policies: Policies, clock: Clock) -> Reaction:
    """Safe to repeat: ids are derived, a refused proposal stays refused, a settled search stays settled."""

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case SlotReserved() as slot:
                known = await policies.known(cause.tenant, slot.programme)
                await propose(commands, pairs, slot, cause=cause, known=known, now=clock.now())
            case SlotConfirmed() as slot:
                await _settle(commands, pairs, slot, cause=cause, task=await as_task(slot, cause))
            case SlotReleased(reason=reason) as slot if reason in _DROPS:
                await _drop(commands, slot, cause, reason=_DROPS[reason])
            case _:
                return

    async def as_task(slot: SlotConfirmed, cause: RecordedEvent) -> AsTask | None:
        found = await commands.state(search, StreamId(cause.tenant, "search", slot.request_id))
        kind = (await policies.known(cause.tenant, slot.programme)).task(found.state.category)
        return None if kind is None else AsTask(kind.safeguards, clock.now())

    return Reaction(
        "follow-slots",
        topics=(topics.MATCHING,),
        handles=(SlotReserved, SlotConfirmed, SlotReleased),
        react=react,
    )


async def propose(
    commands: CommandHandler,
    pairs: Pairs,
    slot: SlotReserved,
    *,
    cause: RecordedEvent,
    known: KnownPolicy,
    now: datetime,
) -> Outcome[Search]:
    """Step 1, second half: the coordinator's request and the reaction both come here, under the same command id.

    The pair is engaged first. Where it is barred, the proposal is refused so that it never comes (S2.9).
    """
    stream = StreamId(cause.tenant, "search", slot.request_id)
    requester_id = (await commands.state(search, stream)).state.person_id
    command: Propose | DropProposal = Propose(
        proposal_id=slot.proposal_id,
        helper_id=slot.person_id,
        proposed_by=slot.proposed_by,
        score=slot.score,
        reasons=slot.reasons,
        policy_version=slot.policy_version,
        needs_meeting=slot.needs_meeting,
        proposed_at=slot.reserved_at,
        until=slot.until,
        now=now,
        pauses=known.pauses,
    )
    try:
        await pairs.engage(cause, requester_id, Engagement(slot.proposal_id, slot.request_id, slot.person_id))
    except HelperNotFound:
        command = DropProposal(slot.proposal_id, slot.person_id, "block")
    return await commands.handle(search, stream, command, context=Context.caused_by(cause, "propose"))


async def _settle(
    commands: CommandHandler, pairs: Pairs, slot: SlotConfirmed, *, cause: RecordedEvent, task: AsTask | None
) -> None:
    """Step 4: settled, or lost against a no, a withdrawal or a block; then the slot is given back."""
    stream = StreamId(cause.tenant, "search", slot.request_id)
    requester_id = (await commands.state(search, stream)).state.person_id
    match_id = derive_id(cause.tenant, "match", slot.proposal_id)
    command: Settle | DropProposal = Settle(slot.proposal_id, match_id, task)
    if await pairs.are_barred(cause.tenant, requester_id, slot.person_id):
        command = DropProposal(slot.proposal_id, slot.person_id, "block")
    try:
        await commands.handle(search, stream, command, context=Context.caused_by(cause, "settle"))
    except (ProposalOver, ProposalNotFound, SearchNotFound):
        lost = ReleaseSlot(slot.proposal_id, "lost")
        await commands.handle(helper, cause.stream, lost, context=Context.caused_by(cause, "release-lost"))


async def _drop(commands: CommandHandler, slot: SlotReleased, cause: RecordedEvent, *, reason: DropReason) -> None:
    """The slot is gone, so the proposal is: also one that has not come to the search yet."""
    command = DropProposal(slot.proposal_id, slot.person_id, reason)
    stream = StreamId(cause.tenant, "search", slot.request_id)
    await commands.handle(search, stream, command, context=Context.caused_by(cause, "drop"))
