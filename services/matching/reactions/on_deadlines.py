"""A reservation ends by itself at its deadline (S2.28)."""

from collections.abc import Iterable

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import SlotConfirmed, SlotReleased, SlotReserved
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import ExpireSlot


def reservations_end(commands: CommandHandler, clock: Clock) -> TimerPlan:
    """At the deadline the slot is free; that drops the proposal, and the search goes on (S2.31)."""

    async def fire(fired: FiredTimer) -> None:
        # The clock may stand a little before the due time that was rounded up to the millisecond.
        command = ExpireSlot(fired.key, max(clock.now(), fired.due_at))
        stream = StreamId(fired.tenant, "helper", fired.payload["helper_id"])
        await commands.handle(helper, stream, command, context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case SlotReserved(proposal_id=proposal_id, until=until, person_id=helper_id):
                yield SetTimer(proposal_id, until, {"helper_id": helper_id})
            case SlotConfirmed(proposal_id=proposal_id) | SlotReleased(proposal_id=proposal_id):
                yield CancelTimer(proposal_id)
            case _:
                return

    handles = (SlotReserved, SlotConfirmed, SlotReleased)
    return TimerPlan("reservations-end", topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)
