"""Who was told of what, and if not, why not? For coordinators: no words, no addresses, no names."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import MessageLanguage
from contracts.notifications import (
    Medium,
    MessageDue,
    MessageFailed,
    MessageHeld,
    MessageSent,
    MessageSuppressed,
    Occasion,
)
from contracts.topics import NOTIFICATIONS

MessageStatus = Literal["due", "held", "sent", "suppressed", "failed"]


class ToldMessage(BaseModel):
    """`reason` is a fixed word for why it is held, was suppressed or failed; `attempts` counts tries at the sender."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    status: MessageStatus
    due_at: AwareDatetime
    changed_at: AwareDatetime
    attempts: int = 0
    reason: str | None = None
    next_at: AwareDatetime | None = None
    language: MessageLanguage | None = None
    channel: Medium | None = None
    disguised: bool = False


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    changed_at = recorded.origin.occurred_at
    match recorded.event:
        case MessageDue() as due:
            about = due.model_dump(include={"message_id", "recipient_id", "programme", "occasion", "due_at"})
            return {**about, "status": "due", "changed_at": changed_at, "attempts": 0}
        case MessageHeld() as held:
            change: JsonObject = {"status": "held", "reason": held.rule or held.reason, "next_at": held.until}
            return {**_settled(body), **change, "attempts": held.attempts, "changed_at": changed_at}
        case MessageSent() as sent:
            change = {"status": "sent", "language": sent.language, "attempts": sent.attempts}
            change |= {"channel": sent.channel, "disguised": sent.disguised}
            return {**_settled(body), **change, "changed_at": changed_at}
        case MessageSuppressed(reason=reason):
            return {**_settled(body), "status": "suppressed", "reason": reason, "changed_at": changed_at}
        case MessageFailed(rule=rule, attempts=attempts):
            change = {"status": "failed", "reason": rule, "attempts": attempts}
            return {**_settled(body), **change, "changed_at": changed_at}
        case _:
            return body


def _settled(body: JsonObject | None) -> JsonObject:
    """What stays when the message moves on: it is not waiting for anything any more."""
    return {field: value for field, value in (body or {}).items() if field not in ("reason", "next_at")}


messages = Projection(
    name="messages",
    version=2,
    topics=(NOTIFICATIONS,),
    handles=(MessageDue, MessageHeld, MessageSent, MessageSuppressed, MessageFailed),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("-due_at", "-message_id")),
        IndexSpec(("programme", "-due_at", "-message_id")),
        IndexSpec(("recipient_id", "-due_at", "-message_id")),
    ),
)

Place = tuple[datetime, str]


async def message_of(
    reading: ReadModels, tenant: str, message_id: str, *, at_least: Position | None = None
) -> ToldMessage | None:
    found = await reading.get(messages, tenant, message_id, min_position=at_least)
    return None if found is None else ToldMessage.model_validate(found)


async def latest_messages(
    reading: ReadModels,
    tenant: str,
    chosen: dict[str, str],
    *,
    after: Place | None,
    limit: int,
    at_least: Position | None = None,
) -> list[ToldMessage]:
    """Newest first; `chosen` asks for equal fields, `after` is the place of the last one already seen."""
    query: JsonObject = dict(chosen)
    if after is not None:
        due_at, message_id = after
        query["$or"] = [{"due_at": {"$lt": due_at}}, {"due_at": due_at, "message_id": {"$lt": message_id}}]
    newest = (("due_at", -1), ("message_id", -1))
    found = await reading.find(messages, tenant, query, sort=newest, limit=limit, min_position=at_least)
    return [ToldMessage.model_validate(document) for document in found]
