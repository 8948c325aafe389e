"""People over HTTP: registered on their behalf by any channel, or by themselves (S1.8, S1.12, S3.32)."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context, Outcome
from chassis.http import (
    Commanded,
    Id,
    MinPositionHeader,
    Page,
    Paging,
    Router,
    answer,
    caller,
    commanded_by,
    paged,
    versioned,
)
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.sealed import Redacted, Sealed
from services.intake.domain.person import (
    Command,
    DescribeProfile,
    GiveConsent,
    GiveContact,
    Person,
    RegisterPerson,
    WithdrawConsent,
    person,
)
from services.intake.http.answers import Done
from services.intake.http.own import NotYourOwn, check_own
from services.intake.http.person_bodies import ConsentBody, ContactBody, PersonBody, PersonView, ProfileBody
from services.intake.phone import e164
from services.intake.projections.persons import PersonDocument, person_of, persons_after
from services.intake.sealing import sealed, sealed_text

_OWN = "volunteering:apply"


class _Desk:
    """Seals at the edge and runs the commands."""

    def __init__(self, commands: CommandHandler, keyring: Keyring, clock: Clock) -> None:
        self._commands = commands
        self._keyring = keyring
        self._clock = clock

    async def register(self, person_id: str, body: PersonBody, ask: Commanded) -> Outcome[Person]:
        tenant = ask.principal.tenant
        born = None if body.birth_date is None else body.birth_date.isoformat()
        [birth_date] = await sealed(self._keyring, tenant, person_id, born)
        command = RegisterPerson(
            person_id=person_id,
            channel=body.channel if ask.principal.has("people:write") else "web",
            name=await sealed_text(self._keyring, tenant, person_id, body.name),
            birth_date=birth_date,
            entered_by=ask.context.actor,
        )
        outcome = await self.run(person_id, command, ask)
        if body.contact is not None:
            outcome = await self.contact(person_id, body.contact, ask, context=ask.step("contact"))
        if body.profile is not None:
            outcome = await self.profile(person_id, body.profile, ask, context=ask.step("profile"))
        return outcome

    async def contact(
        self, person_id: str, body: ContactBody, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        tenant = ask.principal.tenant
        phone = None if body.phone is None else e164(body.phone)
        email, number = await sealed(self._keyring, tenant, person_id, body.email, phone)
        command = GiveContact(language=body.language, email=email, phone=number)
        return await self.run(person_id, command, ask, context=context)

    async def profile(
        self, person_id: str, body: ProfileBody, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        """What was stated before counts as old after a while: the day is kept (S3.29)."""
        [hopes] = await sealed(self._keyring, ask.principal.tenant, person_id, body.hopes)
        command = DescribeProfile(
            stated_on=self._clock.now().date(),
            gives=body.gives,
            wants=body.wants,
            interests=body.interests,
            competences=body.competences,
            hopes=hopes,
            languages=body.languages,
            support_forms=body.support_forms,
            day_parts=body.day_parts,
            area=body.area,
            gender=body.gender,
        )
        return await self.run(person_id, command, ask, context=context)

    async def run(
        self, person_id: str, command: Command, ask: Commanded, *, context: Context | None = None
    ) -> Outcome[Person]:
        stream = StreamId(ask.principal.tenant, "person", person_id)
        expected = ask.if_match if context is None else None
        return await self._commands.handle(
            person, stream, command, context=context or ask.context, expected_version=expected
        )

    async def views(self, tenant: str, found: Sequence[PersonDocument]) -> list[PersonView]:
        """People with what is sealed opened, in one round trip for all; what was erased is absent."""
        asked = [(document.person_id, field, token) for document in found for field, token in _sealed_fields(document)]
        opened = await self._keyring.open_many(tenant, [token for _, _, token in asked])
        clear: dict[str, dict[str, str]] = {document.person_id: {} for document in found}
        for (person_id, field, _), value in zip(asked, opened, strict=True):
            if not isinstance(value, Redacted):
                clear[person_id][field] = value
        return [PersonView.of(document, clear[document.person_id]) for document in found]


def _sealed_fields(found: PersonDocument) -> Iterator[tuple[str, Sealed[str]]]:
    hopes = None if found.profile is None else found.profile.hopes
    fields = {"name": found.name, "birth_date": found.birth_date, "email": found.email, "phone": found.phone}
    for field, token in {**fields, "hopes": hopes}.items():
        if token is not None:
            yield field, token


def persons_router(commands: CommandHandler, reading: ReadModels, keyring: Keyring, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["persons"])
    desk = _Desk(commands, keyring, clock)
    write = commanded_by("people:write", _OWN)

    def done(person_id: str, outcome: Outcome[Person], response: Response) -> Done:
        answer(response, outcome, location=f"/v1/persons/{person_id}")
        return Done(id=person_id, version=outcome.version)

    @router.post("", status_code=201)
    async def register_person(body: PersonBody, ask: Annotated[Commanded, write], response: Response) -> Done:
        """Staff register somebody under a new pseudonym; who logs in registers themselves under their own."""
        on_behalf = ask.principal.has("people:write")
        person_id = ask.new_id("person") if on_behalf else ask.principal.person_id
        if person_id is None:
            raise NotYourOwn()
        return done(person_id, await desk.register(person_id, body, ask), response)

    @router.post("/{person_id}/profile")
    async def describe_profile(
        person_id: Id, body: ProfileBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """What the person gives, wants and hopes for, on their own word; replaces the profile before."""
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.profile(person_id, body, ask), response)

    @router.post("/{person_id}/contact")
    async def give_contact(
        person_id: Id, body: ContactBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.contact(person_id, body, ask), response)

    @router.post("/{person_id}/consents")
    async def give_consent(
        person_id: Id, body: ConsentBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """For one purpose and one controller (S2.3, S4.11)."""
        check_own(ask.principal, person_id, "people:write")
        command = GiveConsent(purpose=body.purpose, controller=body.controller, now=clock.now())
        return done(person_id, await desk.run(person_id, command, ask), response)

    @router.post("/{person_id}/consents/withdrawal")
    async def withdraw_consent(
        person_id: Id, body: ConsentBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        check_own(ask.principal, person_id, "people:write")
        command = WithdrawConsent(purpose=body.purpose, controller=body.controller, now=clock.now())
        return done(person_id, await desk.run(person_id, command, ask), response)

    @router.get("/{person_id}")
    async def show_person(
        person_id: Id,
        who: Annotated[Principal, caller("people:read", _OWN)],
        at_least: MinPositionHeader,
        response: Response,
    ) -> PersonView:
        check_own(who, person_id, "people:read")
        found = await person_of(reading, who.tenant, person_id, at_least=at_least)
        if found is None:
            raise NotFound()
        versioned(response, Position(StreamId(who.tenant, "person", person_id), found.version))
        [view] = await desk.views(who.tenant, [found.document])
        return view

    @router.get("")
    async def list_persons(
        who: Annotated[Principal, caller("people:read")],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
    ) -> Page[PersonView]:
        after = str(paging.after or "")
        found = await persons_after(reading, who.tenant, after=after, limit=paging.limit + 1, at_least=at_least)
        shown = found[: paging.limit]
        views = await desk.views(who.tenant, shown)
        return paging.page(views, next_after=shown[-1].person_id if len(found) > len(shown) else None)

    return router
