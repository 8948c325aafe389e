"""Who waits for somebody, since when, and what is under way? The coordinators' work list (S2.31)."""

from collections.abc import Iterable
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import (
    ContactAgreed,
    HelperProposed,
    ProposalDropped,
    SearchAmended,
    SearchClosed,
    SearchOpened,
    SearchReopened,
    SearchSettled,
    TaskCompleted,
)

_HANDLES: tuple[type[Event], ...] = (
    SearchOpened,
    SearchAmended,
    HelperProposed,
    ProposalDropped,
    SearchSettled,
    ContactAgreed,
    TaskCompleted,
    SearchClosed,
    SearchReopened,
)


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    body: JsonObject = document or {}
    match recorded.event:
        case SearchOpened() as opened:
            body = opened.model_dump(mode="json") | {"status": "open", "proposal_id": None, "match_id": None}
        case SearchAmended(wishes=wishes):
            body["wishes"] = wishes.model_dump(mode="json")
        case HelperProposed(proposal_id=proposal_id):
            body["proposal_id"] = proposal_id
        case ProposalDropped():
            # Also of a task that two had agreed on: then it waits again.
            body |= {"status": "open", "proposal_id": None}
        case SearchSettled(match_id=match_id):
            body |= {"status": "settled", "match_id": match_id}
        case ContactAgreed():
            body["status"] = "settled"
        case TaskCompleted():
            body["status"] = "met"
        case SearchClosed(reason=reason):
            body["status"] = reason
        case SearchReopened():
            body["status"] = "open"
        case _:
            pass
    return body


searches = Projection(
    name="searches",
    version=2,
    topics=(topics.MATCHING,),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("status", "needed_since", "request_id")),),
)


async def waiting_longest_first(
    reading: ReadModels,
    tenant: str,
    *,
    status: str,
    programme: str | None,
    after: Any,
    limit: int,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Searches of one status, who has waited longest first; `after` is [needed_since, request_id] of the last one."""
    query: JsonObject = {"status": status}
    if programme is not None:
        query["programme"] = programme
    if after is not None:
        since, request_id = after
        query["$or"] = [{"needed_since": {"$gt": since}}, {"needed_since": since, "request_id": {"$gt": request_id}}]
    order = (("needed_since", 1), ("request_id", 1))
    return await reading.find(searches, tenant, query, sort=order, limit=limit, min_position=at_least)
