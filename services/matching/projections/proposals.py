"""How far has a proposal come, and which proposals are mine? Coordinators see all of it, the two only their part."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import (
    BothAgreed,
    ContactAgreed,
    HelperProposed,
    MeetingArranged,
    MeetingHeld,
    MeetingMissed,
    NoSaid,
    ProposalDropped,
    SafeguardConfirmed,
    SearchSettled,
    SlotConfirmed,
    SlotRefused,
    TaskCompleted,
    YesSaid,
)

_HANDLES: tuple[type[Event], ...] = (
    HelperProposed,
    MeetingArranged,
    MeetingHeld,
    MeetingMissed,
    YesSaid,
    NoSaid,
    BothAgreed,
    ProposalDropped,
    SearchSettled,
    SafeguardConfirmed,
    ContactAgreed,
    TaskCompleted,
    SlotRefused,
    SlotConfirmed,
)


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    proposal_id = getattr(recorded.event, "proposal_id", None)
    if proposal_id is not None:
        yield f"{recorded.tenant}/{proposal_id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    # Slot and search are two streams: a refused slot may be heard of before the proposal itself.
    body: JsonObject = document or {"state": "live", "waits_for": None}
    match recorded.event:
        case HelperProposed() as proposed:
            body |= proposed.model_dump(mode="json") | {
                "answers": {},
                "meeting": None,
                "dropped_for": None,
                "looks": [],
            }
            body |= {"proposed_at": recorded.origin.occurred_at, "match_id": None}
        case MeetingArranged(meets_at=meets_at):
            body["meeting"] = {"state": "arranged", "meets_at": meets_at}
        case MeetingHeld(held_at=held_at):
            body["meeting"] = {"state": "held", "meets_at": held_at}
        case MeetingMissed():
            body["meeting"] = {"state": "missed", "meets_at": None}
        case YesSaid(said_by=side):
            body["answers"][side] = "yes"
        case NoSaid(said_by=side):
            body["answers"][side] = "no"
        case BothAgreed():
            body["state"] = "agreed"
        case ProposalDropped(reason=reason):
            body |= {"state": "dropped", "dropped_for": reason}
        case SearchSettled(match_id=match_id):
            body |= {"state": "settled", "match_id": match_id}
        case SafeguardConfirmed() as look:
            body["looks"].append(look.model_dump(mode="json", include={"safeguard", "confirmed_by", "receipt"}))
        case ContactAgreed():
            body["state"] = "in-touch"
        case TaskCompleted():
            body["state"] = "done"
        case SlotRefused(rule=rule):
            body["waits_for"] = rule
        case SlotConfirmed():
            body["waits_for"] = None
        case _:
            pass
    return body


proposals = Projection(
    name="proposals",
    version=2,
    topics=(topics.MATCHING,),
    handles=_HANDLES,
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("person_id", "-proposed_at")),
        IndexSpec(("helper_id", "-proposed_at")),
        IndexSpec(("request_id", "-proposed_at")),
        IndexSpec(("state", "until", "proposal_id")),
    ),
)

_NEWEST_FIRST = (("proposed_at", -1), ("proposal_id", 1))


async def proposal_for(
    reading: ReadModels, tenant: str, request_id: str, proposal_id: str, *, at_least: Position | None = None
) -> JsonObject | None:
    """One proposal of a request; None where it is not that request's."""
    found = await reading.get(proposals, tenant, proposal_id, min_position=at_least)
    return found if found is not None and found.get("request_id") == request_id else None


async def proposals_for(
    reading: ReadModels, tenant: str, request_id: str, *, limit: int = 20, at_least: Position | None = None
) -> list[JsonObject]:
    """What was proposed for a request, the newest first."""
    query = {"request_id": request_id}
    return await reading.find(proposals, tenant, query, sort=_NEWEST_FIRST, limit=limit, min_position=at_least)


async def first_to_end_first(
    reading: ReadModels, tenant: str, state: str, *, after: Any, limit: int, at_least: Position | None = None
) -> list[JsonObject]:
    """Proposals of one state by their deadline; `after` is [until as text, proposal_id] of the last one."""
    # Of a proposal without a deadline only the slot has been heard of.
    query: JsonObject = {"state": state, "until": {"$exists": True}}
    if after is not None:
        until, proposal_id = after
        query["$or"] = [{"until": {"$gt": until}}, {"until": until, "proposal_id": {"$gt": proposal_id}}]
    order = (("until", 1), ("proposal_id", 1))
    return await reading.find(proposals, tenant, query, sort=order, limit=limit, min_position=at_least)


async def proposed_for(reading: ReadModels, tenant: str, request_ids: Sequence[str]) -> dict[str, set[str]]:
    """The helpers who were proposed for each of these requests."""
    found: dict[str, set[str]] = {}
    for one in await reading.find(proposals, tenant, {"request_id": {"$in": list(request_ids)}}, limit=0):
        found.setdefault(one["request_id"], set()).add(one["helper_id"])
    return found


async def proposals_of(
    reading: ReadModels, tenant: str, person_id: str, *, limit: int, at_least: Position | None = None
) -> list[JsonObject]:
    """The proposals in which somebody is one of the two, the newest first."""
    mine = {"$or": [{"person_id": person_id}, {"helper_id": person_id}]}
    return await reading.find(proposals, tenant, mine, sort=_NEWEST_FIRST, limit=limit, min_position=at_least)
