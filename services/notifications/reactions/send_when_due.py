"""A message is due, or was held until later: it is sent at that time, also when the process was down in between."""

from collections.abc import Awaitable, Callable, Iterable

from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent
from contracts.notifications import MessageDue, MessageFailed, MessageHeld, MessageSent, MessageSuppressed
from contracts.topics import NOTIFICATIONS


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    match recorded.event:
        case MessageDue(message_id=message_id, due_at=due_at):
            return [SetTimer(message_id, due_at, {})]
        case MessageHeld(message_id=message_id, until=until):
            return [SetTimer(message_id, until, {})]
        case MessageSent() | MessageSuppressed() | MessageFailed():
            return [CancelTimer(recorded.stream.id)]
        case _:
            return []


def send_when_due(send: Callable[[FiredTimer], Awaitable[None]]) -> TimerPlan:
    return TimerPlan(
        name="send-when-due",
        topics=(NOTIFICATIONS,),
        handles=(MessageDue, MessageHeld, MessageSent, MessageSuppressed, MessageFailed),
        plan=_plan,
        fire=send,
    )
