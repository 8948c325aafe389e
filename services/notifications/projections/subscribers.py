"""Which coordinators want to hear what waits in a programme, and where? The address stays sealed."""

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import MessageLanguage
from contracts.notifications import DigestLooked, DigestUnwanted, DigestWanted
from contracts.sealed import Sealed
from contracts.topics import NOTIFICATIONS


class Subscriber(BaseModel):
    recipient_id: str
    programme: str
    language: MessageLanguage
    email: Sealed[str]
    next_at: AwareDatetime


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case DigestWanted() as wanted:
            return wanted.model_dump(mode="json", include=set(Subscriber.model_fields))
        case DigestLooked(next_at=next_at):
            return {**(body or {}), "next_at": next_at.isoformat()}
        case DigestUnwanted():
            return None
        case _:
            return body


subscribers = Projection(
    name="subscribers",
    version=1,
    topics=(NOTIFICATIONS,),
    handles=(DigestWanted, DigestLooked, DigestUnwanted),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "recipient_id")), IndexSpec(("recipient_id", "programme"))),
)


async def subscribers_of(reading: ReadModels, tenant: str, programme: str | None) -> list[Subscriber]:
    """Of one programme, or of all."""
    query = {} if programme is None else {"programme": programme}
    order = (("recipient_id", 1), ("programme", 1))
    found = await reading.find(subscribers, tenant, query, sort=order, limit=0)
    return [Subscriber.model_validate(document) for document in found]


async def subscriptions_of(
    reading: ReadModels, tenant: str, recipient_id: str, *, at_least: Position | None = None
) -> list[Subscriber]:
    query, sort = {"recipient_id": recipient_id}, (("programme", 1),)
    found = await reading.find(subscribers, tenant, query, sort=sort, limit=0, min_position=at_least)
    return [Subscriber.model_validate(document) for document in found]
