"""Who was told of what, and why somebody was not: for coordinators. No words, no addresses, no names."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.http import Id, MinPositionHeader, Page, Paging, Router, caller, paged
from chassis.http.sentences import Sentences, spoken_language
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.intake import MessageLanguage
from contracts.notifications import Medium, Occasion
from services.notifications.projections.messages import MessageStatus, Place, ToldMessage, latest_messages, message_of
from services.notifications.senders.sms import TRY_LATER


class MessageView(BaseModel):
    """`reason` is a fixed word and `why` the same in the caller's language, where it was not simply sent.

    `disguised`: it told no more than that it was there (S2.9).
    """

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    status: MessageStatus
    due_at: AwareDatetime
    changed_at: AwareDatetime
    attempts: int
    reason: str | None
    why: str | None
    next_at: AwareDatetime | None
    language: MessageLanguage | None
    channel: Medium | None
    disguised: bool


def messages_router(reading: ReadModels, sentences: Sentences) -> APIRouter:
    router = Router(prefix="/v1/messages", tags=["messages"])

    @router.get("")
    async def listing(
        who: Annotated[Principal, caller("messages:read", by_programme=True)],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        programme: Id | None = None,
        recipient: Id | None = None,
        status: MessageStatus | None = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Page[MessageView]:
        """Newest first."""
        asked = {"programme": programme, "recipient_id": recipient, "status": status}
        chosen = {field: value for field, value in asked.items() if value is not None}
        found = await latest_messages(
            reading, who.tenant, chosen, after=_place(paging), limit=paging.limit + 1, at_least=at_least
        )
        shown, more = found[: paging.limit], found[paging.limit :]
        language = spoken_language(accept_language)
        views = [message_view(told, sentences, language) for told in shown]
        return paging.page(views, next_after=[shown[-1].due_at.isoformat(), shown[-1].message_id] if more else None)

    @router.get("/{message_id}")
    async def show(
        message_id: Id,
        who: Annotated[Principal, caller("messages:read")],
        at_least: MinPositionHeader,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> MessageView:
        told = await message_of(reading, who.tenant, message_id, at_least=at_least)
        if told is None:
            raise NotFound()
        return message_view(told, sentences, spoken_language(accept_language))

    return router


def _place(paging: Paging) -> Place | None:
    match paging.after:
        case [str(due_at), str(message_id)]:
            return datetime.fromisoformat(due_at), message_id
        case _:
            return None


def message_view(told: ToldMessage, sentences: Sentences, language: str) -> MessageView:
    why = None if told.reason is None else sentences.code(_code(told.reason), language)
    return MessageView(**told.model_dump(), why=why)


def _code(reason: str) -> str:
    """Senders have many codes for the same two things: wait, or never. Mail: 4xx and 5xx; a webhook the other way."""
    way, _, digits = reason.partition("_")
    if not digits.isdigit():
        return reason.replace("unknown-outcome", "unknown_outcome")
    is_refused = digits.startswith("5") if way == "smtp" else digits.startswith("4") and int(digits) not in TRY_LATER
    return f"{way}_refused" if is_refused else f"{way}_later"
