"""What volunteerings' routes do: hand in the person and the programme as it stands now, run the command."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from fastapi import Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Commanded, answer, versioned
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from services.intake.domain.person import Person
from services.intake.domain.programme import Programme
from services.intake.domain.residence import Lived, resident_until
from services.intake.domain.volunteering import Command, Settling, volunteering
from services.intake.facts import PersonUnknown, ProgrammeUnknown, lived, programme_in_force, registered_person
from services.intake.http.volunteering_bodies import VolunteeringItem, VolunteeringView
from services.intake.names import Names
from services.intake.projections.volunteerings import VolunteeringDocument

Make = Callable[[str, Programme], Command]


def volunteering_id_of(person_id: str, programme: str) -> str:
    """One person's way in one programme; a programme's code has no underscore."""
    return f"{person_id}_{programme}"


def person_and_programme(volunteering_id: str) -> tuple[str, str]:
    """Raises NotFound for what is no such id."""
    person_id, _, programme = volunteering_id.rpartition("_")
    if not person_id or not programme:
        raise NotFound()
    return person_id, programme


class VolunteeringsDesk:
    def __init__(self, commands: CommandHandler, keyring: Keyring, names: Names, *, clock: Clock) -> None:
        self._commands = commands
        self._keyring = keyring
        self._names = names
        self._clock = clock

    async def check_known(self, tenant: str, person_id: str, programme: str) -> None:
        """Raises PersonUnknown and ProgrammeUnknown: in an application both are fields."""
        await registered_person(self._commands, tenant, person_id)
        await programme_in_force(self._commands, tenant, programme)

    async def run(
        self,
        volunteering_id: str,
        make: Make,
        ask: Commanded,
        response: Response,
        *,
        municipality: str | None = None,
    ) -> VolunteeringView:
        """Run the command that `make` makes of the person and the programme.

        `municipality` is where the person says they live; it counts where nothing is known of it.
        """
        person_id, code = person_and_programme(volunteering_id)
        try:
            programme = await programme_in_force(self._commands, ask.principal.tenant, code)
            somebody = await registered_person(self._commands, ask.principal.tenant, person_id)
        except (ProgrammeUnknown, PersonUnknown):
            raise NotFound() from None
        command = make(person_id, programme)
        if isinstance(command, Settling):
            command = await self._with_residence(command, somebody, ask, municipality)
        stream = StreamId(ask.principal.tenant, "volunteering", volunteering_id)
        outcome = await self._commands.handle(
            volunteering,
            stream,
            command,
            context=ask.context,
            expected_version=ask.if_match,
        )
        answer(response, outcome, location=f"/v1/volunteerings/{volunteering_id}")
        today = programme.day(self._clock.now())
        return VolunteeringView.of(volunteering_id, outcome.state, programme.policy, today)

    async def _with_residence(
        self, command: Settling, somebody: Person, ask: Commanded, municipality: str | None
    ) -> Settling:
        """With the last day on which the person counts as living where the programme is for (S1.24)."""
        policy, today = command.programme.policy, command.programme.day(self._clock.now())
        if policy.residence is None:
            return command
        said = [Lived(municipality, today)] if municipality is not None else []
        where = await lived(self._keyring, ask.principal.tenant, somebody) or said
        return replace(command, resident_until=resident_until(policy, where))

    async def view(self, volunteering_id: str, who: Principal, response: Response) -> VolunteeringView:
        found = await self._commands.state(volunteering, StreamId(who.tenant, "volunteering", volunteering_id))
        if found.version == 0:
            raise NotFound()
        programme = await programme_in_force(self._commands, who.tenant, found.state.programme)
        versioned(response, Position(found.stream, found.version))
        today = programme.day(self._clock.now())
        shown = VolunteeringView.of(volunteering_id, found.state, programme.policy, today)
        shown.name = (await self._names.of(who, [shown.person_id])).get(shown.person_id)
        return shown

    async def items(self, who: Principal, found: Sequence[VolunteeringDocument]) -> list[VolunteeringItem]:
        """Each against the policy in force today."""
        codes = dict.fromkeys(document.programme for document in found)
        programmes = {code: await programme_in_force(self._commands, who.tenant, code) for code in codes}
        names = await self._names.of(who, {document.person_id for document in found})
        now = self._clock.now()
        return [
            VolunteeringItem.of(
                document,
                programmes[document.programme].policy,
                today=programmes[document.programme].day(now),
                name=names.get(document.person_id),
            )
            for document in found
        ]
