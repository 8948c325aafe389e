"""The one port in front: services by their name, what comes through unchanged and what is said when one is away."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.gateway import create_gateway
from deploy.local.ports import free_port
from deploy.local.serving import bind, serving


async def tell(request: Request) -> Response:
    """What a service sees of a request."""
    told = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.url.query,
        "prefix": request.headers.get("x-forwarded-prefix"),
        "host": request.headers.get("x-forwarded-host"),
        "key": request.headers.get("idempotency-key"),
        "cookie": request.headers.get("cookie"),
        "body": (await request.body()).decode(),
    }
    answer = JSONResponse(told, 201, headers={"ETag": '"7"', "X-Position": "oslo/request/1@7"})
    answer.set_cookie("session", "of-whoever-asked")
    return answer


@asynccontextmanager
async def gateway() -> AsyncIterator[httpx.AsyncClient]:
    """A gateway before one service, `intake`, and one that is down, `matching`."""
    service = Starlette(routes=[Route("/{path:path}", tell, methods=["GET", "POST", "DELETE"])])
    behind, front = bind(0, what="service"), bind(0, what="gateway")
    addresses = {"intake": f"http://127.0.0.1:{behind.getsockname()[1]}", "matching": f"http://127.0.0.1:{free_port()}"}
    app = create_gateway(addresses, {}, links={"intake": {"HTTP operations": "http://127.0.0.1/docs/intake"}})
    url = f"http://127.0.0.1:{front.getsockname()[1]}"
    async with serving(service, behind), serving(app, front), httpx.AsyncClient(base_url=url) as http:
        yield http


async def test_a_request_reaches_its_service_with_the_prefix_stripped_and_told() -> None:
    async with gateway() as http:
        answer = await http.post("/intake/v1/requests?limit=5", content=b"{}", headers={"Idempotency-Key": "k"})
        host = f"127.0.0.1:{http.base_url.port}"
    assert (answer.status_code, answer.headers["etag"], answer.headers["x-position"]) == (
        201,
        '"7"',
        "oslo/request/1@7",
    )
    assert answer.json() == {
        "method": "POST",
        "path": "/v1/requests",
        "query": "limit=5",
        "prefix": "/intake",
        "host": host,
        "key": "k",
        "cookie": None,
        "body": "{}",
    }


async def test_a_path_comes_through_as_it_was_sent() -> None:
    async with gateway() as http:
        assert (await http.get("/intake/v1/places/a%2Fb%20c")).json()["path"] == "/v1/places/a%2Fb%20c"


async def test_a_service_that_is_down_gives_a_problem_document() -> None:
    async with gateway() as http:
        answer = await http.get("/matching/v1/searches")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["rule"] == "service_away"


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/around", 200), ("/elsewhere", 404)])
async def test_two_pages_are_all_there_is_beside_the_services(path: str, status: int) -> None:
    async with gateway() as http:
        assert (await http.get(path)).status_code == status


async def test_the_first_page_leads_to_the_door_of_the_site_in_its_look() -> None:
    async with gateway() as http:
        first = (await http.get("/")).text
        styles = re.findall(r'rel="stylesheet" href="([^"]+)"', first)
        looks = [(await http.get(style)).status_code for style in styles]
    assert 'href="/intake/login"' in first
    assert looks == [200]


async def test_what_is_around_is_grouped_by_service() -> None:
    async with gateway() as http:
        around = (await http.get("/around")).text
    assert (
        '<a class="ds-link" href="http://127.0.0.1/docs/intake">HTTP operations</a>' in around.split("intake</h2>")[1]
    )


async def test_nobodys_cookies_come_to_another_person() -> None:
    async with gateway() as http:
        first = await http.get("/intake/first")
        assert first.cookies["session"] == "of-whoever-asked"
        http.cookies.clear()
        assert (await http.get("/intake/second")).json()["cookie"] is None
        http.cookies.clear()
        assert (await http.get("/intake/third", headers={"Cookie": "a=b"})).json()["cookie"] == "a=b"
