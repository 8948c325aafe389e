"""A coordinator picks a candidate: the slot is reserved, then the helper is proposed, at once (domain.md, step 1).

Were this to stop between the two, the reaction on SlotReserved proposes under the same command id; were the proposal
refused, the slot is released under the id the reaction on ProposalRefused would use.
"""

from datetime import datetime, timedelta
from typing import Any

from chassis.command_handler import CommandHandler, Context, Outcome
from chassis.refusal import Refusal
from contracts.envelope import Origin, RecordedEvent, StreamId, derive_id
from contracts.matching import ProposalRefused, SlotReserved
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import HelperNotFound, ReleaseSlot, ReserveSlot, SlotGone
from services.matching.domain.search import search
from services.matching.domain.search_commands import (
    AlreadyMatched,
    AlreadyProposed,
    ProposalOver,
    SearchClosedNow,
    SearchNotFound,
)
from services.matching.domain.search_state import Search
from services.matching.domain.suiting import BEFOREHAND
from services.matching.domain.tender_commands import NotOffered
from services.matching.pairs import Pairs
from services.matching.policies import KnownPolicy
from services.matching.ranking.explain import Ranked
from services.matching.reactions.on_searches import release
from services.matching.reactions.on_slots import propose

_REFUSALS: dict[str, type[Refusal]] = {
    refusal.rule: refusal
    for refusal in (AlreadyMatched, AlreadyProposed, HelperNotFound, NotOffered, ProposalOver, SearchClosedNow)
}


async def pick(
    commands: CommandHandler,
    stream: StreamId,
    ranked: Ranked,
    *,
    pairs: Pairs,
    known: KnownPolicy,
    context: Context,
    now: datetime,
) -> tuple[str, Outcome[Search]]:
    """The new proposal's id, and the search after it. Raises the rule that said no (409), or NotFound.

    `stream` is the search's, `ranked` the candidate with what it was picked for. The proposal's id is derived from the
    command's: the same request under the same Idempotency-Key is the same proposal.
    """
    found = await commands.state(search, stream)
    if not found.version:
        raise SearchNotFound()
    if await pairs.are_barred(stream.tenant, found.state.person_id, ranked.helper_id):
        raise HelperNotFound()
    for refusal in BEFOREHAND:
        if refusal.rule in ranked.why_not:
            raise refusal()
    recorded_as = ranked.for_the_record()
    reserve = ReserveSlot(
        programme=found.state.programme,
        proposal_id=derive_id(context.command_id, "proposal"),
        request_id=found.state.request_id,
        requester_id=found.state.person_id,
        proposed_by=context.actor,
        score=recorded_as.score,
        reasons=recorded_as.reasons,
        needs_meeting=known.policy.meeting and known.task(found.state.category) is None,
        until=now + timedelta(days=known.policy.slot_days),
        now=now,
        policy=known.at(now),
    )
    helper_stream = StreamId(stream.tenant, "helper", ranked.helper_id)
    reserved = await commands.handle(helper, helper_stream, reserve, context=context)
    proposed = None
    for cause in recorded(reserved, context, now):
        if isinstance(cause.event, SlotReserved):
            proposed = await propose(commands, pairs, cause.event, cause=cause, known=known, now=now)
    if proposed is None:
        raise SlotGone()
    for cause in recorded(proposed, context, now):
        match cause.event:
            case ProposalRefused(proposal_id=proposal_id, rule=rule) if proposal_id == reserve.proposal_id:
                await release(commands, cause, ranked.helper_id, ReleaseSlot(proposal_id, "not-proposed"))
                raise _REFUSALS[rule]()
            case _:
                continue
    if reserve.proposal_id in proposed.state.refused:
        # A block came between: it has refused the proposal beforehand, and its slot is given back.
        raise HelperNotFound()
    return reserve.proposal_id, proposed


def recorded(outcome: Outcome[Any], context: Context, now: datetime) -> list[RecordedEvent]:
    """The events of an outcome in their places: what a reaction will be handed, with the same ids."""
    origin = Origin(now, now, context.correlation_id, context.actor, traceparent=context.traceparent)
    first = outcome.version - len(outcome.events) + 1
    return [
        RecordedEvent(outcome.stream, position, event, origin) for position, event in enumerate(outcome.events, first)
    ]
