"""Who helps in a programme, how do they want to hear of tasks, and what do they stand ready for? (S1.13)"""

from pydantic import BaseModel, Field

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import HelperListed, HelperUnlisted, OfferMade, OfferTakenBack
from contracts.notifications import TenderNews, TenderNewsWanted
from contracts.topics import MATCHING, NOTIFICATIONS
from services.notifications.domain.tender_news import UNTOLD

_HANDLES = (HelperListed, HelperUnlisted, OfferMade, OfferTakenBack, TenderNewsWanted)


class Member(BaseModel):
    """`offers` are the categories of their standing offers by offer. `how` outlives a time away."""

    person_id: str
    programme: str
    is_listed: bool = False
    how: TenderNews = UNTOLD
    offers: dict[str, str] = Field(default_factory=dict)


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case (HelperListed() | HelperUnlisted() | OfferMade() | OfferTakenBack() | TenderNewsWanted()) as event:
            return (f"{recorded.tenant}/{event.person_id}_{event.programme}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event = recorded.event
    if not isinstance(event, _HANDLES):
        return body
    known = Member.model_validate(body or {"person_id": event.person_id, "programme": event.programme})
    match event:
        case HelperListed():
            known.is_listed = True
        case HelperUnlisted():
            known.is_listed = False
        case OfferMade(offer_id=offer_id, category=category):
            known.offers[offer_id] = category
        case OfferTakenBack(offer_id=offer_id):
            known.offers.pop(offer_id, None)
        case TenderNewsWanted(how=how):
            known.how = how
    return known.model_dump()


members = Projection(
    name="members",
    version=1,
    topics=(MATCHING, NOTIFICATIONS),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "is_listed", "person_id")), IndexSpec(("person_id", "programme"))),
)


async def listed_members(reading: ReadModels, tenant: str, programme: str) -> list[Member]:
    """All who help there now and want to hear of tasks."""
    query: JsonObject = {"programme": programme, "is_listed": True, "how": {"$ne": "none"}}
    found = await reading.find(members, tenant, query, sort=(("person_id", 1),), limit=0)
    return [Member.model_validate(document) for document in found]


async def memberships_of(
    reading: ReadModels, tenant: str, person_id: str, *, at_least: Position | None = None
) -> list[Member]:
    query, sort = {"person_id": person_id}, (("programme", 1),)
    found = await reading.find(members, tenant, query, sort=sort, limit=0, min_position=at_least)
    return [Member.model_validate(document) for document in found]
