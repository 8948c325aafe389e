"""Which tasks are open for members, wait for a choice, or found nobody? A row for a search; none tells who asks."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import (
    ContactAgreed,
    HelperChosen,
    HelperProposed,
    HelpNotNeeded,
    HelpOffered,
    HelpTakenBack,
    ProposalDropped,
    SearchClosed,
    SearchSettled,
    TaskCompleted,
    TenderLapsed,
    TenderOpened,
    TenderStopped,
)
from contracts.topics import MATCHING

_OVER = (ContactAgreed, TaskCompleted, SearchSettled, SearchClosed)
_HANDLES = (
    TenderOpened,
    HelpOffered,
    HelpTakenBack,
    HelpNotNeeded,
    HelperChosen,
    HelperProposed,
    ProposalDropped,
    TenderStopped,
    TenderLapsed,
    *_OVER,
)


class Tender(BaseModel):
    """The latest tender of a search. `offering` are those who would like to do it and were not chosen."""

    programme: str
    tender_id: str
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    offering: list[str] = Field(default_factory=list)
    is_open: bool = True
    is_chosen: bool = False
    has_lapsed: bool = False
    waits_for_choice: bool = False


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event = recorded.event
    if isinstance(event, TenderOpened):
        fields = {"programme", "tender_id", "opens_at", "closes_at"}
        return Tender(**event.model_dump(include=fields)).model_dump()
    if body is None or isinstance(event, _OVER):
        return None
    known = Tender.model_validate(body)
    match event:
        case HelpOffered(helper_id=helper_id):
            known.offering = sorted({*known.offering, helper_id})
        case HelpTakenBack(helper_id=helper_id) | HelpNotNeeded(helper_id=helper_id):
            known.offering = [one for one in known.offering if one != helper_id]
        case HelperChosen(helper_id=helper_id):
            known.offering = [one for one in known.offering if one != helper_id]
            known.is_open, known.is_chosen = False, True
        case HelperProposed():
            known.has_lapsed = False
        case ProposalDropped():
            known.is_chosen = False
        case TenderStopped():
            known.is_open = False
        case TenderLapsed():
            known.is_open, known.has_lapsed = False, True
        case _:
            return body
    known.waits_for_choice = bool(known.offering) and not known.is_chosen
    return known.model_dump()


tenders = Projection(
    name="tenders",
    version=1,
    topics=(MATCHING,),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("tender_id",)),
        IndexSpec(("programme", "is_open", "closes_at")),
        IndexSpec(("programme", "waits_for_choice")),
        IndexSpec(("programme", "has_lapsed")),
    ),
)


async def is_any_open(reading: ReadModels, tenant: str, programme: str, *, at: datetime) -> bool:
    query: JsonObject = {"programme": programme, "is_open": True, "closes_at": {"$gt": at}}
    return bool(await reading.find(tenders, tenant, query, limit=1))


async def is_still_open(reading: ReadModels, tenant: str, tender_id: str) -> bool:
    """Whether members may still come forward; a tender nobody heard of is not."""
    return bool(await reading.find(tenders, tenant, {"tender_id": tender_id, "is_open": True}, limit=1))


async def waiting_tenders(reading: ReadModels, tenant: str, programme: str) -> tuple[int, int]:
    """How many wait for a coordinator to choose, and how many found nobody."""
    offered: JsonObject = {"programme": programme, "waits_for_choice": True}
    lapsed: JsonObject = {"programme": programme, "has_lapsed": True}
    return await reading.count(tenders, tenant, offered), await reading.count(tenders, tenant, lapsed)
