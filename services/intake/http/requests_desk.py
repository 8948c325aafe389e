"""What requests' routes do: seal at the edge, hand in the facts, run the command."""

import asyncio
from collections.abc import Callable

from fastapi import Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Commanded, answer
from chassis.http.sentences import spoken_language
from chassis.keyring import Keyring, seal_model
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from services.intake.domain.eligibility import GateUnanswered, Wish
from services.intake.domain.person import person
from services.intake.domain.person_commands import MeetGate
from services.intake.domain.programme import Programme
from services.intake.domain.request import Command, request
from services.intake.domain.request_amending import AmendRequest
from services.intake.domain.request_posting import PostRequest
from services.intake.domain.residence import Lived, resident_until
from services.intake.facts import age_of, lived, programme_in_force, registered_person
from services.intake.http.own import own_only
from services.intake.http.request_bodies import AmendmentBody, RequestBody, RequestStatus
from services.intake.sealing import sealed, sealed_text
from services.intake.wording import Wording


class RequestsDesk:
    """One request at a time; whoever logs in as a person meets only their own."""

    def __init__(self, commands: CommandHandler, keyring: Keyring, clock: Clock, wording: Wording) -> None:
        self._commands = commands
        self._keyring = keyring
        self._clock = clock
        self._wording = wording

    async def post(self, body: RequestBody, ask: Commanded, response: Response, language: str | None) -> RequestStatus:
        if own_only(ask.principal) not in (None, body.person_id):
            raise NotFound()
        request_id, spoken = ask.new_id("request"), spoken_language(language)
        command = await self._posted(body, request_id, ask, spoken)
        try:
            return await self._handle(request_id, command, ask, response, spoken)
        except GateUnanswered:
            if command.wish.origin == "self":
                await self._note_gate(command, ask)
            raise

    async def _note_gate(self, command: PostRequest, ask: Commanded) -> None:
        """Whoever has to answer learns that somebody waits for it (S2.7)."""
        stream = StreamId(ask.principal.tenant, "person", command.person_id)
        met = MeetGate(command.programme.code, command.now)
        await self._commands.handle(person, stream, met, context=ask.step("gate"))

    async def _posted(self, body: RequestBody, request_id: str, ask: Commanded, language: str) -> PostRequest:
        tenant, now = ask.principal.tenant, self._clock.now()
        programme, somebody = await asyncio.gather(
            programme_in_force(self._commands, tenant, body.programme),
            registered_person(self._commands, tenant, body.person_id),
        )
        today = programme.day(now)
        said = [Lived(body.municipality, today)] if body.municipality is not None else []
        where = await lived(self._keyring, tenant, somebody) or said
        wish = Wish(
            origin="self" if ask.principal.person_id == body.person_id else "staff",
            today=today,
            age=await age_of(self._keyring, tenant, somebody, on=today),
            resident_until=resident_until(programme.policy, where),
            category=body.category,
            expected_duration=body.expected_duration,
            latest_date=body.latest_date,
            gates=body.gates,
        )
        return PostRequest(
            request_id=request_id,
            person_id=body.person_id,
            programme=programme,
            wish=wish,
            what=await sealed_text(self._keyring, tenant, body.person_id, body.what),
            entered_by=ask.context.actor,
            now=now,
            wishes=await seal_model(self._keyring, tenant, body.person_id, somebody.wishes_to_tell(body.wishes)),
            support_forms=body.wishes.support_forms,
            needed_since=body.needed_since,
            wording=self._wording.options(language),
        )

    async def amend(
        self, request_id: str, body: AmendmentBody, ask: Commanded, response: Response, language: str | None
    ) -> RequestStatus:
        person_id, programme = await self._known(request_id, ask.principal)
        tenant = ask.principal.tenant
        somebody = await registered_person(self._commands, tenant, person_id)
        [what] = await sealed(self._keyring, tenant, person_id, body.what)
        wished = None if body.wishes is None else somebody.wishes_to_tell(body.wishes)
        command = AmendRequest(
            programme=programme,
            now=self._clock.now(),
            what=what,
            wishes=None if wished is None else await seal_model(self._keyring, tenant, person_id, wished),
            support_forms=() if wished is None else wished.support_forms,
            latest_date=body.latest_date,
            clears_latest_date=body.clears_latest_date,
        )
        return await self._handle(request_id, command, ask, response, spoken_language(language))

    async def run(
        self, request_id: str, command: Command, ask: Commanded, response: Response, language: str | None
    ) -> RequestStatus:
        """A command that needs to know nothing of the programme."""
        if own_only(ask.principal) is not None:
            await self._known(request_id, ask.principal)
        return await self._handle(request_id, command, ask, response, spoken_language(language))

    async def run_under_rules(
        self,
        request_id: str,
        make: Callable[[Programme], Command],
        ask: Commanded,
        response: Response,
        language: str | None,
    ) -> RequestStatus:
        """The command that `make` makes of the programme as it stands now."""
        _, programme = await self._known(request_id, ask.principal)
        return await self._handle(request_id, make(programme), ask, response, spoken_language(language))

    async def _known(self, request_id: str, who: Principal) -> tuple[str, Programme]:
        """Whose request it is, and in which programme. Raises NotFound where the caller may not see it."""
        found = await self._commands.state(request, StreamId(who.tenant, "request", request_id))
        if found.version == 0 or own_only(who) not in (None, found.state.person_id):
            raise NotFound()
        programme = await programme_in_force(self._commands, who.tenant, found.state.programme)
        return found.state.person_id, programme

    async def _handle(
        self, request_id: str, command: Command, ask: Commanded, response: Response, language: str
    ) -> RequestStatus:
        stream = StreamId(ask.principal.tenant, "request", request_id)
        begins = isinstance(command, PostRequest) and ask.if_match is None
        outcome = await self._commands.handle(
            request, stream, command, context=ask.context, expected_version=ask.if_match, begins=begins
        )
        answer(response, outcome, location=f"/v1/requests/{request_id}")
        return RequestStatus.of(outcome.state, self._wording, language)
