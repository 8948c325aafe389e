"""A match was made: whoever referred hears of it, and the request is met (domain.md, what passes between services)."""

import structlog

from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import MatchMade
from contracts.topics import MATCHING
from services.intake.domain.request import MeetRequest, RequestIsOver, request
from services.intake.reactions.tell_sender import Senders

log = structlog.get_logger()


def on_match_made(commands: CommandHandler, senders: Senders) -> Reaction:
    """Safe to repeat: the command id is derived. `matched` is told before the request is met, never after."""

    async def react(cause: RecordedEvent) -> None:
        event = cause.event
        assert isinstance(event, MatchMade)  # noqa: S101 - the only event that is handed over
        stream, at = StreamId(cause.tenant, "request", event.request_id), cause.origin.occurred_at
        known = (await commands.state(request, stream)).state
        if not known.status.is_final:
            await senders.tell(cause.tenant, known, "matched", at)
        command = MeetRequest(how="by-match", now=at, match_id=event.match_id)
        try:
            await commands.handle(request, stream, command, context=Context.caused_by(cause, "meet-request"))
        except RequestIsOver:
            # Withdrawn in the same moment: matching hears of the withdrawal and ends the match.
            log.info("match_made_for_ended_request", tenant=cause.tenant, match_id=event.match_id)

    return Reaction(name="on-match-made", topics=(MATCHING,), handles=(MatchMade,), react=react)
