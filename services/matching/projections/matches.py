"""Which matches were made, which go on, and what number is each? (S2.1, S2.16)"""

from collections.abc import Iterable
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import MatchCounted, MatchEnded, MatchMade


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    match recorded.event:
        case MatchMade(match_id=match_id) | MatchEnded(match_id=match_id) | MatchCounted(match_id=match_id):
            yield f"{recorded.tenant}/{match_id}"
        case _:
            return


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    # Match and tally are two streams: a number may be heard of before the match.
    body: JsonObject = document or {"number": None, "milestone": False}
    match recorded.event:
        case MatchMade() as made:
            body |= made.model_dump(mode="json") | {"state": "live", "ended": None}
        case MatchEnded(reason=reason, closing_talk=closing_talk, ended_on=ended_on):
            ended = {"reason": reason, "closing_talk": closing_talk, "ended_on": ended_on.isoformat()}
            body |= {"state": "ended", "ended": ended}
        case MatchCounted(programme=programme, number=number, milestone=milestone):
            body |= {"programme": programme, "number": number, "milestone": milestone}
        case _:
            pass
    return body


matches = Projection(
    name="matches",
    version=1,
    topics=(topics.MATCHING,),
    handles=(MatchMade, MatchEnded, MatchCounted),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("state", "starts_on", "match_id")), IndexSpec(("programme", "-number"))),
)


async def oldest_first(
    reading: ReadModels,
    tenant: str,
    *,
    states: list[str],
    programme: str | None,
    after: Any,
    limit: int,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Matches by the day they began; `after` is [starts_on, match_id] of the last one."""
    query: JsonObject = {"state": {"$in": states}}
    if programme is not None:
        query["programme"] = programme
    if after is not None:
        day, match_id = after
        query["$or"] = [{"starts_on": {"$gt": day}}, {"starts_on": day, "match_id": {"$gt": match_id}}]
    order = (("starts_on", 1), ("match_id", 1))
    return await reading.find(matches, tenant, query, sort=order, limit=limit, min_position=at_least)


async def counted(
    reading: ReadModels, tenant: str, programme: str, *, at_least: Position | None = None
) -> tuple[int, list[JsonObject]]:
    """The number of the newest match of a programme, 0 when it has none, and the matches that were milestones."""
    numbered = {"programme": programme, "number": {"$ne": None}}
    newest = await reading.find(matches, tenant, numbered, sort=(("number", -1),), limit=1, min_position=at_least)
    milestones = await reading.find(matches, tenant, numbered | {"milestone": True}, sort=(("number", 1),), limit=0)
    return (newest[0]["number"] if newest else 0), milestones
