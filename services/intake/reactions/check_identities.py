"""Somebody came, said how to reach them, blocked or lifted: held or freed, should the request have stopped (S2.9)."""

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.reaction import Reaction
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import ContactGiven, CounterpartBlocked, CounterpartUnblocked, PersonRegistered
from contracts.sealed import Redacted, Sealed
from contracts.topics import INTAKE
from services.intake.domain.person import person
from services.intake.identities import Identities, Said


def check_identities(commands: CommandHandler, keyring: Keyring, identities: Identities) -> Reaction:
    """Safe to repeat: the same commands under the same ids as in the request."""

    async def react(cause: RecordedEvent) -> None:
        tenant = cause.tenant
        match cause.event:
            case PersonRegistered(person_id=person_id, name=name, birth_date=birth_date):
                said_name, born = await opened(tenant, name, birth_date)
                await identities.seen(tenant, person_id, Said(name=said_name, birth_date=born))
            case ContactGiven(person_id=person_id, email=email, phone=phone):
                said_email, number = await opened(tenant, email, phone)
                await identities.seen(tenant, person_id, Said(email=said_email, phone=number))
            case CounterpartBlocked() as block:
                await identities.blocked(tenant, block)
            case CounterpartUnblocked(person_id=person_id, block_id=block_id):
                known = await commands.state(person, StreamId(tenant, "person", person_id))
                await identities.unblocked(tenant, known.state.blocks[block_id])
            case _:
                return

    async def opened(tenant: str, *asked: Sealed[str] | None) -> list[str | None]:
        """None where nothing was said, or the person was erased."""
        said = [token for token in asked if token is not None]
        found = iter(await keyring.open_many(tenant, said))
        clear = [None if token is None else next(found) for token in asked]
        return [None if isinstance(text, Redacted) else text for text in clear]

    return Reaction(
        name="check-identities",
        topics=(INTAKE,),
        handles=(PersonRegistered, ContactGiven, CounterpartBlocked, CounterpartUnblocked),
        react=react,
    )
