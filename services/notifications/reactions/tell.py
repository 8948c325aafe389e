"""Something happened that people should hear of: a message becomes due for each of them."""

from dataclasses import replace

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.topics import INTAKE, MATCHING, NOTIFICATIONS
from services.notifications.domain.message import TellOf, message
from services.notifications.domain.occasions import TELLING, Notice, notices


def message_id_of(cause: RecordedEvent, notice: Notice) -> str:
    """Cause, recipient and occasion make the message: the same three, however often they come, are one message."""
    return derive_id("message", cause.event_id, notice.occasion, notice.recipient_id)


async def tell_of(commands: CommandHandler, clock: Clock, *, notice: Notice, cause: RecordedEvent) -> None:
    """Safe to repeat: both the message id and the command id are derived from the event."""
    message_id = message_id_of(cause, notice)
    command = TellOf.of(notice, message_id=message_id, cause_id=cause.event_id, now=clock.now())
    context = replace(Context.caused_by(cause, f"tell-{message_id}"), actor="reaction-tell")
    stream = StreamId(cause.tenant, "message", message_id)
    await commands.handle(message, stream, command, context=context, begins=True)


def tell(commands: CommandHandler, clock: Clock) -> Reaction:
    async def react(cause: RecordedEvent) -> None:
        for notice in notices(cause.event, cause.origin.occurred_at):
            await tell_of(commands, clock, notice=notice, cause=cause)

    return Reaction(name="tell", topics=(INTAKE, MATCHING, NOTIFICATIONS), handles=TELLING, react=react)
