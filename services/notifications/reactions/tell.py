"""Something happened that people should hear of: a message becomes due for each of them."""

from dataclasses import replace

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.topics import INTAKE, MATCHING
from services.notifications.domain.message import TellOf, message
from services.notifications.domain.occasions import TELLING, Notice, notices


def message_id_of(cause: RecordedEvent, notice: Notice) -> str:
    """Cause, recipient and occasion make the message: the same three, however often they come, are one message."""
    return derive_id("message", cause.event_id, notice.occasion, notice.recipient_id)


def tell(commands: CommandHandler, clock: Clock) -> Reaction:
    """Safe to repeat: both the message id and the command id are derived from the event."""

    async def react(cause: RecordedEvent) -> None:
        for notice in notices(cause.event, cause.origin.occurred_at):
            message_id = message_id_of(cause, notice)
            command = TellOf(
                now=clock.now(),
                message_id=message_id,
                recipient_id=notice.recipient_id,
                programme=notice.programme,
                occasion=notice.occasion,
                cause_id=cause.event_id,
                useful_until=notice.useful_until,
                details=notice.details,
            )
            context = replace(Context.caused_by(cause, f"tell-{message_id}"), actor="reaction-tell")
            await commands.handle(message, StreamId(cause.tenant, "message", message_id), command, context=context)

    return Reaction(name="tell", topics=(INTAKE, MATCHING), handles=TELLING, react=react)
