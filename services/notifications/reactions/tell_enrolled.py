"""A gathering does not take place: whoever had signed up is told while it is of use (S1.19)."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.envelope import RecordedEvent
from contracts.matching import SessionClosed
from contracts.notifications import Details
from contracts.topics import MATCHING
from services.notifications.domain.occasions import Notice
from services.notifications.projections.gatherings import gathering_of, gatherings
from services.notifications.reactions.tell import tell_of

_WEEK = timedelta(days=7)


def tell_enrolled(commands: CommandHandler, reading: ReadModels, clock: Clock) -> Reaction:
    """Safe to repeat: the ids of the messages are derived from the event."""

    async def react(cause: RecordedEvent) -> None:
        closed = cause.event
        if not isinstance(closed, SessionClosed):
            return
        if await reading.facts_as_of(gatherings) < cause.origin.recorded_at:
            raise FactsTooOld()
        gathering = await gathering_of(reading, cause.tenant, closed.session_id)
        useful_until = gathering.begins_at or cause.origin.occurred_at + _WEEK
        for person_id in gathering.people:
            details = Details(meets_at=gathering.begins_at)
            notice = Notice(person_id, closed.programme, "called-off", useful_until, details)
            await tell_of(commands, clock, notice=notice, cause=cause)

    return Reaction(name="tell-enrolled", topics=(MATCHING,), handles=(SessionClosed,), react=react)
