"""What a service answers over HTTP: its routes behind one door, and how it is."""

from collections.abc import Collection, Sequence
from typing import Any

from fastapi import FastAPI
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure

from chassis.auth import IssuerKeys, TokenVerifier, Trusted
from chassis.consumer import Consumers
from chassis.grants import StoredGrants
from chassis.http import Limits, Rate, create_app
from chassis.observability import Check, Health
from chassis.oversight import Oversight
from chassis.service.composition import Access, Role, Runtime, Service
from chassis.settings import Settings
from chassis.timers import TimerRunner

Json = dict[str, Any]


def answering_app(
    name: str,
    service: Service | None,
    trusted: Sequence[tuple[Trusted, IssuerKeys]],
    *,
    runtime: Runtime,
    health: Health,
    database: AsyncDatabase[Json],
) -> FastAPI:
    """Without a service it answers only what operators ask every process."""
    access = service.access if service else None
    return create_app(
        name,
        service.routers if service else (),
        verifier=TokenVerifier(trusted),
        health=health,
        derive_key=runtime.keyring.derive_key,
        sentences=service.sentences if service else None,
        away=(ConnectionFailure,),
        limits=_limits(runtime.settings),
        trail=runtime.trail,
        clock=runtime.clock,
        grants=_grants(access, runtime) if access else None,
        belongings=access.belongings if access else None,
        oversight=_oversight(service, runtime, database),
    )


def _oversight(service: Service | None, runtime: Runtime, database: AsyncDatabase[Json]) -> Oversight:
    timers = service.timers if service else ()
    return Oversight(database, timers, runtime.read_models, runtime.clock, runtime.settings.namespace)


def _grants(access: Access, runtime: Runtime) -> StoredGrants:
    known = runtime.read_models
    return StoredGrants(known, access.grants, keyring=runtime.keyring, clock=runtime.clock, roles=access.roles)


def _limits(settings: Settings) -> Limits:
    return Limits(
        caller=Rate(settings.caller_per_second, settings.caller_burst),
        tenant=Rate(settings.tenant_per_second, settings.tenant_burst),
    )


def health_of(issuers: Sequence[IssuerKeys], database: AsyncDatabase[Json]) -> Health:
    async def issuer() -> str | None:
        """Well when one of them was read: the outage of one login does not close the service to all others."""
        faults = [await keys.check() for keys in issuers]
        return None if None in faults else faults[0]

    async def mongo() -> str | None:
        await database.client.admin.command("ping")
        return None

    health = Health()
    health.register("mongo", "MongoDB answers a ping", mongo)
    health.register("issuer", "the keys of a token issuer are known", issuer)
    return health


def watch_parts(health: Health, roles: Collection[Role], consumers: Consumers, timers: TimerRunner) -> None:
    if Role.CONSUMER in roles:
        health.register("consumers", "every consumer has its partitions", _consuming(consumers))
    if Role.TIMERS in roles:
        health.register("timers", "no timer is overdue", timers.check, is_needed=False)


def _consuming(consumers: Consumers) -> Check:
    async def check() -> str | None:
        return None if consumers.is_ready() else "not_assigned"

    return check
