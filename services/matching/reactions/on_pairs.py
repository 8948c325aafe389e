"""Intake keeps two people apart, or no longer: the pair is barred here, and what brought them together ends (S2.9)."""

from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import PairFreed, PairHeld
from services.matching.domain.guard import BarPair, UnbarPair, guard
from services.matching.domain.search import search
from services.matching.domain.search_commands import DropProposal


def on_pairs(commands: CommandHandler) -> Reaction:
    """Safe to repeat: ids are derived, and what intake said earlier than what was heard last is not heard again.

    Barred first, then dropped: a proposal that engages the pair later is refused, one that engaged it before is known,
    and where it has not come to its search yet it is refused there beforehand. A match is not ended here but paused,
    by who follows matches.
    """

    async def react(cause: RecordedEvent) -> None:
        stream = StreamId(cause.tenant, "guard", cause.stream.id)
        match cause.event:
            case PairHeld():
                context = Context.caused_by(cause, "bar-pair")
                outcome = await commands.handle(guard, stream, BarPair(cause.position), context=context)
                if outcome.state.is_barred:
                    for engagement in outcome.state.engaged.values():
                        drop = DropProposal(engagement.proposal_id, engagement.helper_id, "block")
                        where = StreamId(cause.tenant, "search", engagement.request_id)
                        why = Context.caused_by(cause, f"keep-apart-{engagement.proposal_id}")
                        await commands.handle(search, where, drop, context=why)
            case PairFreed():
                context = Context.caused_by(cause, "unbar-pair")
                await commands.handle(guard, stream, UnbarPair(cause.position), context=context)
            case _:
                return

    return Reaction("keep-pairs-apart", topics=(topics.INTAKE,), handles=(PairHeld, PairFreed), react=react)
