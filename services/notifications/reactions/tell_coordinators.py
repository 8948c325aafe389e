"""Something is for coordinators themselves: each who wants to hear of the programme is told now (S4.13, S1.5, S2.3)."""

from dataclasses import replace
from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.envelope import RecordedEvent
from contracts.intake import ErasureOverdue, MandateEndNear, RequestEscalated
from contracts.matching import LoneVisitOverdue
from contracts.notifications import Details
from contracts.topics import INTAKE, MATCHING
from services.notifications.domain.occasions import Notice, after
from services.notifications.projections.subscribers import subscribers, subscribers_of
from services.notifications.reactions.tell import tell_of

# Where nobody wants to hear, the message is kept all the same, for whoever reads the list: nobody was told, and why.
NOBODY = "coordinators"
EVERY_PROGRAMME = ""
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def tell_coordinators(commands: CommandHandler, reading: ReadModels, clock: Clock) -> Reaction:
    """Safe to repeat: the ids of the messages are derived from the event."""

    async def react(cause: RecordedEvent) -> None:
        notice = _notice(cause)
        if notice is None:
            return
        if await reading.facts_as_of(subscribers) < cause.origin.recorded_at:
            raise FactsTooOld()
        for one in await _to_those_who_listen(reading, cause.tenant, notice):
            await tell_of(commands, clock, notice=one, cause=cause)

    return Reaction(
        name="tell-coordinators",
        topics=(INTAKE, MATCHING),
        handles=(LoneVisitOverdue, RequestEscalated, MandateEndNear, ErasureOverdue),
        react=react,
    )


async def _to_those_who_listen(reading: ReadModels, tenant: str, notice: Notice) -> list[Notice]:
    """One for each; what concerns no programme goes to all of the tenant, under a programme of theirs."""
    found = await subscribers_of(reading, tenant, notice.programme or None)
    programmes = {one.recipient_id: one.programme for one in reversed(found)}
    return [replace(notice.to(who), programme=programme) for who, programme in programmes.items()] or [notice]


def _notice(cause: RecordedEvent) -> Notice | None:
    useful_until = cause.origin.occurred_at + _DAY
    match cause.event:
        case LoneVisitOverdue(programme=programme, visit_id=visit_id, until=until):
            return Notice(NOBODY, programme, "lone-visit-overdue", useful_until, Details(until=until), visit_id)
        case RequestEscalated(programme=programme):
            return Notice(NOBODY, programme, "escalated", useful_until, Details())
        case MandateEndNear(programme=programme, ends_on=ends_on):
            return Notice(NOBODY, programme, "mandate-near", after(ends_on), Details(ends_on=ends_on))
        case ErasureOverdue():
            return Notice(NOBODY, EVERY_PROGRAMME, "erasure-overdue", cause.origin.occurred_at + _WEEK, Details())
        case _:
            return None
