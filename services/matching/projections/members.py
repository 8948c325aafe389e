"""What is somebody called, and what do they offer? A name stays sealed; it is there to look for it in texts (S1.14)."""

from collections.abc import Iterable

from chassis.projection import Projection
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import PersonRegistered
from contracts.matching import OfferMade, OfferTakenBack

_HANDLES: tuple[type[Event], ...] = (PersonRegistered, OfferMade, OfferTakenBack)


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    match recorded.event:
        case (
            PersonRegistered(person_id=person_id) | OfferMade(person_id=person_id) | OfferTakenBack(person_id=person_id)
        ):
            yield f"{recorded.tenant}/{person_id}"
        case _:
            return


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    body: JsonObject = document or {"name": None, "offers": {}}
    match recorded.event:
        case PersonRegistered(name=name):
            body["name"] = {"subject": name.subject, "sealed": name.token}
        case OfferMade(offer_id=offer_id, programme=programme, category=category):
            body["offers"][offer_id] = {"programme": programme, "category": category}
        case OfferTakenBack(offer_id=offer_id):
            body["offers"].pop(offer_id, None)
        case _:
            pass
    return body


members = Projection(
    name="members",
    version=1,
    topics=(topics.INTAKE, topics.MATCHING),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
)
