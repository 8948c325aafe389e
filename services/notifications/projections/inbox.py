"""What was there for a person to read? For whoever is told no more than that there is a message, or nothing at all."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.notifications import Details, MessageDue, MessageFailed, MessageSent, MessageSuppressed, Occasion
from contracts.topics import NOTIFICATIONS

# Nothing was sent, and yet it is true and theirs: they may look when they like.
_READ_ALL_THE_SAME = ("nobody", "no-contact")


class Note(BaseModel):
    """Dates and codes; the words are made when it is read."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    due_at: AwareDatetime
    details: Details
    state: Literal["waiting", "there"] = "waiting"


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case MessageDue() as due:
            fields = set(Note.model_fields) - {"details", "state"}
            details = due.details.model_dump(mode="json")
            return {**due.model_dump(include=fields), "details": details, "state": "waiting"}
        case MessageSent() | MessageFailed():
            return None if body is None else {**body, "state": "there"}
        case MessageSuppressed(reason=reason):
            return {**body, "state": "there"} if body is not None and reason in _READ_ALL_THE_SAME else None
        case _:
            return body


inbox = Projection(
    name="inbox",
    version=1,
    topics=(NOTIFICATIONS,),
    handles=(MessageDue, MessageSent, MessageFailed, MessageSuppressed),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("recipient_id", "state", "-due_at", "-message_id")),),
)


async def notes_of(
    reading: ReadModels, tenant: str, recipient_id: str, *, limit: int, at_least: Position | None = None
) -> list[Note]:
    """Newest first."""
    newest = (("due_at", -1), ("message_id", -1))
    query = {"recipient_id": recipient_id, "state": "there"}
    found = await reading.find(inbox, tenant, query, sort=newest, limit=limit, min_position=at_least)
    return [Note.model_validate(document) for document in found]
