"""Which gatherings come, how many have signed up, and how many came? (S1.19)"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import Enrolled, EnrolmentWithdrawn, SessionClosed, SessionHeld, SessionScheduled


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    body: JsonObject = document or {}
    match recorded.event:
        case SessionScheduled() as scheduled:
            body = scheduled.model_dump(mode="json") | {
                "begins_at": scheduled.begins_at,
                "ends_at": scheduled.ends_at,
                "state": "coming",
                "enrolled": [],
                "heads": None,
            }
        case Enrolled(person_id=person_id):
            body["enrolled"].append(person_id)
        case EnrolmentWithdrawn(person_id=person_id):
            body["enrolled"].remove(person_id)
        case SessionHeld(heads=heads):
            body |= {"state": "held", "heads": heads}
        case SessionClosed():
            body["state"] = "called-off"
        case _:
            pass
    return body


sessions = Projection(
    name="sessions",
    version=1,
    topics=(topics.MATCHING,),
    handles=(SessionScheduled, Enrolled, EnrolmentWithdrawn, SessionHeld, SessionClosed),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("activity_id", "begins_at")), IndexSpec(("enrolled", "-begins_at"))),
)


async def sessions_of(
    reading: ReadModels,
    tenant: str,
    activity_ids: Sequence[str],
    *,
    coming_at: datetime | None = None,
    at_least: Position | None = None,
) -> dict[str, list[JsonObject]]:
    """By activity, the soonest first; with `coming_at` only those that take place and are not over then."""
    query: JsonObject = {"activity_id": {"$in": list(activity_ids)}}
    if coming_at is not None:
        query |= {"state": "coming", "ends_at": {"$gt": coming_at}}
    order = (("begins_at", 1), ("session_id", 1))
    found: dict[str, list[JsonObject]] = {activity_id: [] for activity_id in activity_ids}
    for one in await reading.find(sessions, tenant, query, sort=order, limit=0, min_position=at_least):
        found[one["activity_id"]].append(one)
    return found


async def sessions_with(
    reading: ReadModels,
    tenant: str,
    person_id: str,
    *,
    state: Literal["coming", "held", "called-off"] | None = None,
    limit: int = 0,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Those that somebody is signed up for, the latest first; 0 is all of them."""
    query: JsonObject = {"enrolled": person_id} | ({} if state is None else {"state": state})
    order = (("begins_at", -1),)
    return await reading.find(sessions, tenant, query, sort=order, limit=limit, min_position=at_least)
