"""The pages of one service put together: routes, log-in, forms, and what is shown when something is in the way."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

import httpx
import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from chassis.auth import Principal, TokenVerifier, Unauthenticated
from chassis.auth.trust import JOIN
from chassis.clock import Clock
from chassis.http.correlation import correlation_id_of
from chassis.http.state import Grants
from chassis.refusal import Refusal
from chassis.web.actions import Operations, is_id
from chassis.web.api import Api, Refused
from chassis.web.door import Door
from chassis.web.forms import read_fields
from chassis.web.live import Changes
from chassis.web.pages import Action, Download, Page
from chassis.web.showing import Showing
from chassis.web.view import Tried, View
from contracts.navigation import WELCOME

log = structlog.get_logger()

Answer = Callable[[Request], Awaitable[Response]]
Inside = Callable[[View, dict[str, str]], Awaitable[Response]]

_WATCHED = re.compile(r"[a-z-]{1,60}(,[a-z-]{1,60}){0,19}")
_OWN_QUERY = ("done", "at")


class _Rest(Route):
    """Whatever no page is; what no operation is stays a problem document, since a program asked."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if scope["path"].startswith("/v1/") else super().matches(scope)


@dataclass(frozen=True, slots=True)
class Site:
    """`app` is the service's whole application: its operations are what pages ask and do."""

    service: str
    pages: Sequence[Page]
    downloads: Sequence[Download]
    app: FastAPI
    verifier: TokenVerifier
    grants: Grants | None
    door: Door
    showing: Showing
    changes: Changes
    clock: Clock

    def routes(self) -> list[BaseRoute]:
        """Raises ValueError for a form of an operation that is not there."""
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False), base_url="http://in-process"
        )
        operations = Operations(self.app)
        routes: list[BaseRoute] = [
            *self.door.routes(self.showing),
            Route("/live", self._live),
            Route("/static/{name}", self.showing.static.answer),
        ]
        for page in self.pages:
            routes.append(Route(page.path, self._inside(http, partial(self.draw, page))))
            for action in page.actions.values():
                actor = _Actor(self, page, action, operations, http)
                routes.append(Route(f"{page.path}/{action.name}", self._as_page(actor.answer), methods=["POST"]))
        routes += [Route(each.path, self._inside(http, partial(self._give, each))) for each in self.downloads]
        return [*routes, Route("/", self._as_page(self._home)), _Rest("/{path:path}", self._nothing)]

    async def principal(self, request: Request) -> Principal:
        """Raises Unauthenticated, IssuerAway."""
        return (await self._entered(request))[1]

    async def _entered(self, request: Request) -> tuple[str, Principal]:
        """The token of the session, and whose it is."""
        session = self.door.cookies.session(request)
        if session is None:
            raise Unauthenticated()
        principal = await self.verifier.verify(session.token)
        return session.token, principal if self.grants is None else await self.grants.known(principal)

    async def draw(self, page: Page, view: View, ids: dict[str, str], *, status: int = 200) -> Response:
        if not view.may(*page.scopes):
            return self.showing.error(view.language, 403, principal=view.principal)
        try:
            shown = await page.draw(view, **ids)
        except Refused as refused:
            return self.showing.refused(view.language, refused, principal=view.principal)
        return self.showing.page(page.template, view, shown, status=status)

    async def view(self, request: Request, http: httpx.AsyncClient, *, path: str = "") -> View:
        """`path` is the page's own, where the request is for one of its forms. Raises Unauthenticated, IssuerAway."""
        token, principal = await self._entered(request)
        language = self.door.language(request)
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept-Language": language,
            "X-Correlation-Id": correlation_id_of(request.scope),
        }
        return View(
            service=self.service,
            path=f"/{self.service}{path or request.url.path}",
            query={name: value for name, value in request.query_params.items() if name not in _OWN_QUERY},
            principal=principal,
            language=language,
            api=Api(http, headers, at_least=request.query_params.get("at")),
            now=self.clock.now(),
            done=request.query_params.get("done"),
        )

    def _as_page(self, answer: Answer) -> Answer:
        """Whatever breaks or is away on the way to a page, people read a page about it."""

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except Refusal as refusal:
                return self.showing.error(self.door.language(request), refusal.status)
            except Exception:
                log.exception("page_failed", service=self.service)
                return self.showing.error(self.door.language(request), 500)

        return answered

    def _inside(self, http: httpx.AsyncClient, answer: Inside) -> Answer:
        """For who has logged in: others knock first, and an address that could lead elsewhere is none."""

        async def entered(request: Request) -> Response:
            ids = dict(request.path_params)
            if not all(is_id(value) for value in ids.values()):
                return self.showing.error(self.door.language(request), 404)
            try:
                view = await self.view(request, http)
            except Unauthenticated:
                return self.door.knock(request)
            return await answer(view, ids)

        return self._as_page(entered)

    async def _give(self, download: Download, view: View, ids: dict[str, str]) -> Response:
        try:
            content, kind = await view.api.file(download.to.format_map(ids), view.query)
        except Refused as refused:
            return self.showing.refused(view.language, refused, principal=view.principal)
        named = {"Content-Disposition": f'attachment; filename="{download.filename}"', "Cache-Control": "no-store"}
        return Response(content, media_type=kind, headers=named)

    async def _live(self, request: Request) -> Response:
        watched = request.query_params.get("watch", "")
        if not _WATCHED.fullmatch(watched):
            return Response(status_code=404)
        try:
            principal = await self.principal(request)
        except Unauthenticated:
            return Response(status_code=204)  # an EventSource gives up on it
        events = self.changes.events(principal.tenant, frozenset(watched.split(",")))
        return StreamingResponse(events, media_type="text/event-stream")

    async def _home(self, request: Request) -> Response:
        try:
            principal = await self.principal(request)
        except Unauthenticated:
            return self.door.knock(request)
        if principal.has(JOIN):
            return RedirectResponse(WELCOME, 303)
        ways = self.showing.ways(principal)
        return RedirectResponse(ways[0].path, 303) if ways else self.showing.error(self.door.language(request), 403)

    async def _nothing(self, request: Request) -> Response:
        return self.showing.error(self.door.language(request), 404)


