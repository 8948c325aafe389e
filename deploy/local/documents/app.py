"""Documents of running services under one address. The services ask for a token; here everybody may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

import contracts
from deploy.local.documents.pages import events_page, index_page, operations_page

PUBLISHED = Path(contracts.__file__).parent / "published" / "asyncapi"
_TIMEOUT_SECONDS = 5


def create_documents(services: Mapping[str, str], *, token: Callable[[], str]) -> Starlette:
    """`/<service>`: its HTTP operations; `/<service>/events`: what it publishes and reads; `/<service>/metrics`.

    The documents as JSON: `/<service>/openapi.json`, `/<service>/asyncapi.json`. `services` are addresses by name,
    `token` gives one with the scope operations:read.
    """

    async def index(_: Request) -> Response:
        return HTMLResponse(index_page(list(services)))

    routes = [Route("/", index)]
    for name, address in services.items():
        documents = _Documents(name, address, token)
        routes += [
            Route(f"/{name}", documents.operations),
            Route(f"/{name}/openapi.json", documents.openapi),
            Route(f"/{name}/metrics", documents.metrics),
            Route(f"/{name}/events", documents.events),
            Route(f"/{name}/asyncapi.json", documents.asyncapi),
        ]
    return Starlette(routes=routes)


class _Documents:
    """The documents of one service."""

    def __init__(self, name: str, address: str, token: Callable[[], str]) -> None:
        self._address, self._token = address, token
        self._published = PUBLISHED / f"{name}.json"

    async def operations(self, _: Request) -> Response:
        answer = await self._ask("/openapi.json")
        return HTMLResponse(operations_page(answer.json())) if answer.is_success else _passed_on(answer)

    async def openapi(self, _: Request) -> Response:
        return _passed_on(await self._ask("/openapi.json"))

    async def metrics(self, _: Request) -> Response:
        return _passed_on(await self._ask("/metrics"))

    async def events(self, _: Request) -> Response:
        return HTMLResponse(events_page(self._published.read_bytes()))

    async def asyncapi(self, _: Request) -> Response:
        return Response(self._published.read_bytes(), media_type="application/json")

    async def _ask(self, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            try:
                return await http.get(f"{self._address}{path}", headers=headers)
            except httpx.TransportError:
                return httpx.Response(503, text="The service does not answer.")


def _passed_on(answer: httpx.Response) -> Response:
    media_type = answer.headers.get("content-type", "text/plain")
    return PlainTextResponse(answer.content, answer.status_code, media_type=media_type)
