"""Who waits because somebody else has to answer yes or no before they can ask (S2.7)."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.http import Router, caller
from chassis.read_models import ReadModels
from services.intake.names import Names
from services.intake.projections.persons import met_a_gate
from services.intake.projections.requests import requests_of

_LOOKED_BACK = timedelta(days=60)
_AT_MOST = 200


class WaitingAtGate(BaseModel):
    """Since `met_at` nothing was written down for them in that programme; no word of why is kept."""

    person_id: str
    name: str | None
    programme: str
    met_at: AwareDatetime


class GateList(BaseModel):
    """The longest waiting first."""

    items: list[WaitingAtGate]


def gates_router(reading: ReadModels, names: Names, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/gates", tags=["requests"])

    @router.get("")
    async def unanswered(who: Annotated[Principal, caller("people:read")]) -> GateList:
        """Who asked for themselves within two months where a coordinator or referrer has to answer first."""
        found = await met_a_gate(reading, who.tenant, since=clock.now() - _LOOKED_BACK, limit=_AT_MOST)
        people = {one.person_id for one in found}
        called = await names.of(who, people)
        oldest_first = sorted(await requests_of(reading, who.tenant, *people), key=lambda one: one.story[0].at)
        posted = {(one.person_id, one.programme): one.story[0].at for one in oldest_first}
        waiting = [
            WaitingAtGate(
                person_id=one.person_id, name=called.get(one.person_id), programme=gate.programme, met_at=gate.met_at
            )
            for one in found
            for gate in one.gates_met
            if (last := posted.get((one.person_id, gate.programme))) is None or last < gate.met_at
        ]
        return GateList(items=sorted(waiting, key=lambda one: one.met_at))

    return router
