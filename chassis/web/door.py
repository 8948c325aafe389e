"""The site's door: logging in and out, and the language somebody reads."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from chassis.auth import IssuerAway, TokenVerifier, Unauthenticated
from chassis.http.sentences import LANGUAGES, spoken_language
from chassis.web.login import OpenIdClient
from chassis.web.same_origin import is_same_origin, local_path
from chassis.web.session import CookieJar, Login, Session

if TYPE_CHECKING:
    from chassis.web.showing import Showing

log = structlog.get_logger()

_LANGUAGE = "kobling-language"
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Door:
    """`site` is the public address without a path; `home` is the service's place on it: `/intake`."""

    site: str
    home: str
    cookies: CookieJar
    clients: Sequence[OpenIdClient]
    verifier: TokenVerifier

    def routes(self, showing: Showing) -> list[BaseRoute]:
        async def log_in(request: Request) -> Response:
            return await self._log_in(request, showing)

        async def back(request: Request) -> Response:
            return await self._back(request, showing)

        async def log_out(request: Request) -> Response:
            return await self._log_out(request, showing)

        async def logged_in(request: Request) -> Response:
            return showing.plain("logged-in.html", self.language(request))

        return [
            Route("/logged-in", logged_in),
            Route("/login", log_in),
            Route("/login/back", back),
            Route("/logout", log_out, methods=["POST"]),
            Route("/language/{language}", self._choose_language),
        ]

    def language(self, request: Request) -> str:
        """The one that was chosen, else the best of what the browser asks for."""
        chosen = request.cookies.get(_LANGUAGE)
        return chosen if chosen in LANGUAGES else spoken_language(request.headers.get("Accept-Language"))

    def is_from_here(self, request: Request) -> bool:
        return is_same_origin(request, site=self.site)

    def knock(self, request: Request) -> Response:
        """Log in first, and come back to where one was going."""
        if request.headers.get("HX-Request") == "true":
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        query = f"?{request.url.query}" if request.url.query else ""
        back = urlencode({"back": f"{self.home}{request.url.path}{query}"})
        return RedirectResponse(f"{self.home}/login?{back}", 303)

    async def _log_in(self, request: Request, showing: Showing) -> Response:
        back = local_path(request.query_params.get("back", ""), otherwise=f"{self.home}/")
        client = self._chosen(request.query_params.get("at"))
        if client is None:
            return showing.plain("choose.html", self.language(request), shown={"clients": self.clients, "back": back})
        try:
            begun = await client.begin(language=self.language(request))
        except IssuerAway:
            return showing.error(self.language(request), 503)
        response = RedirectResponse(begun.address, 303)
        kept = {"state": begun.state, "verifier": begun.verifier}
        self.cookies.keep_login(response, client_id=client.client_id, back=back, **kept)
        return response

    def _chosen(self, client_id: str | None) -> OpenIdClient | None:
        """The way in which somebody logs in; None: they choose first."""
        if len(self.clients) == 1:
            return self.clients[0]
        return next((client for client in self.clients if client.client_id == client_id), None)

    async def _back(self, request: Request, showing: Showing) -> Response:
        """A code is only taken by the browser that asked for it: nobody is logged in as somebody else by a link."""
        login, asked = self.cookies.login(request), request.query_params
        if login is None or not secrets.compare_digest(login.state.encode(), asked.get("state", "").encode()):
            return showing.error(self.language(request), 400)
        client = self._chosen(login.client_id)
        if client is None or asked.get("iss", client.issuer) != client.issuer or "code" not in asked:
            return showing.error(self.language(request), 401)
        try:
            issued = await client.exchange(asked["code"], login.verifier)
            principal = await self.verifier.verify(issued.token)
        except Unauthenticated:
            log.info("login_refused", client=client.client_id)
            return showing.error(self.language(request), 401)
        except IssuerAway:
            return showing.error(self.language(request), 503)
        log.info("logged_in", tenant=principal.tenant, client=client.client_id)
        response = RedirectResponse(login.back, 303)
        self.cookies.keep_session(response, issued.token, client_id=client.client_id, seconds=issued.seconds)
        self.cookies.forget(response, Login)
        return response

    async def _log_out(self, request: Request, showing: Showing) -> Response:
        if not self.is_from_here(request):
            return showing.error(self.language(request), 403)
        log.info("logged_out")
        response = RedirectResponse(await self._where_it_ends(self.cookies.session(request)), 303)
        self.cookies.forget(response, Session, Login)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def _where_it_ends(self, session: Session | None) -> str:
        """The issuer's place to end its own session, when it has one, and back to the site."""
        client = None if session is None else self._chosen(session.client_id)
        ended = None if client is None else await client.end()
        if client is None or ended is None:
            return f"{self.site}/"
        after = urlencode({"client_id": client.client_id, "post_logout_redirect_uri": f"{self.site}/"})
        return f"{ended}?{after}"

    async def _choose_language(self, request: Request) -> Response:
        language = request.path_params["language"]
        response = RedirectResponse(local_path(request.query_params.get("back", ""), otherwise=f"{self.home}/"), 303)
        if language in LANGUAGES:
            secure = urlsplit(self.site).scheme == "https"
            response.set_cookie(_LANGUAGE, language, max_age=_YEAR_SECONDS, path="/", secure=secure, samesite="lax")
        return response
