"""One service in process, on the real engines: HTTP in, topics out."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import AsyncMongoClient

from chassis.service import Application, Build, Role, application
from chassis.service.composition import ALL_ROLES
from chassis.settings import Settings
from contracts.base import Event, encode
from contracts.envelope import Envelope, Origin, StreamId, commit_headers, event_headers
from contracts.topics import EVENT_TOPICS, Topic, topics_of_tenant
from deploy.topics import apply_topics
from tests.support.stack import Addresses
from tests.support.tokens import TokenIssuer
from tests.support.wait import eventually

UNLIMITED = "1000000000"  # a test is one caller who asks what a whole town does


@dataclass(frozen=True, slots=True)
class Published:
    """A record as a reader of the topic sees it."""

    key: str
    headers: dict[str, str]
    body: bytes

    @property
    def envelope(self) -> Envelope:
        return Envelope.from_headers([(name, value.encode()) for name, value in self.headers.items()])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test's services run: engines, a namespace nobody else uses, an issuer and a clock file."""

    engines: Addresses
    namespace: str
    directory: Path
    issuer: TokenIssuer

    def settings(self, **changes: Any) -> Settings:
        return Settings(
            **{
                "kafka": self.engines.kafka,
                "mongo": self.engines.mongo,
                "namespace": self.namespace,
                "kms_dir": self.directory / "kms",
                "issuer": self.issuer.url,
                "clock_file": self.directory / "clock",
                "caller_burst": UNLIMITED,
                "tenant_burst": UNLIMITED,
                **changes,
            }
        )

    def move_clock(self, by: timedelta) -> None:
        """From now on it is this much later than the system's clock says."""
        new = self.directory / "clock.new"
        new.write_text(str(by.total_seconds()))
        new.replace(self.directory / "clock")  # at once: processes read it at any time

    async def make_topics(self, *tenants: str) -> None:
        topics = [*EVENT_TOPICS, *(topic for tenant in tenants for topic in topics_of_tenant(tenant))]
        named = [Topic(f"{self.namespace}{topic.name}", topic.partitions, topic.retention_ms) for topic in topics]
        await apply_topics(self.engines.kafka, named)

    async def publish(
        self, service: str, stream: StreamId, events: Iterable[Event], *, origin: Origin, first: int = 1
    ) -> None:
        """What another service's relay would send."""
        shared = commit_headers(str(stream), origin)
        async with AIOKafkaProducer(bootstrap_servers=self.engines.kafka, acks="all") as producer:
            for position, event in enumerate(events, first):
                await producer.send_and_wait(
                    f"{self.namespace}{service}.events",
                    encode(event).encode(),
                    key=str(stream).encode(),
                    headers=event_headers(
                        shared,
                        source=f"/kobling/{service}",
                        name=event.event_type,
                        schema_version=event.schema_version,
                        position=position,
                    ),
                )

    async def repeat(self, topic: str, record: Published) -> None:
        """The same record once more, as a relay sends it that did not learn it had succeeded."""
        async with AIOKafkaProducer(bootstrap_servers=self.engines.kafka, acks="all") as producer:
            headers = [(name, value.encode()) for name, value in record.headers.items()]
            key = record.key.encode()
            await producer.send_and_wait(f"{self.namespace}{topic}", record.body, key=key, headers=headers)

    async def read(self, topic: str, *, at_least: int = 1) -> list[Published]:
        """Everything on a topic from its beginning, once there are that many records."""
        consumer = AIOKafkaConsumer(
            f"{self.namespace}{topic}", bootstrap_servers=self.engines.kafka, auto_offset_reset="earliest"
        )
        found: list[Published] = []

        async def enough() -> list[Published]:
            for records in (await consumer.getmany(timeout_ms=50)).values():
                found.extend(_published(record) for record in records)
            return found if len(found) >= at_least else []

        await consumer.start()
        try:
            return await eventually(enough)
        finally:
            await consumer.stop()


def _published(record: Any) -> Published:
    headers = {name: value.decode() for name, value in record.headers}
    return Published(key=(record.key or b"").decode(), headers=headers, body=record.value)


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers: `client` is its HTTP, in process."""

    name: str
    place: Place
    application: Application
    client: httpx.AsyncClient

    def bearer(self, tenant: str, *scopes: str, person: str | None = None, subject: str = "user-1") -> dict[str, str]:
        return self.place.issuer.bearer(tenant=tenant, scopes=scopes, person=person, subject=subject)


@asynccontextmanager
async def running_service(
    name: str, build: Build, place: Place, *, roles: Collection[Role] = ALL_ROLES, **changes: Any
) -> AsyncIterator[Running]:
    """The service with its consumers joined, relay and timers running; its databases are dropped at the end."""
    settings = place.settings(**changes)
    async with application(name, build, settings, roles=roles, http=place.issuer.http()) as ready:
        parts = asyncio.create_task(ready.run_parts())
        try:
            if Role.CONSUMER in roles:
                await eventually(lambda: parts.done() or ready.consumers.is_ready())
            transport = httpx.ASGITransport(app=ready.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}.test") as client:
                yield Running(name, place, ready, client)
        finally:
            parts.cancel()
            await asyncio.gather(parts, return_exceptions=True)


@asynccontextmanager
async def own_place(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], namespace: str, directory: Path
) -> AsyncIterator[Place]:
    """A place of the test's own; whatever databases and topics came to be in it are deleted."""
    yield Place(engines, namespace, directory, TokenIssuer())
    for name in await mongo_client.list_database_names():
        if name.startswith(namespace):
            await mongo_client.drop_database(name)
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka)
    await admin.start()
    try:
        await admin.delete_topics([topic for topic in await admin.list_topics() if topic.startswith(namespace)])
    finally:
        await admin.close()
