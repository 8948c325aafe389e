"""The four services as processes of their own, for benches that look at all of them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from starlette.responses import Response

from chassis.web.session import LONGEST_SECONDS, CookieJar, kept_session_keys
from contracts.base import JsonObject
from contracts.topics import SERVICES
from tests.benchmarks.harness import Ground
from tests.services.mail_server import mail_server
from tests.support.served_issuer import served_issuer
from tests.support.service import Place
from tests.support.service_process import Part, ServiceProcess, environment, started
from tests.support.stack import Given
from tests.support.town import Town
from tests.support.wait import eventually

TENANT = "fjordby"
SITE = "http://site.example.org"
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)


@dataclass(frozen=True, slots=True)
class Platform:
    """Four processes and one tenant whose programme is known everywhere."""

    ground: Ground
    namespace: str
    processes: Sequence[ServiceProcess]
    town: Town
    client: AsyncMongoClient[JsonObject]
    session_keys: Path

    def session(self, token: str) -> str:
        """The cookie of somebody who is logged in with that token."""
        answer = Response()
        jar = CookieJar.read(self.session_keys, secure=SITE.startswith("https"))
        jar.keep_session(answer, token, seconds=LONGEST_SECONDS)
        return answer.headers["set-cookie"].partition(";")[0]

    async def at_rest(self) -> None:
        """All that was appended is relayed and read."""
        databases = [self.client[f"{self.namespace}{service}"] for service in SERVICES]

        async def is_done() -> bool:
            unsent = [await database["commits"].count_documents({"o": 1}) for database in databases]
            read = [facts.get("lag") for database in databases async for facts in database["read_model_facts"].find()]
            return not any(unsent) and bool(read) and all(lag and not any(lag.values()) for lag in read)

        await eventually(is_done)

    @property
    def matching(self) -> AsyncDatabase[JsonObject]:
        return self.client[f"{self.namespace}matching"]


@asynccontextmanager
async def platform_at(ground: Ground) -> AsyncIterator[Platform]:
    """Every service answers, and has heard of the programme."""
    namespace = f"bench{uuid4().hex[:8]}-"
    async with AsyncExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        issuer = await stack.enter_async_context(served_issuer())
        mail = await stack.enter_async_context(mail_server())
        place = Place(Given(ground.kafka, ground.mongo), namespace, root, issuer)
        await place.make_topics(TENANT)
        client = await stack.enter_async_context(AsyncMongoClient[JsonObject](ground.mongo, tz_aware=True))
        stack.push_async_callback(_drop, client, namespace)
        keys = kept_session_keys(root / "session-keys")
        env = environment(place, clock_file=None, smtp=mail.address, site=SITE, session_keys=keys, log_level="WARNING")
        processes = started([Part(name) for name in SERVICES], env, root / "logs")
        for process in processes:
            stack.callback(process.stop)
        await asyncio.gather(*(process.until_ready() for process in processes))
        clients = {}
        for process in processes:
            reaching = httpx.AsyncClient(base_url=process.url, timeout=30, trust_env=False, limits=LIMITS)
            clients[process.part.service] = await stack.enter_async_context(reaching)
        town = Town(TENANT, clients, issuer)
        await town.adopt()
        yield Platform(ground, namespace, processes, town, client, root / "session-keys")


async def _drop(client: AsyncMongoClient[JsonObject], namespace: str) -> None:
    for name in await client.list_database_names():
        if name.startswith(namespace):
            await client.drop_database(name)
