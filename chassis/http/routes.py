"""Routes that know their callers: the token is checked before a byte of the body is looked at."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from email.message import Message
from enum import Enum
from typing import Annotated, Any, cast

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import StringConstraints, TypeAdapter, ValidationError
from starlette.types import Scope

from chassis.auth import MAX_TOKEN_BYTES, Principal, Unauthenticated
from chassis.auth.narrowing import narrowed_to
from chassis.http.auditing import audited, role_of
from chassis.http.reaching import reaching
from chassis.http.refusals import ScopeMissing, UnsupportedContentType
from chassis.http.state import state_of
from chassis.refusal import NotFound

log = structlog.get_logger()

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
"""An id that can be part of a stream's name."""


class AnyScope:
    """A dependency that needs a caller with one of `scopes`; its presence is what makes a route a closed one.

    `by_programme`: a list whose read models say where their programme stands, so that it can be narrowed.
    """

    def __init__(self, scopes: Sequence[str], *, by_programme: bool = False) -> None:
        if not scopes:
            raise ValueError("a route needs at least one scope")
        self.scopes = tuple(scopes)
        self.by_programme = by_programme

    async def __call__(self, request: Request) -> Principal:
        return principal_in(request)


def caller(*scopes: str, by_programme: bool = False) -> Any:
    """`who: Annotated[Principal, caller("requests:read")]`: a caller with any one of these scopes.

    Without a valid token 401, without one of the scopes 403, before anything else of the request is read. With one for
    other programmes only 404; a list that is `by_programme` shows those of the caller's programmes instead.
    """
    return Depends(AnyScope(scopes, by_programme=by_programme))


def principal_in(request: Request) -> Principal:
    """The caller of this request, verified by its route."""
    principal: Principal = request.state.principal
    return principal


def Router(prefix: str = "", *, tags: Sequence[str] = ()) -> APIRouter:  # noqa: N802 - reads as the class it makes
    """A router whose routes authenticate first and take strict JSON; create_app accepts no other."""
    kinds: list[str | Enum] = list(tags)
    return APIRouter(prefix=prefix, tags=kinds, route_class=Route, redirect_slashes=False)


class Route(APIRoute):
    """Checks in this order: token, rate, scope, content type, body; then FastAPI's own work."""

    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()
        rule = rule_of(self.dependant)
        body: TypeAdapter[Any] | None = None
        if self.body_field is not None:
            body = TypeAdapter(cast(type, self.body_field.field_info.annotation))

        async def handle(request: Request) -> Response:
            programmes: frozenset[str] | None = None
            if rule is not None:
                request.state.principal, programmes = await _admitted(request, rule)
            if body is not None:
                await _check_body(request, body)
            state = state_of(request)
            with narrowed_to(programmes):
                if rule is None or state.trail is None:
                    return await answer(request)
                who = principal_in(request)
                return await audited(
                    request,
                    answer,
                    trail=state.trail,
                    now=state.clock.now,
                    principal=who,
                    role=role_of(who, rule.scopes),
                    action=operation_id(self),
                )

        return handle


def operation_id(route: APIRoute) -> str:
    """`searches-show`: unique in a service, since a router's tag is, and so are its functions."""
    return "-".join([*map(str, route.tags[:1]), route.name])


def scopes_of(dependant: Dependant) -> tuple[str, ...] | None:
    """The scopes of which a route needs one; None when it is open. Raises ValueError for two rules on one route."""
    rule = rule_of(dependant)
    return None if rule is None else rule.scopes


def rule_of(dependant: Dependant) -> AnyScope | None:
    """Who may call a route; None when it is open. Raises ValueError for two rules on one route."""
    rules = list(_rules_of(dependant))
    if len(rules) > 1:
        raise ValueError(f"{dependant.path}: one caller(...) or commanded_by(...), not {len(rules)}")
    return rules[0] if rules else None


def _rules_of(dependant: Dependant) -> Iterator[AnyScope]:
    if isinstance(dependant.call, AnyScope):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _rules_of(inner)


def routes_of(app: FastAPI) -> Iterator[RouteContext]:
    return iter_route_contexts(app.routes)


def route_of(scope: Scope) -> str:
    """The route's template, for logs and metrics: an address as it was called may hold an id."""
    return getattr(scope.get("route"), "path", "none")


def allowed_methods(request: Request) -> list[str]:
    """Every method that some operation takes on this path (RFC 9110, 15.5.6)."""
    path = request.url.path
    found: set[str] = set()
    for route in routes_of(request.app):
        if isinstance(route.original_route, Route) and route.path_regex.match(path):
            found |= route.methods or set()
    return sorted(found)


async def _admitted(request: Request, rule: AnyScope) -> tuple[Principal, frozenset[str] | None]:
    """Raises Unauthenticated, TooManyRequests, ScopeMissing, NotFound for what is not in the caller's programmes."""
    state, principal = state_of(request), await _authenticated(request)
    if state.grants is not None:
        principal = await state.grants.known(principal)
    try:
        return await reaching(request, principal, state.belongings, scopes=rule.scopes, is_list=rule.by_programme)
    except (ScopeMissing, NotFound) as refusal:
        # Nothing was looked at, so the trail says nothing of it; operators must find who tries.
        log.warning("scope_missing", tenant=principal.tenant, actor=principal.actor, rule=refusal.rule)
        raise


async def _authenticated(request: Request) -> Principal:
    headers = request.headers.getlist("Authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_BYTES:
        raise Unauthenticated()
    state = state_of(request)
    principal = await state.verifier.verify(token)
    if state.limits is not None:
        state.limits.take(principal.tenant, principal.subject)
    return principal


async def _check_body(request: Request, shape: TypeAdapter[Any]) -> None:
    """Strictly as JSON: FastAPI would take "7" for 7, 0 for a date, and NaN."""
    body = await request.body()
    if not body:
        return
    if not _is_json(request.headers.get("Content-Type", "")):
        raise UnsupportedContentType()
    try:
        shape.validate_json(body, strict=True)
    except ValidationError as fault:
        found = [{**entry, "loc": ("body", *entry["loc"])} for entry in fault.errors(include_url=False)]
        raise RequestValidationError(found) from None


def _is_json(content_type: str) -> bool:
    message = Message()
    message["Content-Type"] = content_type
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
