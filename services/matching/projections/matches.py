"""Which matches were made, how do they go, and which of them need a coordinator? (S2.1, S2.16-2.20, S3.29)

When a match is let go, or one of the two was erased, all that followed it up is forgotten here: that it was, and its
dates, stay (S2.3, S2.17). A lone
visit that is under way is watched to its end all the same.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import (
    AccompanimentAgreed,
    CheckInAsked,
    CheckInGiven,
    EndNear,
    LoneVisitBegan,
    LoneVisitEnded,
    LoneVisitOverdue,
    MatchCounted,
    MatchEnded,
    MatchLetGo,
    MatchMade,
    MatchPaused,
    MatchResumed,
    MatchReviewed,
    PauseLifted,
    ReviewDue,
    SupportAmended,
)

_HANDLES: tuple[type[Event], ...] = (
    AccompanimentAgreed,
    CheckInAsked,
    CheckInGiven,
    EndNear,
    LoneVisitBegan,
    LoneVisitEnded,
    LoneVisitOverdue,
    MatchCounted,
    MatchEnded,
    MatchLetGo,
    MatchMade,
    MatchPaused,
    MatchResumed,
    MatchReviewed,
    PauseLifted,
    ReviewDue,
    SupportAmended,
)
_KEPT = 200
_NOTHING_FOLLOWED_UP: JsonObject = {
    "support_forms": [],
    "accompaniments": [],
    "check_ins": [],
    "reviews": [],
    "rests": [],
    "check_in_at": None,
    "check_in_asked_on": None,
    "review_at": None,
    "review_due_on": None,
}
_LOOKED_AT = frozenset({"review-due", "unwell", "wants-talk"})
_HELD = frozenset({"suspended", "block"})


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    match_id = getattr(recorded.event, "match_id", None)
    if match_id is not None:
        yield f"{recorded.tenant}/{match_id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    # Match and tally are two streams: a number may be heard of before the match.
    body: JsonObject = document or {"number": None, "milestone": False, "paused_for": [], "needs": []}
    match recorded.event:
        case MatchMade() as made:
            body |= _NOTHING_FOLLOWED_UP | {"paused_for": [], "needs": [], "visit": None, "is_end_near": False}
            body |= made.model_dump(mode="json") | {"state": "live", "ended": None}
        case MatchCounted(programme=programme, number=number, milestone=milestone):
            body |= {"programme": programme, "number": number, "milestone": milestone}
        case MatchEnded(reason=reason, closing_talk=closing_talk, ended_on=ended_on):
            ended = {"reason": reason, "closing_talk": closing_talk, "ended_on": ended_on.isoformat()}
            body |= {"state": "ended", "ended": ended, "paused_for": [], "is_end_near": False}
            body["needs"] = [need for need in body["needs"] if need["kind"] == "visit-overdue"]
            if reason == "erased":
                body |= _NOTHING_FOLLOWED_UP
        case MatchLetGo():
            body |= _NOTHING_FOLLOWED_UP
        case MatchPaused() | PauseLifted() | MatchResumed():
            _fold_pause(body, recorded)
        case LoneVisitBegan() | LoneVisitOverdue() | LoneVisitEnded():
            _fold_visit(body, recorded)
        case _:
            _fold_follow_up(body, recorded)
    return body


def _fold_pause(body: JsonObject, recorded: RecordedEvent) -> None:
    match recorded.event:
        case MatchPaused(reason=reason, paused_at=paused_at):
            if body["state"] == "live":
                body["rests"] = [*body["rests"], {"began_at": paused_at.isoformat(), "ended_at": None}][-_KEPT:]
            body |= {"state": "paused", "paused_for": [*body["paused_for"], reason]}
            if reason in _HELD:
                _need(body, reason, recorded)
        case PauseLifted(reason=reason):
            body["paused_for"] = [cause for cause in body["paused_for"] if cause != reason]
            _settle(body, reason)
        case MatchResumed() as resumed:
            _rested(body, resumed.resumed_at)
            body |= {"state": "live", "paused_for": [], "check_in_asked_on": None, "review_due_on": None}
            body |= {"check_in_at": _text(resumed.check_in_at), "review_at": _text(resumed.review_at)}
            _settle(body, *_HELD, "review-due")
        case _:
            pass


def _rested(body: JsonObject, until: datetime) -> None:
    body["rests"] = [rest | {"ended_at": rest["ended_at"] or until.isoformat()} for rest in body["rests"]]


def _fold_visit(body: JsonObject, recorded: RecordedEvent) -> None:
    match recorded.event:
        case LoneVisitBegan(visit_id=visit_id, until=until):
            body["visit"] = {"visit_id": visit_id, "until": until, "is_overdue": False}
        case LoneVisitOverdue():
            body["visit"]["is_overdue"] = True
            _need(body, "visit-overdue", recorded)
        case LoneVisitEnded():
            body["visit"] = None
            _settle(body, "visit-overdue")
        case _:
            pass


def _fold_follow_up(body: JsonObject, recorded: RecordedEvent) -> None:
    match recorded.event:
        case SupportAmended(support_forms=support_forms):
            body["support_forms"] = list(support_forms)
        case AccompanimentAgreed() as agreed:
            kept = agreed.model_dump(mode="json", include={"accompaniment_id", "when", "where"})
            body["accompaniments"] = [*body["accompaniments"], kept][-_KEPT:]
        case CheckInAsked(asked_on=asked_on):
            body |= {"check_in_asked_on": asked_on.isoformat(), "check_in_at": None}
        case CheckInGiven() as given:
            kept = given.model_dump(mode="json", exclude={"match_id", "programme", "check_in_at"})
            body["check_ins"] = [*body["check_ins"], kept][-_KEPT:]
            body |= {"check_in_at": _text(given.check_in_at), "check_in_asked_on": None}
            if not given.well:
                _need(body, "unwell", recorded)
            if given.wants_talk:
                _need(body, "wants-talk", recorded)
        case ReviewDue(due_on=due_on):
            body |= {"review_due_on": due_on.isoformat(), "review_at": None}
            _need(body, "review-due", recorded)
        case MatchReviewed(reviewed_on=reviewed_on, goes_on=goes_on, review_at=review_at):
            kept = {"reviewed_on": reviewed_on.isoformat(), "goes_on": goes_on}
            body["reviews"] = [*body["reviews"], kept][-_KEPT:]
            body |= {"review_at": _text(review_at), "review_due_on": None}
            _settle(body, *_LOOKED_AT)
        case EndNear():
            body["is_end_near"] = True
            _need(body, "end-near", recorded)
        case _:
            pass


def _need(body: JsonObject, kind: str, recorded: RecordedEvent) -> None:
    """One need of a kind at a time: it is from when it was first seen."""
    if all(need["kind"] != kind for need in body["needs"]):
        body["needs"].append({"kind": kind, "since": recorded.origin.occurred_at})


def _settle(body: JsonObject, *kinds: str) -> None:
    body["needs"] = [need for need in body["needs"] if need["kind"] not in kinds]


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


matches = Projection(
    name="matches",
    version=3,
    topics=(topics.MATCHING,),
    handles=_HANDLES,
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("state", "starts_on", "match_id")),
        IndexSpec(("programme", "-number")),
        IndexSpec(("requester_id", "-starts_on")),
        IndexSpec(("helper_id", "-starts_on")),
    ),
)


async def oldest_first(
    reading: ReadModels,
    tenant: str,
    *,
    states: list[str],
    programme: str | None,
    needs: str | None = None,
    ends_by: date | None = None,
    after: Any,
    limit: int,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Matches by the day they began; `after` is [starts_on, match_id] of the last one. `needs` is a kind, or `any`."""
    query: JsonObject = {"state": {"$in": states}}
    if programme is not None:
        query["programme"] = programme
    if needs is not None:
        query["needs.kind"] = {"$exists": True} if needs == "any" else needs
    if ends_by is not None:
        query["ends_on"] = {"$ne": None, "$lte": ends_by.isoformat()}
    if after is not None:
        day, match_id = after
        query["$or"] = [{"starts_on": {"$gt": day}}, {"starts_on": day, "match_id": {"$gt": match_id}}]
    order = (("starts_on", 1), ("match_id", 1))
    return await reading.find(matches, tenant, query, sort=order, limit=limit, min_position=at_least)


