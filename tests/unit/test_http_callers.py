"""Nothing but health is open: token first, then scope, then the rest of the request."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter

from chassis.auth import Principal
from chassis.http import Router, caller, create_app
from chassis.observability import Health
from tests.support.sample_service import Sample, key_of, sample


@pytest.fixture
async def service() -> AsyncIterator[Sample]:
    made = sample()
    async with made.client:
        yield made


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/notes"), ("GET", "/v1/notes"), ("GET", "/v1/notes/7")])
async def test_without_a_token_every_route_is_401(service: Sample, method: str, path: str) -> None:
    response = await service.client.request(method, path)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", ["/metrics", "/openapi.json"])
async def test_operators_routes_want_their_scope(service: Sample, path: str) -> None:
    answers = [
        (await service.client.get(path)).status_code,
        (await service.client.get(path, headers=service.bearer("notes:read"))).status_code,
        (await service.client.get(path, headers=service.bearer("operations:read"))).status_code,
    ]
    assert answers == [401, 403, 200]


async def test_without_the_scope_it_is_403_and_says_which_would_do(service: Sample) -> None:
    response = await service.client.get("/v1/notes/7", headers=service.bearer("people:read"))
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (
        403,
        'Bearer error="insufficient_scope", scope="notes:read notes:write"',
    )
    assert [missing["code"] for missing in response.json()["missing"]] == ["notes:read", "notes:write"]


async def test_any_one_of_the_scopes_is_enough(service: Sample) -> None:
    response = await service.client.get("/v1/notes/7", headers=service.bearer("notes:write"))
    assert response.status_code == 404


BROKEN = ["", "Bearer", "Bearer ", "Basic dXNlcjpzZWNyZXQ=", "Bearer a b", "Token x", f"Bearer {'a' * 9000}"]


@pytest.mark.parametrize("header", BROKEN)
async def test_a_broken_authorization_header_gets_the_same_answer_as_none(service: Sample, header: str) -> None:
    none = await service.client.get("/v1/notes")
    response = await service.client.get("/v1/notes", headers={"Authorization": header})
    assert (response.status_code, response.content) == (401, none.content)


async def test_two_authorization_headers_are_none(service: Sample) -> None:
    good = service.bearer("notes:read")["Authorization"]
    response = await service.client.get("/v1/notes", headers=[("Authorization", good), ("Authorization", good)])
    assert response.status_code == 401


async def test_a_stranger_learns_nothing_about_bodies(service: Sample) -> None:
    answers = [
        await service.client.post("/v1/notes", content=b"{", headers={"Content-Type": "application/json"}),
        await service.client.post("/v1/notes", content=b"x", headers={"Content-Type": "text/plain"}),
        await service.client.post("/v1/notes", json={"title": 7}),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_a_route_without_a_caller_is_not_served() -> None:
    router = Router(prefix="/v1")

    @router.get("/open")
    async def show() -> None: ...

    with pytest.raises(ValueError, match="/v1/open has no caller"):
        serve(router)


def test_a_router_that_would_read_before_it_asks_is_not_served() -> None:
    router = APIRouter()

    @router.get("/v1/early")
    async def show() -> None: ...

    with pytest.raises(ValueError, match=r"not made by chassis\.http\.Router"):
        serve(router)


def test_a_route_has_one_rule_not_two() -> None:
    router = Router(prefix="/v1")

    with pytest.raises(ValueError, match="one caller"):

        @router.get("/both", dependencies=[caller("a:read")])
        async def show(who: Annotated[Principal, caller("b:read")]) -> None: ...


def serve(router: APIRouter) -> None:
    verifier = sample().issuer.verifier()
    create_app("sample", [router], verifier=verifier, health=Health(), derive_key=key_of)
