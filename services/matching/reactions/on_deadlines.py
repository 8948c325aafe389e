"""Deadlines that this service keeps: a reservation ends by itself, a match ends on its last day (S2.16, S2.28)."""

from collections.abc import Iterable
from datetime import date

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import MatchEnded, MatchMade, SlotConfirmed, SlotReleased, SlotReserved
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import ExpireSlot
from services.matching.domain.pairing import EndMatch, pairing


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


def matches_end(commands: CommandHandler) -> TimerPlan:
    """When the last day is over at the programme's place; nothing prolongs it."""

    async def fire(fired: FiredTimer) -> None:
        command = EndMatch("length", closing_talk=False, today=date.fromisoformat(fired.payload["ends_on"]))
        await commands.handle(pairing, StreamId(fired.tenant, "match", fired.key), command, context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case MatchMade(match_id=match_id, ends_at=ends_at, ends_on=ends_on) if ends_at and ends_on:
                yield SetTimer(match_id, ends_at, {"ends_on": ends_on.isoformat()})
            case MatchEnded(match_id=match_id):
                yield CancelTimer(match_id)
            case _:
                return

    return TimerPlan("matches-end", topics=(topics.MATCHING,), handles=(MatchMade, MatchEnded), plan=plan, fire=fire)
