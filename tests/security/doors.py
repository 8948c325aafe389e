"""Every door of the platform: the operations of the four services, as their route tables have them, and its rule."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from fastapi import FastAPI

from chassis.http import create_app
from chassis.http.operations import OPEN_PATHS
from chassis.http.routes import routes_of, scopes_of
from chassis.keyring import MemoryKeyring
from chassis.observability import Health
from contracts.publish.offline import built
from contracts.topics import SERVICES
from tests.security.bodies import body_of
from tests.support.forged_tokens import issuer

Json = dict[str, Any]


UNKNOWN = {"volunteering_id": "nobody-has-it_walking-friends"}  # the id of a person and a programme


@dataclass(frozen=True, slots=True)
class Door:
    """One method on one path; any one of `scopes` opens it, none means that it stands open."""

    service: str
    method: str
    path: str
    scopes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def is_open(self) -> bool:
        return self.path in OPEN_PATHS

    def address(self, **names: str) -> str:
        """The path with an id for each parameter: the one that is named, else one that nobody has."""
        found = self.path
        for name in self.names:
            found = found.replace(f"{{{name}}}", names.get(name, UNKNOWN.get(name, "nobody-has-it")))
        return found

    @property
    def names(self) -> list[str]:
        """Of the ids in its path."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def body(self) -> Any:
        """One that it would understand."""
        document = app_of(self.service).openapi()
        return body_of(document, document["paths"].get(self.path, {}).get(self.method.lower(), {}))


@cache
def app_of(service: str) -> FastAPI:
    """The whole application as it is served, on adapters that connect to nothing: what it refuses, it refuses alone."""
    with TemporaryDirectory() as scratch:
        parts = built(service, Path(scratch))
        return create_app(
            service,
            parts.routers,
            verifier=issuer.verifier(),
            health=Health(),
            derive_key=MemoryKeyring().derive_key,
            sentences=parts.sentences,
        )


def client_of(service: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app_of(service), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{service}.test")


@cache
def doors() -> tuple[Door, ...]:
    return tuple(
        Door(service, method, str(route.path_format), scopes_of(route.dependant) or ())
        for service in SERVICES
        for route in routes_of(app_of(service))
        for method in sorted(route.methods or ())
    )


def closed_doors() -> list[Door]:
    return [door for door in doors() if not door.is_open]


def all_scopes() -> frozenset[str]:
    """Every scope that opens anything anywhere."""
    return frozenset(scope for door in doors() for scope in door.scopes)
