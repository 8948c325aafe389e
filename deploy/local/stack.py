"""Everything on one machine: engines, topics, issuer, mailbox, the services, and one port in front."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.kafka import Kafka
from chassis.web.session import kept_session_keys
from contracts.topics import EVENT_TOPICS, SERVICES, topics_of_tenant
from deploy.access import apply_access, ensure_credentials, service_user, tenant_user
from deploy.local.engines import Engines
from deploy.local.front import Front, front
from deploy.local.issuer import read_directory
from deploy.local.keeping import running_engines
from deploy.local.ports import HOST, free_port
from deploy.local.progress import OnProgress, Progress
from deploy.local.secured import OPERATOR
from deploy.local.serving import bind
from deploy.local.supervisor import Program, Supervisor
from deploy.topics import apply_topics

_READY_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything is; `front.url` is the one port before it."""

    front: Front
    engines: Engines
    clock_file: Path
    session_keys: Path
    supervisor: Supervisor

    @property
    def url(self) -> str:
        return self.front.url

    @property
    def issuer(self) -> str:
        return self.front.issuer

    @property
    def mailbox(self) -> str:
        return self.front.mailbox

    @property
    def smtp(self) -> str:
        return self.front.smtp

    def service(self, name: str) -> str:
        return self.front.service(name)


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
        engines = await exits.enter_async_context(
            running_engines(root, fresh=fresh, is_secured=True, on_progress=on_progress)
        )
        ports = {name: free_port() for name in services}
        addresses = {name: f"http://{HOST}:{service_port}" for name, service_port in ports.items()}
        directory, data = read_directory(), root / "data"
        standing = front(listener, url=url, services=addresses, data=data, directory=directory)
        supervisor = Supervisor(lambda text: on_progress(Progress(text)))
        session_keys = kept_session_keys(data / "session-keys")
        stack = Stack(await exits.enter_async_context(standing), engines, data / "clock", session_keys, supervisor)
        await furnish(engines, directory.tenants())
        exits.push_async_callback(supervisor.stop)
        for name in services:
            supervisor.start(_program(stack, name, port=ports[name], root=root))
        on_progress(Progress("Starting the services"))
        await supervisor.wait_until_ready(seconds=_READY_SECONDS)
        yield stack


async def furnish(engines: Engines, tenants: Sequence[str]) -> None:
    """Topics, rules and a credential for each service and each tenant, as an operator gives them elsewhere."""
    operator = engines.kafka_as(OPERATOR)
    await apply_topics(operator, [*EVENT_TOPICS, *(topic for tenant in tenants for topic in topics_of_tenant(tenant))])
    if engines.access_directory is not None:
        await apply_access(operator, tenants)
        users = [*map(service_user, SERVICES), *map(tenant_user, tenants)]
        await ensure_credentials(operator, users, engines.access_directory)


def _program(stack: Stack, name: str, *, port: int, root: Path) -> Program:
    """`python -m services.<name>`, told everything by its environment; settings of the outside do not leak in."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KOBLING_")}
    if level := os.environ.get("KOBLING_LOG_LEVEL"):
        kept["KOBLING_LOG_LEVEL"] = level
    settings = {
        **_kafka_settings(stack.engines.kafka_as(service_user(name))),
        "KOBLING_MONGO": stack.engines.mongo,
        "KOBLING_KMS_DIR": str(root / "data" / "kms"),
        "KOBLING_ISSUER": stack.issuer,
        "KOBLING_SMTP": stack.smtp,
        "KOBLING_SMS": f"{stack.mailbox}/sms",
        "KOBLING_HOST": HOST,
        "KOBLING_PORT": str(port),
        "KOBLING_CLOCK_FILE": str(stack.clock_file),
        "KOBLING_SITE": stack.url,
        "KOBLING_SESSION_KEYS": str(stack.session_keys),
        "KOBLING_INVENTED_PEOPLE": "true",
    }
    return Program(
        name=name,
        command=(sys.executable, "-m", f"services.{name}"),
        env={**kept, **settings},
        log=root / "logs" / f"{name}.log",
        ready_url=f"http://{HOST}:{port}/readyz",
    )


def _kafka_settings(kafka: Kafka) -> dict[str, str]:
    if isinstance(kafka, str):
        return {"KOBLING_KAFKA": kafka}
    access = {"USER": kafka.user, "PASSWORD_FILE": str(kafka.password_file), "CA_FILE": str(kafka.ca_file)}
    return {"KOBLING_KAFKA": kafka.servers, **{f"KOBLING_KAFKA_{name}": value for name, value in access.items()}}
