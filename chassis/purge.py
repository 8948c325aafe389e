"""A service's receipt: given once all its read models have read that a key was destroyed (S2.3)."""

from collections.abc import Awaitable, Callable, Sequence

from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring
from chassis.projection import Projection
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.receipts import Answer, Receipts
from chassis.refusal import FactsTooOld
from contracts.base import Event
from contracts.envelope import RecordedEvent, StreamId

Receipt = Callable[[RecordedEvent], Awaitable[Answer]]


def purges(
    commands: CommandHandler,
    reading: ReadModels,
    keyring: Keyring,
    *,
    projections: Sequence[Projection],
    decider: Receipts,
    topic: str,
    on: type[Event],
    receipt: Receipt,
) -> Reaction:
    """Safe to repeat: one receipt for each person.

    `projections` are those that forget. While one of them is behind, the reaction waits: a receipt says what is done.
    The key is destroyed here too: what this process remembers of it goes at once, not when its cache ends.
    """

    async def react(cause: RecordedEvent) -> None:
        for projection in projections:
            if await reading.facts_as_of(projection) < cause.origin.recorded_at:
                raise FactsTooOld(projection.name)
        await keyring.shred(cause.tenant, cause.stream.id)
        stream = StreamId(cause.tenant, decider.category, cause.stream.id)
        answer = await receipt(cause)
        await commands.handle(decider, stream, answer, context=Context.caused_by(cause, "person-purged"))

    return Reaction(name="purge-people", topics=(topic,), handles=(on,), react=react)
