"""How is this person reached, and in which language? Name and address stay sealed; nobody searches here."""

from pydantic import BaseModel

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ContactGiven, MessageLanguage, PersonRegistered
from contracts.sealed import Sealed
from contracts.topics import INTAKE


class Recipient(BaseModel):
    """Nothing here reads without the person's key."""

    name: Sealed[str] | None = None
    email: Sealed[str] | None = None
    language: MessageLanguage = "nb"


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case PersonRegistered(person_id=person_id) | ContactGiven(person_id=person_id):
            return (f"{recorded.tenant}/{person_id}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event, known = recorded.event, Recipient.model_validate(body or {})
    match event:
        case PersonRegistered():
            known.name = event.name
        case ContactGiven():
            known.email, known.language = event.email, event.language
        case _:
            return body
    return known.model_dump(mode="json")


recipients = Projection(
    name="recipients",
    version=1,
    topics=(INTAKE,),
    handles=(PersonRegistered, ContactGiven),
    keys=_keys,
    fold=_fold,
)


async def recipient_of(reading: ReadModels, tenant: str, person_id: str) -> Recipient:
    """Somebody unknown is a recipient without an address."""
    return Recipient.model_validate(await reading.get(recipients, tenant, person_id) or {})
