"""A person leaves without a trace: what is live here ends, then the key goes (S2.3).

Every step may be repeated, from any point on: what was withdrawn stays withdrawn, the ledger knows a person once, a
destroyed key is destroyed.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.erasures import Erasure, ErasureLedger
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.intake import AnswersGiven, KeyDestroyed, RequestPosted, ServiceName, VolunteerApplied
from services.intake.domain.person import person
from services.intake.domain.person_commands import AskErasure, Command, NoteKeyDestroyed, NoteReceipt
from services.intake.domain.person_leaving import destruction, names_more
from services.intake.domain.request import WithdrawRequest, request
from services.intake.domain.voice import voice
from services.intake.domain.volunteering import Leave, volunteering
from services.intake.facts import programme_in_force
from services.intake.identities import Identities
from services.intake.projections.requests import RequestDocument, requests
from services.intake.projections.volunteerings import Asked, VolunteeringDocument, volunteerings, volunteerings_after

_AT_ONCE = 200


class Leaving:
    def __init__(
        self,
        commands: CommandHandler,
        reading: ReadModels,
        *,
        keyring: Keyring,
        ledger: ErasureLedger,
        identities: Identities,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._ledger = ledger
        self._identities = identities
        self._clock = clock

    async def end_all(self, cause: RecordedEvent, person_id: str) -> None:
        """Requests are withdrawn and volunteering is left; raises FactsTooOld while not all of them are known here."""
        tenant, now = cause.tenant, self._clock.now()
        async for asked in self._requests(tenant, person_id, known_since=cause.origin.recorded_at):
            if asked.is_open:
                context = Context.caused_by(cause, f"withdraw-{asked.request_id}")
                stream = StreamId(tenant, "request", asked.request_id)
                if not (await self._commands.state(request, stream)).state.status.is_final:
                    await self._commands.handle(request, stream, WithdrawRequest(now), context=context)
        async for helping in self._volunteerings(tenant, person_id, known_since=cause.origin.recorded_at):
            if helping.standing != "left":
                programme = await programme_in_force(self._commands, tenant, helping.programme)
                context = Context.caused_by(cause, f"leave-{helping.programme}")
                stream = StreamId(tenant, "volunteering", helping.volunteering_id)
                leave = Leave(left_on=programme.day(now))
                await self._commands.handle(volunteering, stream, leave, context=context)

    async def destroy_key(self, cause: RecordedEvent, person_id: str) -> None:
        """Once nothing with them is live elsewhere. What fingerprints of theirs led to them does no longer.

        The ledger knows it before the key goes: from then on no restored copy brings them back.
        """
        await self.end_all(cause, person_id)
        tenant, since = cause.tenant, cause.origin.recorded_at
        known = (await self._commands.state(person, StreamId(tenant, "person", person_id))).state
        await self._identities.forget(tenant, person_id, known)
        asked = [one.request_id async for one in self._requests(tenant, person_id, known_since=since)]
        helping = [one.programme async for one in self._volunteerings(tenant, person_id, known_since=since)]
        said = (await self._commands.state(voice, StreamId(tenant, "voice", person_id))).state
        answers = tuple(sorted({*said.answers, *said.redacted}))
        note = NoteKeyDestroyed(tuple(asked), tuple(helping), self._clock.now(), answers)
        await self._ledger.record(Erasure(tenant, person_id, destruction(note, person_id)))
        await self._keyring.shred(tenant, person_id)
        await self._note(tenant, person_id, note, Context.caused_by(cause, "key-destroyed"))

    async def come_too_late(self, cause: RecordedEvent) -> None:
        """A request, a volunteering or an answer that was being written while its person left: it ends, and whoever
        holds a document of it drops it. Written before they asked to leave, it is found by `end_all`; heard of after,
        it is found here, for the person's own stream says that they leave."""
        event, tenant, now = cause.event, cause.tenant, self._clock.now()
        if not isinstance(event, RequestPosted | VolunteerApplied | AnswersGiven):
            return
        leaving = (await self._commands.state(person, StreamId(tenant, "person", event.person_id))).state.farewell
        if leaving is None:
            return
        context = Context.caused_by(cause, "too-late")
        match event:
            case RequestPosted(request_id=request_id):
                if not (await self._commands.state(request, cause.stream)).state.status.is_final:
                    await self._commands.handle(request, cause.stream, WithdrawRequest(now), context=context)
                note = NoteKeyDestroyed((request_id,), (), now)
            case VolunteerApplied(programme=code):
                programme = await programme_in_force(self._commands, tenant, code)
                leave = Leave(left_on=programme.day(now))
                await self._commands.handle(volunteering, cause.stream, leave, context=context)
                note = NoteKeyDestroyed((), (code,), now)
            case AnswersGiven(answer_id=answer_id):
                note = NoteKeyDestroyed((), (), now, (answer_id,))
        if leaving.destroyed is not None:
            late = Erasure(tenant, event.person_id, destruction(note, event.person_id), part=cause.event_id)
            await self._ledger.record(late)
            await self._note(tenant, event.person_id, note, Context.caused_by(cause, "key-destroyed"))

    async def receive(self, cause: RecordedEvent, person_id: str, service: ServiceName) -> None:
        note = NoteReceipt(service, self._clock.now())
        await self._note(cause.tenant, person_id, note, Context.caused_by(cause, "receipt"))

    async def erase_again(self, erasure: Erasure) -> None:
        """A restored backup of intake may not know that they left: it is said again, under ids of its own."""
        event, tenant, person_id = erasure.event, erasure.tenant, erasure.person_id
        found = await self._commands.state(person, StreamId(tenant, "person", person_id))
        is_known = found.state.registered is not None
        known = found.state.farewell and found.state.farewell.destroyed
        if not isinstance(event, KeyDestroyed) or not is_known or (known and not names_more(event, known)):
            return
        head = str(found.version)  # another restore is another time
        steps: list[Command] = [
            AskErasure("erasure-ledger", event.destroyed_at),
            NoteKeyDestroyed(event.requests, event.programmes, event.destroyed_at, event.answers),
        ]
        for step in steps:
            command_id = derive_id("erase-again", tenant, person_id, head, type(step).__name__)
            context = Context(command_id=command_id, actor="erasure-ledger", correlation_id=command_id)
            await self._note(tenant, person_id, step, context)

    async def _note(self, tenant: str, person_id: str, command: Command, context: Context) -> None:
        await self._commands.handle(person, StreamId(tenant, "person", person_id), command, context=context)

    async def _requests(self, tenant: str, person_id: str, *, known_since: datetime) -> AsyncIterator[RequestDocument]:
        if await self._reading.facts_as_of(requests) < known_since:
            raise FactsTooOld("what they asked for")
        for document in await self._reading.find(requests, tenant, {"person_id": person_id}, limit=0):
            yield RequestDocument.model_validate(document)

    async def _volunteerings(
        self, tenant: str, person_id: str, *, known_since: datetime
    ) -> AsyncIterator[VolunteeringDocument]:
        if await self._reading.facts_as_of(volunteerings) < known_since:
            raise FactsTooOld("where they help")
        after: str | None = ""
        while after is not None:
            asked = Asked(person_id=person_id)
            found = await volunteerings_after(self._reading, tenant, asked, after=after, limit=_AT_ONCE)
            for document in found:
                yield document
            after = found[-1].volunteering_id if len(found) == _AT_ONCE else None
