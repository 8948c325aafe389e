"""Which tender runs for a request, who answered it, and what came of it? One document per request: its last tender."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import (
    ContactAgreed,
    HelperChosen,
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

_HANDLES: tuple[type[Event], ...] = (
    TenderOpened,
    HelpOffered,
    HelpTakenBack,
    HelperChosen,
    HelpNotNeeded,
    TenderStopped,
    TenderLapsed,
    ProposalDropped,
    ContactAgreed,
    SearchSettled,
    TaskCompleted,
    SearchClosed,
)


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    match recorded.event:
        case TenderOpened() as opened:
            return _opened(opened)
        case _ if document is None:
            return None
        case HelpOffered(helper_id=helper_id, offered_at=offered_at):
            document["offers"][helper_id] = {"state": "live", "offered_at": offered_at}
        case HelpTakenBack(helper_id=helper_id):
            document["offers"][helper_id]["state"] = "taken-back"
        case HelpNotNeeded(helper_id=helper_id):
            document["offers"][helper_id]["state"] = "not-needed"
        case HelperChosen(helper_id=helper_id):
            document["offers"][helper_id]["state"] = "chosen"
            document["state"] = "chosen"
        case ProposalDropped():
            _chosen_no_more(document)
        case TenderStopped(closed_at=closed_at):
            document["closes_at"] = closed_at
        case TenderLapsed():
            document["state"] = "lapsed"
        case ContactAgreed() | SearchSettled():
            document["state"] = "agreed"
        case TaskCompleted():
            document["state"] = "done"
        case SearchClosed() if document["state"] in _RUNS:
            document["state"] = "closed"
        case _:
            pass
    document["live"] = _live(document)
    return document


_RUNS = ("open", "chosen")


def _opened(opened: TenderOpened) -> JsonObject:
    return opened.model_dump(mode="json") | {
        "opens_at": opened.opens_at,
        "closes_at": opened.closes_at,
        "state": "open",
        "offers": {},
        "live": 0,
    }


def _chosen_no_more(document: JsonObject) -> None:
    """The others can still be chosen, as long as nobody has come in touch."""
    for offer in document["offers"].values():
        if offer["state"] == "chosen":
            offer["state"] = "over"
    document["state"] = {"chosen": "open", "agreed": "closed"}.get(document["state"], document["state"])


def _live(document: JsonObject) -> int:
    return sum(offer["state"] == "live" for offer in document["offers"].values())


tenders = Projection(
    name="tenders",
    version=1,
    topics=(topics.MATCHING,),
    handles=_HANDLES,
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("tender_id",)), IndexSpec(("state", "tender_id")), IndexSpec(("state", "closes_at"))),
)


async def tender_called(
    reading: ReadModels, tenant: str, tender_id: str, *, at_least: Position | None = None
) -> JsonObject | None:
    found = await reading.find(tenders, tenant, {"tender_id": tender_id}, limit=1, min_position=at_least)
    return found[0] if found else None


async def open_tenders(
    reading: ReadModels, tenant: str, programmes: Sequence[str], *, after: Any, limit: int, at_least: Position | None
) -> list[JsonObject]:
    """By an id that tells nothing: neither who asked nor when (S1.14)."""
    query: JsonObject = {"state": "open", "programme": {"$in": list(programmes)}}
    if after is not None:
        query["tender_id"] = {"$gt": after}
    return await reading.find(tenders, tenant, query, sort=(("tender_id", 1),), limit=limit, min_position=at_least)


async def to_choose(
    reading: ReadModels, tenant: str, *, after: Any, limit: int, at_least: Position | None
) -> list[JsonObject]:
    """Tenders with somebody to choose, those that close first before the others."""
    query = {"state": "open", "live": {"$gt": 0}}
    return await _first_to_close_first(reading, tenant, query, after=after, limit=limit, at_least=at_least)


async def tenders_in(
    reading: ReadModels, tenant: str, state: str, *, after: Any, limit: int, at_least: Position | None
) -> list[JsonObject]:
    """Tenders of one state, those that close first before the others; `after` as in `to_choose`."""
    return await _first_to_close_first(reading, tenant, {"state": state}, after=after, limit=limit, at_least=at_least)


async def _first_to_close_first(
    reading: ReadModels, tenant: str, query: JsonObject, *, after: Any, limit: int, at_least: Position | None
) -> list[JsonObject]:
    """`after` is [closes_at as text, tender_id] of the last one."""
    if after is not None:
        closes_at, tender_id = datetime.fromisoformat(after[0]), after[1]
        later = {"closes_at": closes_at, "tender_id": {"$gt": tender_id}}
        query = query | {"$or": [{"closes_at": {"$gt": closes_at}}, later]}
    order = (("closes_at", 1), ("tender_id", 1))
    return await reading.find(tenders, tenant, query, sort=order, limit=limit, min_position=at_least)


async def tenders_answered_by(reading: ReadModels, tenant: str, person_id: str) -> list[JsonObject]:
    """The last tender of each request, where this person is among those who offered; seldom asked, so not indexed."""
    query: JsonObject = {f"offers.{person_id}": {"$exists": True}}
    return await reading.find(tenders, tenant, query, sort=(("closes_at", -1),), limit=0)
