"""How is this person reached, and in which language? Name and addresses stay sealed; nobody searches here."""

from datetime import time
from typing import Literal

from pydantic import BaseModel

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ContactGiven, MessageLanguage, ModeChosen, PersonRegistered, SafeContactAgreed
from contracts.notifications import Medium
from contracts.sealed import Sealed
from contracts.topics import INTAKE

_HANDLES = (PersonRegistered, ContactGiven, SafeContactAgreed, ModeChosen)


class Recipient(BaseModel):
    """Nothing here reads without the person's key. `medium` None: nothing is ever sent (S2.9)."""

    name: Sealed[str] | None = None
    email: Sealed[str] | None = None
    phone: Sealed[str] | None = None
    language: MessageLanguage = "nb"
    medium: Medium | None = "email"
    is_disguised: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None
    mode: Literal["fristed", "udvikling"] = "udvikling"

    @property
    def address(self) -> Sealed[str] | None:
        """Where a message goes; never another way than the one agreed."""
        return {"email": self.email, "sms": self.phone, None: None}[self.medium]

    @property
    def is_told_little(self) -> bool:
        """Whether a message may say no more than that it is there: a phone lies on a table (S2.9)."""
        return self.is_disguised or self.medium == "sms"


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case PersonRegistered() | ContactGiven() | SafeContactAgreed() | ModeChosen() as event:
            return (f"{recorded.tenant}/{event.person_id}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event, known = recorded.event, Recipient.model_validate(body or {})
    match event:
        case PersonRegistered():
            known.name = event.name
        case ContactGiven():
            known.email, known.phone, known.language = event.email, event.phone, event.language
        case SafeContactAgreed():
            known.medium = None if event.channel == "nobody" else event.channel
            known.is_disguised = event.disguised
            known.quiet_from, known.quiet_until = event.quiet_from, event.quiet_until
        case ModeChosen(mode=mode):
            known.mode = mode
        case _:
            return body
    return known.model_dump(mode="json")


recipients = Projection(
    name="recipients",
    version=2,
    topics=(INTAKE,),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
)


async def recipient_of(reading: ReadModels, tenant: str, person_id: str) -> Recipient | None:
    """None for somebody whom intake does not know."""
    found = await reading.get(recipients, tenant, person_id)
    return None if found is None else Recipient.model_validate(found)
