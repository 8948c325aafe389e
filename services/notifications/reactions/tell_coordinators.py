"""Something is for coordinators themselves: each who wants to hear of the programme is told now (S4.13, S1.5)."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.envelope import RecordedEvent
from contracts.intake import MandateEndNear, RequestEscalated
from contracts.matching import LoneVisitOverdue
from contracts.notifications import Details
from contracts.topics import INTAKE, MATCHING
from services.notifications.domain.occasions import Notice, after
from services.notifications.projections.subscribers import subscribers, subscribers_of
from services.notifications.reactions.tell import tell_of

# Where nobody wants to hear, the message is kept all the same, for whoever reads the list: nobody was told, and why.
NOBODY = "coordinators"
_DAY = timedelta(days=1)


def tell_coordinators(commands: CommandHandler, reading: ReadModels, clock: Clock) -> Reaction:
    """Safe to repeat: the ids of the messages are derived from the event."""

    async def react(cause: RecordedEvent) -> None:
        notice = _notice(cause)
        if notice is None:
            return
        if await reading.facts_as_of(subscribers) < cause.origin.recorded_at:
            raise FactsTooOld()
        found = await subscribers_of(reading, cause.tenant, notice.programme)
        for recipient_id in [one.recipient_id for one in found] or [NOBODY]:
            await tell_of(commands, clock, notice=notice.to(recipient_id), cause=cause)

    return Reaction(
        name="tell-coordinators",
        topics=(INTAKE, MATCHING),
        handles=(LoneVisitOverdue, RequestEscalated, MandateEndNear),
        react=react,
    )


def _notice(cause: RecordedEvent) -> Notice | None:
    useful_until = cause.origin.occurred_at + _DAY
    match cause.event:
        case LoneVisitOverdue(programme=programme, visit_id=visit_id, until=until):
            return Notice(NOBODY, programme, "lone-visit-overdue", useful_until, Details(until=until), visit_id)
        case RequestEscalated(programme=programme):
            return Notice(NOBODY, programme, "escalated", useful_until, Details())
        case MandateEndNear(programme=programme, ends_on=ends_on):
            return Notice(NOBODY, programme, "mandate-near", after(ends_on), Details(ends_on=ends_on))
        case _:
            return None
