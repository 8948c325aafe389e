"""The services put together with no engine running, so that architecture tests can look at what they are made of."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi.routing import RouteContext

from chassis.http.routes import routes_of
from chassis.projection import Projection
from chassis.reaction import Reaction
from chassis.service import Service
from chassis.web.operations import PAGES as OPERATIONS
from chassis.web.pages import all_pages
from contracts.publish.offline import app_of, built
from contracts.topics import SERVICES


@cache
def service(name: str) -> Service:
    """What the composition root of this service gives back."""
    with TemporaryDirectory() as scratch:
        found: Service = built(name, Path(scratch))
    return found


@cache
def routes(name: str) -> tuple[RouteContext, ...]:
    """Every route of the service's HTTP application, those of the chassis too."""
    return tuple(routes_of(app_of(name, service(name))))


def projections(name: str) -> list[Projection]:
    """The read models of a service, and its timers, which are read models too."""
    return [*service(name).projections, *(plan.projection for plan in service(name).timers)]


def readers(name: str) -> Iterator[Projection | Reaction]:
    """Whatever in a service reads events."""
    yield from projections(name)
    yield from service(name).reactions


def pages_of_all() -> list[str]:
    """Where every page of the site is, with places for ids: `/intake/requests/{request_id}`."""
    return [f"/{name}{page.path}" for name in SERVICES for page in all_pages((*service(name).pages, *OPERATIONS))]
