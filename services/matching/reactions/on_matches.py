"""A match that is made is counted (S2.1); one that has ended gives the helper's place back (S2.17)."""

from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import MatchEnded, MatchMade
from services.matching.domain.helper_commands import ReleaseSlot
from services.matching.domain.tally import CountMatch, tally
from services.matching.policies import Policies
from services.matching.reactions.on_searches import release


def on_matches(commands: CommandHandler, policies: Policies) -> Reaction:
    """Safe to repeat: a tally counts a match once, a slot is released once."""

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case MatchMade(match_id=match_id, programme=programme):
                known = await policies.known(cause.tenant, programme)
                command = CountMatch(programme, match_id, known.policy.milestones)
                stream = StreamId(cause.tenant, "tally", programme)
                await commands.handle(tally, stream, command, context=Context.caused_by(cause, "count-match"))
            case MatchEnded(helper_id=helper_id, proposal_id=proposal_id):
                await release(commands, cause, helper_id, ReleaseSlot(proposal_id, "ended"))
            case _:
                return

    return Reaction("follow-matches", topics=(topics.MATCHING,), handles=(MatchMade, MatchEnded), react=react)
