"""What can be done together, how far has each activity come, and who stands behind it? (S1.19, S1.22)"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import ActivityClosed, ActivityProposed, ActivityPublished, ActivitySupported


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    body: JsonObject = document or {}
    match recorded.event:
        case ActivityProposed() as proposed:
            body = proposed.model_dump(mode="json") | {
                "title": {"subject": proposed.title.subject, "sealed": proposed.title.token},
                "what_we_do": {"subject": proposed.what_we_do.subject, "sealed": proposed.what_we_do.token},
                "proposed_at": proposed.proposed_at,
                "changed_at": proposed.proposed_at,
                "supporter_id": None,
                "stage": "proposed",
            }
        case ActivitySupported(supporter_id=supporter_id):
            body["supporter_id"] = supporter_id
        case ActivityPublished(published_at=published_at):
            body |= {"stage": "published", "changed_at": published_at}
        case ActivityClosed(closed_at=closed_at):
            body |= {"stage": "closed", "changed_at": closed_at}
        case _:
            pass
    return body


activities = Projection(
    name="activities",
    version=2,
    topics=(topics.MATCHING,),
    handles=(ActivityProposed, ActivitySupported, ActivityPublished, ActivityClosed),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("stage", "-changed_at", "-activity_id")),
        IndexSpec(("lead_id", "-changed_at")),
        IndexSpec(("supporter_id",)),
    ),
)

_NEWEST_FIRST = (("changed_at", -1), ("activity_id", -1))


async def activities_in(
    reading: ReadModels,
    tenant: str,
    stage: str,
    *,
    programme: str | None,
    after: Any,
    limit: int,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Those that came to this stage last come first; `after` is [changed_at as text, activity_id] of the last one."""
    query: JsonObject = {"stage": stage} | ({} if programme is None else {"programme": programme})
    if after is not None:
        changed_at, activity_id = datetime.fromisoformat(after[0]), after[1]
        earlier = {"changed_at": changed_at, "activity_id": {"$lt": activity_id}}
        query["$or"] = [{"changed_at": {"$lt": changed_at}}, earlier]
    return await reading.find(activities, tenant, query, sort=_NEWEST_FIRST, limit=limit, min_position=at_least)


async def activities_led_by(
    reading: ReadModels, tenant: str, person_id: str, *, limit: int, at_least: Position | None = None
) -> list[JsonObject]:
    """The newest first."""
    query = {"lead_id": person_id}
    return await reading.find(activities, tenant, query, sort=_NEWEST_FIRST, limit=limit, min_position=at_least)


async def activities_supported_by(reading: ReadModels, tenant: str, person_id: str) -> list[JsonObject]:
    """All of them, the newest first."""
    return await reading.find(activities, tenant, {"supporter_id": person_id}, sort=_NEWEST_FIRST, limit=0)


async def activities_called(reading: ReadModels, tenant: str, activity_ids: Iterable[str]) -> list[JsonObject]:
    return await reading.find(activities, tenant, {"activity_id": {"$in": [*activity_ids]}}, limit=0)
