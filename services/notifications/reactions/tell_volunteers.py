"""A programme came to a milestone: each of its volunteers is thanked, once (S2.1, S2.33)."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.envelope import RecordedEvent
from contracts.matching import MatchCounted
from contracts.notifications import Details
from contracts.topics import MATCHING
from services.notifications.domain.occasions import Notice
from services.notifications.projections.volunteers import helpers, helpers_of
from services.notifications.reactions.tell import tell_of

_WEEK = timedelta(days=7)


def tell_volunteers(commands: CommandHandler, reading: ReadModels, clock: Clock) -> Reaction:
    """Safe to repeat: who was told has a message under an id derived from the event."""

    async def react(cause: RecordedEvent) -> None:
        counted = cause.event
        if not isinstance(counted, MatchCounted) or not counted.milestone:
            return
        if await reading.facts_as_of(helpers) < cause.origin.recorded_at:
            raise FactsTooOld()
        useful_until = cause.origin.occurred_at + _WEEK
        for helper_id in await helpers_of(reading, cause.tenant, counted.programme):
            thanks = Notice(helper_id, counted.programme, "milestone", useful_until, Details(number=counted.number))
            await tell_of(commands, clock, notice=thanks, cause=cause)

    return Reaction(name="tell-volunteers", topics=(MATCHING,), handles=(MatchCounted,), react=react)