@dataclass(frozen=True, slots=True)
class _Actor:
    """Does what a form asks: once, for the caller of the session, and only from a page of this site."""

    site: Site
    page: Page
    action: Action
    operations: Operations
    http: httpx.AsyncClient

    def __post_init__(self) -> None:
        self.operations.find(self.action)

    async def answer(self, request: Request) -> Response:
        site, language = self.site, self.site.door.language(request)
        ids = dict(request.path_params)
        if not site.door.is_from_here(request) or not all(is_id(value) for value in ids.values()):
            return site.showing.error(language, 403)
        try:
            fields = read_fields(await request.body())
        except ValueError:
            return site.showing.error(language, 422)
        try:
            view = await site.view(request, self.http, path=self.page.path.format_map(ids))
        except Unauthenticated:
            return site.showing.expired(language, fields)
        return await self._done(view, ids, fields)

    async def _done(self, view: View, ids: dict[str, str], fields: dict[str, list[str]]) -> Response:
        try:
            order = self.operations.order(self.action, ids, fields)
        except ValueError:
            return self.site.showing.error(view.language, 422, principal=view.principal)
        try:
            done = await view.api.send(order.method, order.path, order.body, key=order.key, version=order.version)
        except Refused as refused:
            if refused.status == 401:
                return self.site.showing.expired(view.language, fields)
            again = replace(view, done=None, tried=Tried(self.action.name, fields, refused))
            return await self.site.draw(self.page, again, ids, status=refused.status)
        then = self.action.then or self.page.path
        query = {} if self.action.then else view.query
        marks = {"done": self.action.name, **({"at": done.position} if done.position else {})}
        answer = done.body if isinstance(done.body, dict) else {}
        return RedirectResponse(
            f"/{self.site.service}{then.format_map({**answer, **ids})}?{urlencode({**query, **marks})}", 303
        )
