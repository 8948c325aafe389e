"""A mandate nears its last day: whoever decides hears of it in time to renew (S1.5)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.timers import CancelTimer, FiredTimer, Postponed, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import MandateRenewed, ProgrammeAdopted, ProgrammeClosed
from contracts.topics import INTAKE
from services.intake.domain.calendar import end_of
from services.intake.domain.programme import Programme, WarnOfMandateEnd, programme


def mandate_ends(commands: CommandHandler, clock: Clock) -> TimerPlan:
    """Fires at once and then on the day: a renewal does not say how early the programme wants to be warned.

    Safe to repeat: the programme warns once of each last day.
    """

    async def fire(fired: FiredTimer) -> None:
        stream, now = StreamId(fired.tenant, "programme", fired.key), clock.now()
        known = (await commands.state(programme, stream)).state
        due_at = _due_at(known)
        if due_at is not None and now < due_at:
            raise Postponed(due_at)
        await commands.handle(programme, stream, WarnOfMandateEnd(now=now), context=fired.context())

    return TimerPlan(
        name="mandate-ends",
        topics=(INTAKE,),
        handles=(ProgrammeAdopted, MandateRenewed, ProgrammeClosed),
        plan=_plan,
        fire=fire,
    )


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    if isinstance(recorded.event, ProgrammeClosed):
        return [CancelTimer(recorded.stream.id)]
    return [SetTimer(recorded.stream.id, recorded.origin.occurred_at, {})]


def _due_at(known: Programme) -> datetime | None:
    """The instant at which the day of the warning begins where the programme is; None where nothing is to be said."""
    if known.is_closed or known.warns_on is None:
        return None
    return end_of(known.warns_on - timedelta(days=1), zone=known.policy.zone)
