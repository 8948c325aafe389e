"""Leave without a trace, by oneself or through staff, and see how far it is (S2.3)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.http import Commanded, Id, MinPositionHeader, Router, answer, caller, commanded_by
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from services.intake.domain.person_commands import AskErasure
from services.intake.http.answers import Done
from services.intake.http.own import OWN_PERSON, check_own
from services.intake.http.person_desk import PersonDesk
from services.intake.projections.erasures import ErasureDocument, erasure_of, open_erasures


class ErasureView(BaseModel):
    """`waiting_for` are the services that still hold something; `is_overdue`: somebody has to look."""

    person_id: str
    asked_at: AwareDatetime
    overdue_at: AwareDatetime
    key_destroyed_at: AwareDatetime | None
    waiting_for: list[str]
    is_overdue: bool
    erased_at: AwareDatetime | None

    @classmethod
    def of(cls, found: ErasureDocument) -> "ErasureView":
        return cls.model_validate(found.model_dump(exclude={"is_open"}))


class ErasureList(BaseModel):
    items: list[ErasureView]


def erasures_router(desk: PersonDesk, reading: ReadModels, clock: Clock) -> APIRouter:
    router = Router(tags=["erasure"])
    write = commanded_by("people:write", OWN_PERSON)

    @router.post("/v1/persons/{person_id}/erasure", status_code=202)
    async def ask_erasure(person_id: Id, ask: Annotated[Commanded, write], response: Response) -> Done:
        """Cannot be taken back: what is live ends, what is sealed becomes unreadable, every service drops the rest."""
        check_own(ask.principal, person_id, "people:write")
        outcome = await desk.run(person_id, AskErasure(ask.context.actor, clock.now()), ask)
        answer(response, outcome, location=f"/v1/persons/{person_id}/erasure")
        return Done(id=person_id, version=outcome.version)

    @router.get("/v1/persons/{person_id}/erasure")
    async def show_erasure(
        person_id: Id, who: Annotated[Principal, caller("people:read", OWN_PERSON)], at_least: MinPositionHeader
    ) -> ErasureView:
        check_own(who, person_id, "people:read")
        found = await erasure_of(reading, who.tenant, person_id, at_least=at_least)
        if found is None:
            raise NotFound()
        return ErasureView.of(found)

    @router.get("/v1/erasures")
    async def list_erasures(
        who: Annotated[Principal, caller("people:read")],
        overdue: bool = False,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ErasureList:
        """Those that are not done, the oldest first; with `overdue` those that somebody has to look at."""
        found = await open_erasures(reading, who.tenant, overdue_only=overdue, limit=limit)
        return ErasureList(items=[ErasureView.of(one) for one in found])

    return router
