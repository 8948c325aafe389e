"""A person reads what there is for them, in their own time: the words that a disguised message does not tell (S2.9)."""

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.http import MinPositionHeader, Router, caller
from chassis.http.sentences import spoken_language
from chassis.position import Position
from chassis.read_models import ReadModels
from contracts.intake import MessageLanguage
from services.notifications.projections.inbox import Note, notes_of
from services.notifications.projections.programmes import programme_of
from services.notifications.rendering import LANGUAGES, Templates, values_of

_NEWEST = 100
_SPOKEN: dict[str, MessageLanguage] = {language: language for language in LANGUAGES}


class NoteView(BaseModel):
    """In the caller's language."""

    message_id: str
    at: AwareDatetime
    subject: str
    text: str


class Inbox:
    """Notes with their words, which are made when they are read."""

    def __init__(self, reading: ReadModels, templates: Templates) -> None:
        self._reading = reading
        self._templates = templates

    async def notes(
        self, who: Principal, language: str, *, limit: int, at_least: Position | None = None
    ) -> list[NoteView]:
        """The caller's own, newest first; a limit of 0 is all of them."""
        if who.person_id is None:
            return []
        notes = await notes_of(self._reading, who.tenant, who.person_id, limit=limit, at_least=at_least)
        return [await self._view(note, who, language) for note in notes]

    async def _view(self, note: Note, who: Principal, language: str) -> NoteView:
        programme = await programme_of(self._reading, who.tenant, note.programme)
        spoken = _SPOKEN[language]
        values = values_of(note.details, language=spoken, zone=programme.zone)
        called = {"name": who.name, "programme": programme.called(spoken) or note.programme}
        words = self._templates.render(note.occasion, spoken, {**values, **called})
        return NoteView(message_id=note.message_id, at=note.due_at, subject=words.subject, text=words.text)


def inbox_router(inbox: Inbox) -> APIRouter:
    router = Router(prefix="/v1/inbox", tags=["inbox"])

    @router.get("")
    async def mine(
        who: Annotated[Principal, caller("messages:own")],
        at_least: MinPositionHeader,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> list[NoteView]:
        """The newest hundred, the caller's own only."""
        return await inbox.notes(who, spoken_language(accept_language), limit=_NEWEST, at_least=at_least)

    return router
