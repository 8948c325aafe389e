"""A service put together: the adapters the chassis brings, and what the service's composition root builds on them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit import WitnessedKeyring
from chassis.audit.checkpoints import Checkpoints, Notary
from chassis.audit.mongo import MongoTrail
from chassis.audit.seals import CommitSealer
from chassis.audit.signing import FileSigner
from chassis.auth import IssuerKeys
from chassis.clock import Clock, ShiftedClock, SystemClock
from chassis.command_handler import CommandHandler
from chassis.consumer import Consumers
from chassis.erasures import ErasureLedger
from chassis.erasures import apply as apply_erasures
from chassis.event_store.mongo import MongoEventStore, OnAppend
from chassis.keyring import MongoKeyring, kms_of
from chassis.publisher import Publisher
from chassis.read_models import ReadModels
from chassis.relay import Relay
from chassis.service.answering import answering_app, health_of, watch_parts
from chassis.service.composition import ALL_ROLES, Build, Role, Runtime, Service
from chassis.settings import Settings
from chassis.timers import TimerRunner
from chassis.transient import until_done
from chassis.web.building import add_site
from chassis.web.live import Changes
from chassis.web.operations import PAGES as OPERATIONS
from contracts.topics import events_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Application:
    """A service that is ready to run: `app` answers HTTP, `run_parts` does the rest until it is cancelled."""

    app: FastAPI
    runtime: Runtime
    database: AsyncDatabase[Json]
    consumers: Consumers
    parts: Sequence[Callable[[], Awaitable[None]]]

    async def run_parts(self) -> None:
        async with asyncio.TaskGroup() as group:
            for part in self.parts:
                group.create_task(_awaited(part()), name=part.__qualname__)


@asynccontextmanager
async def application(
    name: str,
    build: Build,
    settings: Settings,
    *,
    roles: Collection[Role] = ALL_ROLES,
    http: httpx.AsyncClient | None = None,
) -> AsyncIterator[Application]:
    """Connect, wait until the database answers, and put the service together. Closes every connection at the end.

    `http` reaches the issuer; tests hand in one that answers in process. The indexes stand before anything is
    answered: without them two appends could both win.
    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(_mongo_client(settings.mongo, name))
        database = client[settings.database_name(name)]
        clock = _clock(settings)
        trail, notary = await _audit(stack, database, name, settings)
        topic = settings.topic_name(events_of(name))
        relay = Relay(database, name, settings.brokers, topic=topic, seal=CommitSealer(trail, clock))
        store = await _store(stack, database, on_append=relay.offer if Role.RELAY in roles else None)
        keyring, erasures = await _keyring(stack, name, settings)
        publisher = Publisher(settings.brokers, namespace=settings.namespace)
        stack.push_async_callback(publisher.aclose)
        runtime = Runtime(
            settings=settings,
            clock=clock,
            commands=CommandHandler(store, clock),
            read_models=ReadModels(database, clock=clock),
            keyring=WitnessedKeyring(keyring),
            publisher=publisher,
            trail=trail,
            erasures=erasures,
        )
        service = await _built(build, runtime, database)
        consumers = _consumers(name, service, runtime, database)
        timers = TimerRunner(database, service.timers, service=name, clock=clock, read_models=runtime.read_models)
        parts = {Role.RELAY: relay.run, Role.CONSUMER: consumers.run, Role.TIMERS: _timers(timers, clock)}
        running = [run for role, run in parts.items() if role in roles]
        changes = Changes(database)
        web = await stack.enter_async_context(http or httpx.AsyncClient(timeout=5))
        trusted = [(entry, IssuerKeys(entry.issuer, web)) for entry in settings.trusted]
        health = health_of([keys for _, keys in trusted], database)
        watch_parts(health, roles, consumers, timers)
        answering = service if Role.API in roles else None
        app = answering_app(name, answering, trusted, runtime=runtime, health=health, database=database)
        if settings.site is not None and Role.API in roles:
            add_site(app, (*service.pages, *OPERATIONS), settings=settings, http=web, changes=changes, clock=clock)
        yield Application(
            app=app,
            runtime=runtime,
            database=database,
            consumers=consumers,
            parts=[*running, *_companions(service, notary, changes, roles=roles)],
        )


