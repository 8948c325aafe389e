"""Which standing offers are there, and which of them became something with others? (S1.4, S1.10)

The words stay sealed here. Ids are keyed hashes, so that sorting by them tells nothing of who offers, or since when.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import ActivityProposed, OfferMade, OfferTakenBack


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    offer_id = getattr(recorded.event, "offer_id", None)
    if offer_id is not None:
        yield f"{recorded.tenant}/{offer_id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    # Helper and activity are two streams: an activity may be heard of before the offer it grew out of.
    body: JsonObject = document or {"became_activity": False}
    match recorded.event:
        case OfferMade() as made:
            body |= {
                "offer_id": made.offer_id,
                "helper_id": made.person_id,
                "programme": made.programme,
                "category": made.category,
                "words": {"subject": made.words.subject, "sealed": made.words.token},
                "made_at": made.made_at,
                "is_live": True,
            }
        case OfferTakenBack():
            body |= {"is_live": False}
            body.pop("words", None)
        case ActivityProposed():
            body["became_activity"] = True
        case _:
            pass
    return body


offers = Projection(
    name="offers",
    version=1,
    topics=(topics.MATCHING,),
    handles=(OfferMade, OfferTakenBack, ActivityProposed),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("is_live", "programme", "offer_id")),
        IndexSpec(("is_live", "made_at", "offer_id")),
        IndexSpec(("helper_id", "offer_id")),
    ),
)


async def offers_by_id(
    reading: ReadModels,
    tenant: str,
    programmes: Sequence[str],
    *,
    category: str | None,
    after: str | None,
    limit: int,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Live offers in these programmes after that id."""
    query: JsonObject = _live(category) | {"programme": {"$in": list(programmes)}}
    if after is not None:
        query["offer_id"] = {"$gt": after}
    return await reading.find(offers, tenant, query, sort=(("offer_id", 1),), limit=limit, min_position=at_least)


async def offers_oldest_first(
    reading: ReadModels, tenant: str, programme: str | None, *, category: str | None, after: Any, limit: int
) -> list[JsonObject]:
    """Live offers, of a programme or all; `after` is [made_at, offer_id] of the last one."""
    query: JsonObject = _live(category) | ({} if programme is None else {"programme": programme})
    if after is not None:
        made_at, offer_id = after
        query["$or"] = [{"made_at": {"$gt": made_at}}, {"made_at": made_at, "offer_id": {"$gt": offer_id}}]
    return await reading.find(offers, tenant, query, sort=(("made_at", 1), ("offer_id", 1)), limit=limit)


async def offers_of(
    reading: ReadModels, tenant: str, person_id: str, *, limit: int, at_least: Position | None = None
) -> list[JsonObject]:
    """Somebody's own live offers."""
    query = {"helper_id": person_id, "is_live": True}
    return await reading.find(offers, tenant, query, sort=(("offer_id", 1),), limit=limit, min_position=at_least)


def _live(category: str | None) -> JsonObject:
    return {"is_live": True} | ({} if category is None else {"category": category})
