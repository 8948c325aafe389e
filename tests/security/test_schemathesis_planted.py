"""The walk of all routes finds what it is there for: a fault that is planted here is told, a sound route is not."""

import httpx
import pytest
import schemathesis
from fastapi import FastAPI, Response
from schemathesis.core.failures import FailureGroup

from tests.security.test_schemathesis import CHECKS

FAULTS = {
    "/broken": "Server error",
    "/undocumented-status": "Undocumented status code",
    "/undocumented-type": "Undocumented Content-Type",
    "/other-shape": "Response violates schema",
}


def _planted() -> FastAPI:
    app = FastAPI()

    @app.get("/sound")
    async def _() -> dict[str, int]:
        return {"n": 1}

    @app.get("/broken")
    async def _() -> dict[str, int]:
        raise ZeroDivisionError

    @app.get("/undocumented-status")
    async def _() -> Response:
        return Response('{"n": 1}', status_code=409, media_type="application/json")

    @app.get("/undocumented-type", response_model=dict[str, int])
    async def _() -> Response:
        return Response("n is one", media_type="text/plain")

    @app.get("/other-shape", response_model=dict[str, int])
    async def _() -> Response:
        return Response('{"n": "one"}', media_type="application/json")

    return app


async def _told(path: str) -> list[str]:
    """The titles of what is wrong with the answer of that route."""
    app = _planted()
    case = schemathesis.openapi.from_dict(app.openapi())[path]["GET"].Case()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://planted") as client:
        answer = await client.get(path)
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as found:
        return [failure.title for failure in found.exceptions]
    return []


@pytest.mark.parametrize("path", FAULTS)
async def test_a_planted_fault_is_told(path: str) -> None:
    assert FAULTS[path] in await _told(path)


async def test_a_sound_answer_is_not() -> None:
    assert await _told("/sound") == []
