"""What operators ask every service: does it live, is it ready, how does it do, what does it offer."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from chassis.auth import Principal
from chassis.http.routes import Router, caller
from chassis.observability import CONTENT_TYPE, Health, exposition

OPEN_PATHS = ("/livez", "/readyz")

Operator = Annotated[Principal, caller("operations:read")]


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class ReadinessCheck(BaseModel):
    """One thing that is looked at; `fault` is a fixed word, null when well; `since` is when that began.

    A fault of what `is_needed` makes the service unready.
    """

    name: str
    what: str
    fault: str | None
    since: datetime
    is_needed: bool


class Readiness(BaseModel):
    ready: bool
    checks: list[ReadinessCheck]


async def checked(health: Health) -> list[ReadinessCheck]:
    """Each thing this process needs, looked at now."""
    return [
        ReadinessCheck(
            name=check.name, what=check.what, fault=check.fault, since=check.since, is_needed=check.is_needed
        )
        for check in await health.report()
    ]


def operations(health: Health) -> APIRouter:
    """The routes of this file. Only /livez and /readyz are open: they say no address, no number, no secret."""
    router = Router(tags=["operations"])

    @router.get("/livez")
    async def livez() -> Alive:
        """The process runs and answers."""
        return Alive()

    @router.get("/readyz", responses={503: {"model": Readiness, "description": "Something it needs is missing"}})
    async def readyz(response: Response) -> Readiness:
        """What this service needs, and whether it has it."""
        checks = await checked(health)
        ready = all(check.fault is None for check in checks if check.is_needed)
        response.status_code = 200 if ready else 503
        return Readiness(ready=ready, checks=checks)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics(who: Operator) -> Response:
        """All metrics of this process in the Prometheus text format."""
        return Response(exposition(), media_type=CONTENT_TYPE)

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(who: Operator, request: Request) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    return router
