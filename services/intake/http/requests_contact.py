"""How two who agreed on a task reach each other: these two and nobody else, until it is done (S1.2)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Id, MinPositionHeader, caller
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.intake import PAIR, pair_value
from contracts.period import after
from contracts.sealed import Redacted
from services.intake.domain.counterpart import counterparts
from services.intake.facts import programme_in_force
from services.intake.http.own import OWN_PERSON
from services.intake.projections.contacts import ContactDocument, contact_of
from services.intake.projections.persons import PersonDocument, person_of


class ContactView(BaseModel):
    """The other of the two. No address, ever; only what reaches them without danger, as they agreed it (S2.9)."""

    request_id: str
    name: str | None
    phone: str | None
    email: str | None
    agreed_at: AwareDatetime


class ContactDesk:
    """Everything is asked each time: a block that came meanwhile, or the end of the task, closes the door at once."""

    def __init__(self, commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, clock: Clock) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._clock = clock

    async def other(self, tenant: str, known: ContactDocument, person_id: str | None) -> PersonDocument:
        """Raises NotFound for whoever may not see it, as for what is not there."""
        other_id = known.other_than(person_id)
        if other_id is None or not await self._is_open(tenant, known) or await self._is_held(tenant, known):
            raise NotFound()
        found = await person_of(self._reading, tenant, other_id)
        if found is None:
            raise NotFound()
        return found.document

    async def _is_open(self, tenant: str, known: ContactDocument) -> bool:
        if known.ended_at is None:
            return True
        programme = await programme_in_force(self._commands, tenant, known.programme)
        closes_on = after(programme.day(known.ended_at), programme.policy.retain_after_end)
        return programme.day(self._clock.now()) < closes_on

    async def _is_held(self, tenant: str, known: ContactDocument) -> bool:
        pair = self._keyring.fingerprint(tenant, PAIR, pair_value(known.requester_id, known.helper_id))
        return (await self._commands.state(counterparts, StreamId(tenant, "pair", pair))).state.is_held

    async def view(self, tenant: str, known: ContactDocument, other: PersonDocument) -> ContactView:
        channel = None if other.safe_contact is None else other.safe_contact.channel
        said = {
            "name": other.name,
            "phone": other.phone if channel in (None, "sms") else None,
            "email": other.email if channel in (None, "email") else None,
        }
        asked = {field: token for field, token in said.items() if token is not None}
        opened = await self._keyring.open_many(tenant, list(asked.values()))
        clear = {field: None if isinstance(text, Redacted) else text for field, text in zip(asked, opened, strict=True)}
        shown = {"request_id": known.request_id, "agreed_at": known.agreed_at, **dict.fromkeys(said), **clear}
        return ContactView.model_validate(shown)


def add_contact(router: APIRouter, desk: ContactDesk, reading: ReadModels) -> None:
    @router.get("/{request_id}/contact")
    async def show_contact(
        request_id: Id, who: Annotated[Principal, caller("requests:read", OWN_PERSON)], at_least: MinPositionHeader
    ) -> ContactView:
        """For the two who said yes, from the moment both did; absent for everybody else, staff too (S1.2)."""
        known = await contact_of(reading, who.tenant, request_id, at_least=at_least)
        if known is None:
            raise NotFound()
        other = await desk.other(who.tenant, known, who.person_id)
        return await desk.view(who.tenant, known, other)
