"""On working mornings it is looked what waits for a coordinator; what is found becomes a digest."""

from collections.abc import Iterable

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId
from contracts.notifications import DigestLooked, DigestUnwanted, DigestWanted
from contracts.topics import NOTIFICATIONS
from services.notifications.domain.digest import LookAround, digest
from services.notifications.projections.programmes import programme_of
from services.notifications.projections.tenders import tenders
from services.notifications.projections.waiting import waiting, what_waits


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    match recorded.event:
        case DigestWanted(next_at=next_at) | DigestLooked(next_at=next_at):
            return [SetTimer(recorded.stream.id, next_at, {})]
        case DigestUnwanted():
            return [CancelTimer(recorded.stream.id)]
        case _:
            return []


def look_on_mornings(commands: CommandHandler, reading: ReadModels, clock: Clock) -> TimerPlan:
    async def fire(fired: FiredTimer) -> None:
        stream = StreamId(fired.tenant, "digest", fired.key)
        state = (await commands.state(digest, stream)).state
        if state.wanted is None or state.looked_at is None:
            return
        if min([await reading.facts_as_of(facts) for facts in (waiting, tenders)]) < fired.due_at:
            raise FactsTooOld()
        programme = await programme_of(reading, fired.tenant, state.wanted.programme)
        counts = await what_waits(reading, fired.tenant, state.wanted.programme, since=state.looked_at)
        # The clock may stand a little before the due time that was rounded up to the millisecond.
        now = max(clock.now(), fired.due_at)
        command = LookAround(now, counts, zone=programme.zone, country=programme.country)
        await commands.handle(digest, stream, command, context=fired.context())

    return TimerPlan(
        name="look-on-mornings",
        topics=(NOTIFICATIONS,),
        handles=(DigestWanted, DigestLooked, DigestUnwanted),
        plan=_plan,
        fire=fire,
    )
