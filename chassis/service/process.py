"""One process of a service: `python -m services.intake [--role api|relay|consumer|timers …]`."""

import argparse
import asyncio
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from chassis.observability import configure_logging, configure_tracing
from chassis.service.application import Application, application
from chassis.service.composition import ALL_ROLES, Build, Role
from chassis.settings import Settings

log = structlog.get_logger()

_DRAIN_SECONDS = 10


def run(name: str, build: Build) -> None:
    """Run until SIGTERM or SIGINT, then drain. A part that fails ends the process; its supervisor starts it again."""
    parser = argparse.ArgumentParser(prog=f"services.{name}")
    parser.add_argument("--role", action="append", choices=[role.value for role in Role], help="may be repeated")
    asked = parser.parse_args().role
    roles = frozenset(Role(role) for role in asked) if asked else ALL_ROLES
    settings = Settings()
    configure_logging(name, settings.log_level)
    configure_tracing(name)
    asyncio.run(_serve(name, build, settings, roles))


async def _serve(name: str, build: Build, settings: Settings, roles: Collection[Role]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    starting = asyncio.create_task(_run_application(name, build, settings, roles))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    starting.cancel()
    try:
        await starting
    except asyncio.CancelledError:
        log.info("service_stopped", service=name)


async def _run_application(name: str, build: Build, settings: Settings, roles: Collection[Role]) -> None:
    async with application(name, build, settings, roles=roles) as ready, asyncio.TaskGroup() as group:
        log.info("service_started", service=name, roles=sorted(roles))
        group.create_task(ready.run_parts())
        # Every role answers /livez, /readyz and /metrics; only the api role answers the rest.
        group.create_task(_answer(ready, settings))


async def _answer(ready: Application, settings: Settings) -> None:
    server = _Server(
        uvicorn.Config(
            ready.app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process has one place that listens for signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
