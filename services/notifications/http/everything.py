"""What was told to a person, and what was not and why, for that person to take along (S0.21)."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel

from chassis.auth import Principal
from chassis.http import MinPositionHeader, Router, caller
from chassis.http.sentences import Sentences, spoken_language
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from services.notifications.http.inbox import Inbox, NoteView
from services.notifications.http.messages import MessageView, message_view
from services.notifications.projections.messages import latest_messages


class ToldView(BaseModel):
    """`messages` are all there ever were, with why one was held back; `words` what they said, where they say it."""

    messages: list[MessageView]
    words: list[NoteView]


def everything_router(reading: ReadModels, inbox: Inbox, sentences: Sentences) -> APIRouter:
    router = Router(prefix="/v1/me", tags=["me"])

    @router.get("/everything")
    async def take_everything_along(
        who: Annotated[Principal, caller("messages:own")],
        at_least: MinPositionHeader,
        response: Response,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> ToldView:
        """A file to keep, for the person of the token; in the caller's language."""
        if who.person_id is None:
            raise NotFound()
        language, mine = spoken_language(accept_language), {"recipient_id": who.person_id}
        told = await latest_messages(reading, who.tenant, mine, after=None, limit=0, at_least=at_least)
        response.headers["Content-Disposition"] = 'attachment; filename="kobling-messages.json"'
        return ToldView(
            messages=[message_view(one, sentences, language) for one in told],
            words=await inbox.notes(who, language, limit=0),
        )

    return router