async def matches_of(
    reading: ReadModels, tenant: str, person_id: str, *, limit: int, at_least: Position | None = None
) -> list[JsonObject]:
    """The matches in which somebody is one of the two, the newest first."""
    mine = {"$or": [{"requester_id": person_id}, {"helper_id": person_id}]}
    order = (("starts_on", -1), ("match_id", 1))
    return await reading.find(matches, tenant, mine, sort=order, limit=limit, min_position=at_least)


async def live_matches(
    reading: ReadModels, tenant: str, query: JsonObject, *, known_since: datetime | None = None
) -> list[JsonObject]:
    """All that have not ended and fit the query.

    `known_since`: every match that was published before it is among them; raises FactsTooOld, which is retryable.
    """
    if known_since is not None and await reading.facts_as_of(matches) < known_since:
        raise FactsTooOld("which matches there are")
    return await reading.find(matches, tenant, {"state": {"$in": ["live", "paused"]}, **query}, limit=0)


async def counted(
    reading: ReadModels, tenant: str, programme: str, *, at_least: Position | None = None
) -> tuple[int, list[JsonObject]]:
    """The number of the newest match of a programme, 0 when it has none, and the matches that were milestones."""
    numbered = {"programme": programme, "number": {"$ne": None}}
    newest = await reading.find(matches, tenant, numbered, sort=(("number", -1),), limit=1, min_position=at_least)
    milestones = await reading.find(matches, tenant, numbered | {"milestone": True}, sort=(("number", 1),), limit=0)
    return (newest[0]["number"] if newest else 0), milestones


class StoredMatches:
    """Answers `HelpersMatches` from this read model."""

    def __init__(self, reading: ReadModels) -> None:
        self._reading = reading

    async def of_helper(self, tenant: str, helper_id: str, programme: str, *, known_since: datetime) -> list[str]:
        query = {"helper_id": helper_id, "programme": programme}
        found = await live_matches(self._reading, tenant, query, known_since=known_since)
        return [document["match_id"] for document in found]
