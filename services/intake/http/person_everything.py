"""Everything intake holds about a person, for that person to take along: opened, in one document (S0.21)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Id, MinPositionHeader, Router, caller
from chassis.http.sentences import spoken_language
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.sealed import Redacted
from services.intake.domain.person import person
from services.intake.domain.voice import voice
from services.intake.http.own import OWN_PERSON, check_own
from services.intake.http.person_bodies import BlockView, PersonView
from services.intake.http.person_views import PersonViews
from services.intake.http.request_bodies import RequestView
from services.intake.http.request_opening import opened_requests
from services.intake.http.voices import AnswersView, answers_view
from services.intake.projections.persons import person_of
from services.intake.projections.requests import RequestDocument, requests_of
from services.intake.projections.volunteerings import VolunteeringDocument, volunteerings_of
from services.intake.wording import Wording


class CertificateView(BaseModel):
    kind: str
    purpose: str | None
    seen_by: str
    seen_on: date
    valid_until: date | None


class VolunteeringHeld(VolunteeringDocument):
    """With what the certificates were for, opened."""

    certificates: tuple[CertificateView, ...] = ()  # type: ignore[assignment]  # the same, opened


class EverythingView(BaseModel):
    """What is held here at that moment. Matches stand at matching's /v1/me/everything, messages at notifications'."""

    person: PersonView
    blocks: list[BlockView]
    requests: list[RequestView]
    volunteerings: list[VolunteeringHeld]
    answers: list[AnswersView]
    written_at: AwareDatetime


class Everything:
    """Gathers it; each part as its own page shows it to the person."""

    def __init__(self, commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, wording: Wording) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._wording = wording

    async def of(self, tenant: str, view: PersonView, *, language: str, now: datetime) -> EverythingView:
        person_id = view.person_id
        known = (await self._commands.state(person, StreamId(tenant, "person", person_id))).state
        said = (await self._commands.state(voice, StreamId(tenant, "voice", person_id))).state
        answers = [await answers_view(self._keyring, tenant, one) for one in said.answers.values()]
        return EverythingView(
            person=view,
            blocks=[
                BlockView(block_id=block.block_id, kind=block.kind, blocked_on=block.blocked_at.date())
                for block in known.live_blocks
            ],
            requests=await self._requests(tenant, await requests_of(self._reading, tenant, person_id), language),
            volunteerings=[
                await self._held(tenant, one) for one in await volunteerings_of(self._reading, tenant, person_id)
            ],
            answers=[answer for answer in answers if answer is not None],
            written_at=now,
        )

    async def _held(self, tenant: str, found: VolunteeringDocument) -> VolunteeringHeld:
        shown = found.certificates
        purposes = await self._keyring.open_many(tenant, [one.purpose for one in shown])
        certificates = [
            one.model_dump() | {"purpose": None if isinstance(purpose, Redacted) else purpose}
            for one, purpose in zip(shown, purposes, strict=True)
        ]
        return VolunteeringHeld.model_validate(found.model_dump() | {"certificates": certificates})

    async def _requests(self, tenant: str, found: Sequence[RequestDocument], language: str) -> list[RequestView]:
        opened = await opened_requests(self._keyring, self._reading, tenant, found)
        return [
            RequestView.of_document(
                document.as_its_person_sees_it(),
                words,
                self._wording,
                language,
            )
            for document, words in zip(found, opened, strict=True)
        ]


def person_everything_router(
    everything: Everything, people: PersonViews, reading: ReadModels, clock: Clock
) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["persons"])

    @router.get("/{person_id}/everything")
    async def take_everything_along(
        person_id: Id,
        who: Annotated[Principal, caller(OWN_PERSON)],
        at_least: MinPositionHeader,
        response: Response,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> EverythingView:
        """A file to keep, for the person only; staff see what their work needs, on its own pages."""
        check_own(who, person_id)
        found = await person_of(reading, who.tenant, person_id, at_least=at_least)
        if found is None:
            raise NotFound()
        [view] = await people.of(who.tenant, [found.document])
        view.lived_experience = await people.told(who.tenant, found.document)
        response.headers["Content-Disposition"] = 'attachment; filename="kobling.json"'
        return await everything.of(who.tenant, view, language=spoken_language(accept_language), now=clock.now())

    return router
