"""Who waits for somebody, since when, and what is under way? The coordinators' work list (S2.31)."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import Wishes
from contracts.matching import (
    ContactAgreed,
    HelperChosen,
    HelperProposed,
    ProposalDropped,
    SearchAmended,
    SearchClosed,
    SearchOpened,
    SearchReopened,
    SearchSettled,
    TaskCompleted,
    TenderLapsed,
    TenderOpened,
)
from contracts.sealed import Sealed

_HANDLES: tuple[type[Event], ...] = (
    SearchOpened,
    SearchAmended,
    HelperProposed,
    TenderOpened,
    HelperChosen,
    TenderLapsed,
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
            nothing_yet = {"proposal_id": None, "match_id": None, "tender": None}
            body = opened.model_dump(mode="json", by_alias=True) | nothing_yet | {"status": "open"}
        case SearchAmended(wishes=wishes):
            body["wishes"] = None if wishes is None else {"subject": wishes.subject, "sealed": wishes.token}
        case HelperProposed(proposal_id=proposal_id):
            body["proposal_id"] = proposal_id
        case ProposalDropped():
            # Also of a task that two had agreed on: then it waits again.
            body |= {"status": "open", "proposal_id": None}
            body["tender"] = "open" if body["tender"] == "chosen" else body["tender"]
        case TenderOpened():
            body["tender"] = "open"
        case HelperChosen():
            body["tender"] = "chosen"
        case TenderLapsed():
            body["tender"] = "lapsed"
        case SearchSettled(match_id=match_id):
            body |= {"status": "settled", "match_id": match_id, "tender": None}
        case ContactAgreed():
            body |= {"status": "settled", "tender": None}
        case TaskCompleted():
            body["status"] = "met"
        case SearchClosed(reason=reason):
            body |= {"status": reason, "tender": None}
        case SearchReopened():
            body["status"] = "open"
        case _:
            pass
    return body


searches = Projection(
    name="searches",
    version=3,
    topics=(topics.MATCHING,),
    handles=_HANDLES,
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("status", "needed_since", "request_id")), IndexSpec(("person_id", "needed_since"))),
)


def wishes_in(document: JsonObject) -> Sealed[Wishes] | None:
    wished = document["wishes"]
    return None if wished is None else Sealed(wished["subject"], wished["sealed"])


async def waiting_longest_first(
    reading: ReadModels,
    tenant: str,
    *,
    status: str,
    programme: str | None,
    tender: str | None,
    after: Any,
    limit: int,
    at_least: Position | None = None,
) -> list[JsonObject]:
    """Searches of one status, who has waited longest first; `after` is [needed_since, request_id] of the last one."""
    query: JsonObject = {"status": status}
    if programme is not None:
        query["programme"] = programme
    if tender is not None:
        query["tender"] = tender
    if after is not None:
        since, request_id = after
        query["$or"] = [{"needed_since": {"$gt": since}}, {"needed_since": since, "request_id": {"$gt": request_id}}]
    order = (("needed_since", 1), ("request_id", 1))
    return await reading.find(searches, tenant, query, sort=order, limit=limit, min_position=at_least)


async def waiting_for_somebody(
    reading: ReadModels, tenant: str, programme: str, *, request_ids: Sequence[str] | None, limit: int
) -> list[JsonObject]:
    """Open searches without a proposal and without a tender that runs, who has waited longest first."""
    query: JsonObject = {"status": "open", "programme": programme, "proposal_id": None}
    query["tender"] = {"$in": [None, "lapsed"]}
    if request_ids is not None:
        query["request_id"] = {"$in": list(request_ids)}
    return await reading.find(searches, tenant, query, sort=(("needed_since", 1), ("request_id", 1)), limit=limit)


async def searches_of(reading: ReadModels, tenant: str, person_id: str) -> list[JsonObject]:
    """For the requests of one person, who has waited longest first."""
    order = (("needed_since", 1), ("request_id", 1))
    return await reading.find(searches, tenant, {"person_id": person_id}, sort=order, limit=0)
