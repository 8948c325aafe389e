"""Which programmes are there, and by which rules? The policy in force, as other decisions and people read it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import (
    MandateEndNear,
    MandateRenewed,
    ProgrammeAdopted,
    ProgrammeClosed,
    ProgrammeMadePermanent,
    ProgrammePaused,
    ProgrammeResumed,
    TermAdded,
)
from contracts.policy import Policy
from contracts.topics import INTAKE
from services.intake.projections.found import Found, version_of


class ProgrammeDocument(BaseModel):
    """`policy` is what is in force, with its mandate renewed, terms added and its status as it is now."""

    programme: str
    status: Literal["pilot", "permanent", "closed"]
    is_paused: bool = False
    policy: Policy
    policy_version: int
    adopted_by: str
    adopted_on: date


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event = recorded.event
    if isinstance(event, ProgrammeAdopted):
        return _stored(_adopted(event, is_paused=body is not None and _read(body).is_paused))
    if body is None:
        return None
    known = _read(body)
    match event:
        case MandateRenewed(mandate=mandate):
            known.policy = known.policy.model_copy(update={"mandate": mandate})
        case TermAdded(label=category):
            known.policy = known.policy.with_category(category)
        case MandateEndNear():
            pass  # moves only the version on
        case ProgrammeMadePermanent():
            known.status, known.policy = "permanent", known.policy.model_copy(update={"status": "permanent"})
        case ProgrammePaused() | ProgrammeResumed():
            known.is_paused = isinstance(event, ProgrammePaused)
        case ProgrammeClosed():
            known.status = "closed"
        case _:
            return body
    return _stored(known)


def _adopted(event: ProgrammeAdopted, *, is_paused: bool) -> ProgrammeDocument:
    return ProgrammeDocument(
        programme=event.programme,
        status="permanent" if event.policy.status == "permanent" else "pilot",
        is_paused=is_paused,
        policy=event.policy,
        policy_version=event.policy_version,
        adopted_by=event.adopted_by,
        adopted_on=event.adopted_on,
    )


def _stored(known: ProgrammeDocument) -> JsonObject:
    """The policy as JSON text: its keys are words of the programme, and MongoDB gives "." and "$" a meaning."""
    text = known.policy.model_dump_json(by_alias=True, exclude_none=True)
    return {**known.model_dump(mode="json", exclude={"policy"}), "policy": text}


def _read(body: JsonObject) -> ProgrammeDocument:
    return ProgrammeDocument.model_validate({**body, "policy": Policy.model_validate_json(body["policy"])})


programmes = Projection(
    name="programmes",
    version=2,
    topics=(INTAKE,),
    handles=(
        ProgrammeAdopted,
        TermAdded,
        MandateEndNear,
        MandateRenewed,
        ProgrammePaused,
        ProgrammeResumed,
        ProgrammeMadePermanent,
        ProgrammeClosed,
    ),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme",)),),
)


async def programme_of(
    reading: ReadModels, tenant: str, programme: str, *, at_least: Position | None = None
) -> Found[ProgrammeDocument] | None:
    found = await reading.get(programmes, tenant, programme, min_position=at_least)
    return None if found is None else Found(_read(found), version_of(found))


async def programmes_after(
    reading: ReadModels, tenant: str, *, after: str = "", limit: int, at_least: Position | None = None
) -> list[ProgrammeDocument]:
    """In the order of their codes."""
    query: JsonObject = {"programme": {"$gt": after}}
    found = await reading.find(programmes, tenant, query, sort=(("programme", 1),), limit=limit, min_position=at_least)
    return [_read(document) for document in found]
