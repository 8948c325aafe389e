"""Everything on one machine: engines, topics, issuer, mailbox, the services, and one port in front."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.topics import EVENT_TOPICS, SERVICES, Topic, topics_of_tenant
from deploy.local.engines import Engines, start_engines
from deploy.local.gateway import create_gateway
from deploy.local.issuer import Directory, create_issuer, read_directory
from deploy.local.mailbox import Letters, create_mailbox, listening
from deploy.local.ports import HOST, free_port
from deploy.local.progress import OnProgress, Progress
from deploy.local.serving import bind, serving
from deploy.local.supervisor import Program, Supervisor
from deploy.topics import apply_topics

_READY_SECONDS = 90.0
_ENGINES_WATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything is; `url` is the one port in front of it."""

    url: str
    issuer: str
    engines: Engines
    smtp: str
    clock_file: Path
    supervisor: Supervisor

    def service(self, name: str) -> str:
        return f"{self.url}/{name}"

    @property
    def mailbox(self) -> str:
        return f"{self.url}/mailbox"


@asynccontextmanager
async def local_stack(
    root: Path, *, port: int, on_progress: OnProgress, fresh: bool = False, services: Sequence[str] = SERVICES
) -> AsyncIterator[Stack]:
    """Start everything, yield when every service is ready, stop everything in the opposite order.

    State is in `<root>/data`, logs in `<root>/logs`; `fresh` empties the state first. Raises StackProblem.
    """
    async with AsyncExitStack() as exits:
        listener = exits.enter_context(bind(port, what="the gateway"))
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        engines = await _engines(root, fresh, on_progress, exits)
        directory = read_directory()
        letters = Letters(root / "data" / "mailbox")
        smtp = await exits.enter_async_context(listening(letters))
        supervisor = Supervisor(lambda text: on_progress(Progress(text)))
        stack = Stack(url, f"{url}/issuer", engines, smtp, root / "data" / "clock", supervisor)
        ports = {name: free_port() for name in services}
        issuer = create_issuer(stack.issuer, key_file=root / "data" / "issuer" / "key.pem", directory=directory)
        gateway = create_gateway(
            {name: f"http://{HOST}:{service_port}" for name, service_port in ports.items()},
            {"issuer": issuer, "mailbox": create_mailbox(letters)},
            links=links_of(stack, services),
        )
        await exits.enter_async_context(serving(gateway, listener))
        await apply_topics(engines.kafka, _topics(directory))
        exits.push_async_callback(supervisor.stop)
        on_progress(Progress(f"Starting {', '.join(services)}"))
        for name in services:
            supervisor.start(_program(stack, name, port=ports[name], root=root))
        await supervisor.wait_until_ready(seconds=_READY_SECONDS)
        watch = asyncio.create_task(_keep_engines(engines, on_progress))
        exits.push_async_callback(_cancel, watch)
        yield stack


def links_of(stack: Stack, services: Sequence[str]) -> dict[str, str]:
    """The addresses of the start page, by what they lead to."""
    documents = {f"{name}: API documentation": f"{stack.service(name)}/docs" for name in services}
    return {
        **documents,
        "Mailbox": f"{stack.mailbox}/",
        "Issuer": f"{stack.issuer}/.well-known/openid-configuration",
    }


async def _engines(root: Path, fresh: bool, on_progress: OnProgress, exits: AsyncExitStack) -> Engines:
    starting = asyncio.create_task(asyncio.to_thread(start_engines, root, fresh=fresh, on_progress=on_progress))
    try:
        engines = await asyncio.shield(starting)
    except asyncio.CancelledError:  # Ctrl-C while they start: what has started is stopped in order
        (await starting).stop()
        raise
    exits.push_async_callback(asyncio.to_thread, engines.stop)
    return engines


async def _keep_engines(engines: Engines, on_progress: OnProgress) -> None:
    """An engine that dies is started again on its port and data; the services reconnect by themselves."""
    while True:
        await asyncio.sleep(_ENGINES_WATCH_SECONDS)
        if not engines.is_kafka_running:
            on_progress(Progress("Kafka ended; starting it again"))
            await asyncio.to_thread(engines.start_kafka)
        if not engines.is_mongo_running:
            on_progress(Progress("MongoDB ended; starting it again"))
            await asyncio.to_thread(engines.start_mongo)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _topics(directory: Directory) -> list[Topic]:
    return [*EVENT_TOPICS, *(topic for tenant in directory.tenants() for topic in topics_of_tenant(tenant))]


def _program(stack: Stack, name: str, *, port: int, root: Path) -> Program:
    """`python -m services.<name>`, told everything by its environment; settings of the outside do not leak in."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("KOBLING_")}
    level = {key: value for key, value in os.environ.items() if key == "KOBLING_LOG_LEVEL"}
    settings = {
        "KOBLING_KAFKA": stack.engines.kafka,
        "KOBLING_MONGO": stack.engines.mongo,
        "KOBLING_KMS_DIR": str(root / "data" / "kms"),
        "KOBLING_ISSUER": stack.issuer,
        "KOBLING_SMTP": stack.smtp,
        "KOBLING_HOST": HOST,
        "KOBLING_PORT": str(port),
        "KOBLING_CLOCK_FILE": str(stack.clock_file),
    }
    return Program(
        name=name,
        command=(sys.executable, "-m", f"services.{name}"),
        env={**outside, **level, **settings},
        log=root / "logs" / f"{name}.log",
        ready_url=f"http://{HOST}:{port}/readyz",
    )
