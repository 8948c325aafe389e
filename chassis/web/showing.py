"""Answers that are pages: a page, an error that says what to do, and a form that came after its session had ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse, Response

from chassis.auth import Principal
from chassis.web.api import NO_PROBLEM, Refused
from chassis.web.pages import Shown
from chassis.web.rendering import Renderer
from chassis.web.static import Static
from chassis.web.view import View, may
from contracts.navigation import NAVIGATION, Way

_KNOWN_ERRORS = (400, 401, 403, 404, 422, 429, 500, 503)


@dataclass(frozen=True, slots=True)
class Showing:
    """`form_targets` are the origins a form may lead to beside this site: the issuer, when somebody logs out."""

    renderer: Renderer
    static: Static
    form_targets: str = ""

    def page(self, template: str, view: View, shown: Shown, *, status: int) -> Response:
        done = None
        if view.done is not None:
            key = f"done.{view.done}"
            done = self.renderer.say(key if self.renderer.knows(key) else "done", view.language)
        frame = {"view": view, "done": done, "ways": self.ways(view.principal), "principal": view.principal}
        return self._html(template, view.language, {**frame, "path": view.path, **shown}, status)

    def refused(self, language: str, refused: Refused, *, principal: Principal | None) -> Response:
        """What an operation refused, in its own words."""
        return self.error(language, refused.status, principal=principal, problem=refused.problem)

    def error(
        self,
        language: str,
        status: int,
        *,
        principal: Principal | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> Response:
        known = status if status in _KNOWN_ERRORS else 500 if status > 500 else 400
        return self.plain(
            "error.html",
            language,
            status=status,
            principal=principal,
            shown={"status": known, "problem": problem or NO_PROBLEM},
        )

    def expired(self, language: str, fields: Mapping[str, Sequence[str]]) -> Response:
        """Nothing that was typed is lost: it waits on this page until one has logged in again."""
        return self.plain("expired.html", language, status=401, shown={"fields": fields})

    def plain(
        self,
        template: str,
        language: str,
        *,
        status: int = 200,
        principal: Principal | None = None,
        shown: Shown | None = None,
    ) -> Response:
        """A page that no operation is asked for."""
        frame = {"path": "", "done": None, "view": None, "principal": principal, "ways": self.ways(principal)}
        return self._html(template, language, {**frame, **(shown or {})}, status)

    def ways(self, principal: Principal | None) -> tuple[Way, ...]:
        """Of the navigation, what this caller can use."""
        if principal is None:
            return ()
        return tuple(
            way
            for way in NAVIGATION
            if all(may(principal, scope) for scope in way.needs) and (principal.person_id is not None or not way.is_own)
        )

    def _html(self, template: str, language: str, shown: Shown, status: int) -> Response:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"form-action 'self' {self.form_targets}; base-uri 'none'; frame-ancestors 'none'"
        )
        headers = {
            "Content-Security-Policy": policy.replace(" ;", ";"),
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "Content-Language": language,
            "Vary": "Cookie, Accept-Language, HX-Request",
        }
        return HTMLResponse(self.renderer.draw(template, language, shown), status, headers=headers)