def _companions(
    service: Service, notary: Notary, changes: Changes, *, roles: Collection[Role]
) -> list[Callable[[], Awaitable[None]]]:
    """Who answers and who relays writes the trail, and signs what it wrote."""
    companions = [*service.companions, changes.run] if Role.API in roles else []
    return [*companions, notary.run] if {Role.API, Role.RELAY} & set(roles) else companions


async def _store(
    stack: AsyncExitStack, database: AsyncDatabase[Json], *, on_append: OnAppend | None
) -> MongoEventStore:
    store = MongoEventStore(database, on_append=on_append)
    stack.push_async_callback(store.aclose)
    await until_done(store.prepare, what="event_store")
    return store


async def _audit(
    stack: AsyncExitStack, database: AsyncDatabase[Json], name: str, settings: Settings
) -> tuple[MongoTrail, Notary]:
    """The trail, and who signs it. At the end what is under way is chained first and signed then."""
    notary = Notary(Checkpoints(settings.checkpoints_dir, FileSigner(settings.kms_dir)))
    stack.push_async_callback(notary.sign)
    trail = MongoTrail(database, name, on_chained=notary.on_chained)
    stack.push_async_callback(trail.aclose)
    await until_done(trail.prepare, what="audit_trail")
    notary.on_chained(await trail.heads())
    return trail, notary


async def _keyring(stack: AsyncExitStack, name: str, settings: Settings) -> tuple[MongoKeyring, ErasureLedger]:
    client = await stack.enter_async_context(_mongo_client(settings.keyring_mongo or settings.mongo, name))
    database = client[settings.database_name("keyring")]
    keyring = MongoKeyring(database, kms_of(settings.kms, settings.kms_dir))
    await until_done(keyring.prepare, what="keyring")
    return keyring, ErasureLedger(database, settings.kms_dir)


async def _built(build: Build, runtime: Runtime, database: AsyncDatabase[Json]) -> Service:
    """The service; whoever was erased is so before it answers anything (S2.3)."""
    service = build(runtime)
    await until_done(lambda: _erase_again(runtime, service, database), what="erasures")
    return service


async def _erase_again(runtime: Runtime, service: Service, database: AsyncDatabase[Json]) -> None:
    """Whoever was erased is so before anything is answered, also from a restored backup (S2.3)."""
    for erasure in await apply_erasures(runtime.erasures, runtime.keyring, database, service.projections):
        if service.erased_again is not None:
            await service.erased_again(erasure)


def _mongo_client(uri: str, service: str) -> AsyncMongoClient[Json]:
    return AsyncMongoClient(
        uri,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        appname=f"kobling-{service}",
        serverSelectionTimeoutMS=5000,
    )


def _clock(settings: Settings) -> Clock:
    return SystemClock() if settings.clock_file is None else ShiftedClock(settings.clock_file)


def _timers(timers: TimerRunner, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Where the clock may be moved, timers look at once when it was: a year is played without waiting."""
    if not isinstance(clock, ShiftedClock):
        return timers.run
    moved = clock

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(timers.run())
            while True:
                await moved.until_moved()
                timers.wake()

    return run


def _consumers(name: str, service: Service, runtime: Runtime, database: AsyncDatabase[Json]) -> Consumers:
    return Consumers(
        name,
        runtime.settings.brokers,
        database,
        namespace=runtime.settings.namespace,
        read_models=runtime.read_models,
        projections=[*service.projections, *(plan.projection for plan in service.timers)],
        reactions=service.reactions,
        inbounds=service.inbounds,
    )


async def _awaited(work: Awaitable[None]) -> None:
    await work
