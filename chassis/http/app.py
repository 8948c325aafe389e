"""The one way to make a service's HTTP application."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from chassis.audit import Trail
from chassis.auth import TokenVerifier
from chassis.clock import Clock, SystemClock
from chassis.http.cursors import Cursors, DeriveKey
from chassis.http.edge import Edge
from chassis.http.limits import Limits
from chassis.http.openapi import complete
from chassis.http.operations import OPEN_PATHS, operations
from chassis.http.overseeing import overseeing
from chassis.http.problems import add_problem_handlers
from chassis.http.reaching import Belongings
from chassis.http.routes import Route, operation_id, routes_of, scopes_of
from chassis.http.sentences import CHASSIS_SENTENCES, Sentences
from chassis.http.state import Grants, HttpState
from chassis.observability import Health, tracing_is_on
from chassis.oversight import Oversight

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    service: str,
    routers: Sequence[APIRouter],
    *,
    verifier: TokenVerifier,
    health: Health,
    derive_key: DeriveKey,
    sentences: Path | None = None,
    away: Sequence[type[Exception]] = (),
    limits: Limits | None = None,
    trail: Trail | None = None,
    clock: Clock | None = None,
    grants: Grants | None = None,
    belongings: Belongings | None = None,
    oversight: Oversight | None = None,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The service's routes with everything of this package around them.

    `derive_key(tenant, purpose)` gives 32 bytes that all processes of the service share: `Keyring.derive_key`.
    `sentences` is the service's translations, `limits` what a caller may ask at once (None: anything),
    `away` the drivers' errors that mean an engine does not answer (503). `trail` remembers who saw or changed what
    about whom, at which time of `clock`; only tests of something else do without. `grants` knows the roles of callers,
    `belongings` in which programme things are, for roles that are granted for one.
    `oversight` is what operators see of the service.
    Raises ValueError for a route without a caller: nothing but health is open.
    """
    app = FastAPI(
        title=f"Kobling {service}",
        version="1",
        openapi_url=None,  # FastAPI's own is open to all, and its pages load scripts from a CDN
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        telemetry={"tracing": tracing_is_on(), "metrics": False, "logs": False},
    )
    for router in [*routers, operations(health), overseeing(health)]:
        app.include_router(router)
    _check_closed(app)
    app.state.kobling = HttpState(
        service=service,
        verifier=verifier,
        derive_key=derive_key,
        trail=trail,
        clock=clock or SystemClock(),
        cursors=Cursors(derive_key),
        sentences=Sentences.read(*filter(None, (CHASSIS_SENTENCES, sentences))),
        limits=limits,
        grants=grants,
        belongings=belongings or {},
        oversight=oversight,
    )
    add_problem_handlers(app, away)
    app.add_middleware(Edge, service=service)
    app.openapi = _once(app)  # type: ignore[method-assign]  # FastAPI's documented way to change the document
    return app


def _once(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete(app)
        return app.openapi_schema

    return openapi


def _check_closed(app: FastAPI) -> None:
    for route in routes_of(app):
        if not isinstance(route.original_route, Route):
            raise ValueError(f"{route.path} is not made by chassis.http.Router: it would read a body before a token")  # noqa: TRY004
        if scopes_of(route.original_route.dependant) is None and route.path not in OPEN_PATHS:
            raise ValueError(f"{route.path} has no caller(...): nothing but health is open")
