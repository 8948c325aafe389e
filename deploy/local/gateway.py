"""One port in front of everything: services by their name, issuer, mailbox and a first page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from deploy.local.page import LOOK, Links, first_page, groups_of_links, page

# Headers about one connection, not about the message (RFC 9110 7.6.1); the server on each side sets its own.
_HOP_BY_HOP = {
    *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    *("proxy-authenticate", "proxy-authorization"),
}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_gateway(services: Mapping[str, str], mounted: Mapping[str, Starlette], *, links: Links) -> Starlette:
    """`/<service>/…` goes to the service's own address with the prefix stripped; `mounted` answer in this process.

    `links` are those of the page of what is around. The first page leads to the door of the first service.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        timeout = httpx.Timeout(10, read=None)  # a stream of events may be silent for long
        # One client passes on everybody's requests: a cookie it kept of one answer would log others in as that person.
        forgetful = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
        async with httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False, cookies=forgetful) as client:
            app.state.client = client
            yield

    async def begin(_: Request) -> Response:
        return HTMLResponse(first_page(f"/{next(iter(services))}" if services else ""))

    async def around(_: Request) -> Response:
        return HTMLResponse(page("What is around", groups_of_links(links)))

    routes: list[Route | Mount] = [
        Route("/", begin),
        Route("/around", around),
        Route("/look/static/{name}", LOOK.answer),
    ]
    routes += [Mount(f"/{name}", app=app) for name, app in mounted.items()]
    routes += [
        Route(f"/{name}/{{path:path}}", _forward_to(name, address), methods=_METHODS)
        for name, address in services.items()
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _forward_to(name: str, address: str) -> Callable[[Request], Awaitable[Response]]:
    async def forward(request: Request) -> Response:
        client: httpx.AsyncClient = request.app.state.client
        # The path as it was sent: a decoded one would lose the difference between %2F and a slash.
        raw_path = request.scope["raw_path"].removeprefix(f"/{name}".encode())
        url = httpx.URL(address).copy_with(raw_path=raw_path + _query(request))
        outgoing = client.build_request(request.method, url, headers=_forwarded(request, name), content=_body(request))
        try:
            answer = await client.send(outgoing, stream=True)
        except httpx.TransportError:
            return _away(name)
        headers = [(k, v) for k, v in answer.headers.raw if k.decode().lower() not in _HOP_BY_HOP]
        response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = headers
        return response

    return forward


def _query(request: Request) -> bytes:
    query: bytes = request.scope["query_string"]
    return b"?" + query if query else b""


def _body(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None


def _forwarded(request: Request, name: str) -> list[tuple[bytes, bytes]]:
    own = {
        "x-forwarded-prefix": f"/{name}",
        "x-forwarded-host": request.headers.get("host", ""),
        "x-forwarded-proto": request.url.scheme,
        "x-forwarded-for": request.client.host if request.client else "",
    }
    kept = [(k, v) for k, v in request.headers.raw if k.decode().lower() not in _HOP_BY_HOP | own.keys()]
    return [*kept, *((k.encode(), v.encode()) for k, v in own.items())]


def _away(name: str) -> Response:
    problem = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "rule": "service_away",
        "detail": f"The service {name} does not answer; it is starting or being restarted.",
    }
    return JSONResponse(problem, 503, headers={"Retry-After": "1"}, media_type="application/problem+json")
