"""A reservation ends by itself at its deadline (S2.28)."""

from collections.abc import Iterable
from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, Postponed, SetTimer, TimerPlan
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import SlotConfirmed, SlotReleased, SlotReserved
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import ExpireSlot
from services.matching.policies import Policies

# While a pause has no end yet, the deadline has no day.
_LOOK_AGAIN = timedelta(hours=1)


def reservations_end(commands: CommandHandler, policies: Policies, clock: Clock) -> TimerPlan:
    """At the deadline the slot is free; that drops the proposal, and the search goes on (S2.31).

    A pause of the programme moves the deadline by as long as it lasts (S2.29).
    """

    async def fire(fired: FiredTimer) -> None:
        # The clock may stand a little before the due time that was rounded up to the millisecond.
        now = max(clock.now(), fired.due_at)
        known = await policies.known(fired.tenant, fired.payload["programme"])
        if known.as_of < fired.due_at:
            raise FactsTooOld("whether the programme was paused before the deadline")
        stream = StreamId(fired.tenant, "helper", fired.payload["helper_id"])
        expire = ExpireSlot(fired.key, now, known.pauses)
        slot = (await commands.handle(helper, stream, expire, context=fired.context())).state.slots.get(fired.key)
        if slot is not None and slot.until is not None:
            raise Postponed(known.pauses.moved(slot.reserved_at, slot.until) or now + _LOOK_AGAIN)

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case SlotReserved(proposal_id=proposal_id, until=until) as slot:
                payload = {"helper_id": slot.person_id, "programme": slot.programme}
                yield SetTimer(proposal_id, until, payload)
            case SlotConfirmed(proposal_id=proposal_id) | SlotReleased(proposal_id=proposal_id):
                yield CancelTimer(proposal_id)
            case _:
                return

    handles = (SlotReserved, SlotConfirmed, SlotReleased)
    return TimerPlan("reservations-end", topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)
