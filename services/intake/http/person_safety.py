"""How a person is kept safe and left in peace, by themselves or by staff on their behalf (S2.9, S2.13, S3.30)."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.clock import Clock
from chassis.command_handler import Outcome
from chassis.http import Commanded, Id, Router, answer, commanded_by
from services.intake.domain.person import Person
from services.intake.domain.person_commands import (
    AgreeSafeContact,
    ChooseMode,
    Command,
    EndAddressProtection,
    ProtectAddress,
    TakeBackLivedExperience,
)
from services.intake.http.answers import Done
from services.intake.http.own import OWN_PERSON, check_own
from services.intake.http.person_bodies import LivedExperienceBody, ModeBody, SafeContactBody
from services.intake.http.person_desk import PersonDesk


def person_safety_router(desk: PersonDesk, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["persons"])
    write = commanded_by("people:write", OWN_PERSON)

    def done(person_id: str, outcome: Outcome[Person], response: Response) -> Done:
        answer(response, outcome, location=f"/v1/persons/{person_id}")
        return Done(id=person_id, version=outcome.version)

    async def run(person_id: str, command: Command, ask: Commanded, response: Response) -> Done:
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.run(person_id, command, ask), response)

    @router.post("/{person_id}/safe-contact")
    async def agree_safe_contact(
        person_id: Id, body: SafeContactBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """Replaces what was agreed before; nothing is sent in another way (S2.9)."""
        command = AgreeSafeContact(
            channel=body.channel,
            disguised=body.disguised,
            quiet_from=body.quiet_from,
            quiet_until=body.quiet_until,
            now=clock.now(),
        )
        return await run(person_id, command, ask, response)

    @router.post("/{person_id}/address-protection")
    async def protect_address(person_id: Id, ask: Annotated[Commanded, write], response: Response) -> Done:
        """From now on no area is shown or used, here or elsewhere, and none is kept of a new profile (S2.9)."""
        return await run(person_id, ProtectAddress(clock.now()), ask, response)

    @router.post("/{person_id}/address-protection/end")
    async def end_address_protection(person_id: Id, ask: Annotated[Commanded, write], response: Response) -> Done:
        """The area is shown and used again once the person states it again."""
        return await run(person_id, EndAddressProtection(clock.now()), ask, response)

    @router.post("/{person_id}/mode")
    async def choose_mode(person_id: Id, body: ModeBody, ask: Annotated[Commanded, write], response: Response) -> Done:
        """Costs nothing, either way and as often as the person likes (S3.30)."""
        return await run(person_id, ChooseMode(body.mode, clock.now()), ask, response)

    @router.post("/{person_id}/lived-experience")
    async def tell_lived_experience(
        person_id: Id, body: LivedExperienceBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """For these purposes only; replaces what was told before (S2.13, S4.16)."""
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.experience(person_id, body, ask), response)

    @router.post("/{person_id}/lived-experience/withdrawal")
    async def take_back_lived_experience(person_id: Id, ask: Annotated[Commanded, write], response: Response) -> Done:
        """As if it had not been told, from now on (S2.13)."""
        return await run(person_id, TakeBackLivedExperience(clock.now()), ask, response)

    return router
