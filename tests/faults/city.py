"""All four services as processes, roles apart, used by several tenants; with an issuer, a mailbox and a checker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import httpx
from aiokafka import AIOKafkaConsumer
from pymongo import AsyncMongoClient

from chassis.rebuild import live_generation, reader_id
from chassis.service import Role
from contracts.topics import SERVICES
from tests.architecture.services import projections, service
from tests.faults.points import Watch, topics_in
from tests.faults.town_checker import Fault, check_town, read_evidence
from tests.services.mail_server import MailServer, mail_server
from tests.support.served_issuer import served_issuer
from tests.support.service import Place
from tests.support.service_process import Part, ServiceProcess, environment, started
from tests.support.stack import Addresses
from tests.support.town import Json, Ledger, Town
from tests.support.wait import eventually

PARTS = (
    Part("intake", (Role.API,)),
    Part("intake", (Role.RELAY,)),
    Part("intake", (Role.CONSUMER, Role.TIMERS)),
    Part("matching", (Role.API,)),
    Part("matching", (Role.RELAY,)),
    Part("matching", (Role.CONSUMER,)),
    Part("matching", (Role.TIMERS,)),
    Part("notifications", (Role.API, Role.RELAY, Role.CONSUMER)),
    Part("notifications", (Role.TIMERS,)),
    Part("reporting"),
)
TENANTS = tuple(f"town-{number}" for number in range(12))
# A mail whose sender died is tried again when its claim has run out.
_AFTER_CLAIMS = timedelta(minutes=3)


@dataclass(slots=True)
class City:
    """What runs, who lives there, and what they were told."""

    place: Place
    processes: dict[str, ServiceProcess]
    clients: dict[str, httpx.AsyncClient]
    client: AsyncMongoClient[Json]
    watch: Watch
    mail: MailServer
    ledger: Ledger
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - the same every time
    _tenants: "count[int]" = field(default_factory=count)
    _later: timedelta = timedelta(0)
    _commits: int = -1

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[Town]:
        """A tenant of its own whose people are busy until the block ends; then every story comes to its end."""
        town = Town(TENANTS[next(self._tenants)], self.clients, self.place.issuer, self.ledger)
        await town.settle_in()
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(town.busy(stopping))
            group.create_task(town.refer(range(4), kafka=self.place.engines.kafka, namespace=self.place.namespace))
            try:
                yield town
            finally:
                stopping.set()

    async def goes_on(self) -> None:
        """Some more commands are acknowledged."""
        target = len(self.ledger.acknowledged()) + self.random.randint(5, 40)
        await eventually(lambda: len(self.ledger.acknowledged()) >= target, timeout=60)

    async def restart(self, process: ServiceProcess) -> None:
        process.start()
        await process.until_ready()

    async def faults(self) -> list[Fault]:
        """What is broken, once nothing moves any more."""
        self._later += _AFTER_CLAIMS
        self.place.move_clock(self._later)
        await eventually(self._is_settled, timeout=120, every=0.5)
        evidence = await read_evidence(
            self.client,
            namespace=self.place.namespace,
            kafka=self.place.engines.kafka,
            ledger=self.ledger,
            mails=message_ids(self.mail),
        )
        return check_town(evidence)

    async def _is_settled(self) -> bool:
        """Twice in a row with nothing in an outbox, nothing unread, no message on its way, and nothing new."""
        before, self._commits = self._commits, -1
        ends, stored = await self.watch.ends(), 0
        for name in SERVICES:
            database = self.client[self.place.settings().database_name(name)]
            assert await database["commits"].count_documents({"o": 1}) == 0, f"{name} has not relayed everything"
            stored += await database["commits"].count_documents({})
            for reader, topics in await self._readers(name):
                done = await self.watch.done_up_to(name, reader)
                unread = {p: end for p, end in ends.items() if p.topic in topics and done.get(p, 0) < end}
                assert unread == {}, f"{reader} has not read {unread}, only {done}"
        messages = self.client[self.place.settings().database_name("notifications")]["messages.1"]
        assert await messages.count_documents({"status": {"$in": ["due", "held"]}}) == 0, "messages wait"
        self._commits = stored
        assert before == stored, "there was something new"
        return True

    async def _readers(self, name: str) -> list[tuple[str, set[str]]]:
        """Each reader of a service with the event topics it reads."""
        database = self.client[self.place.settings().database_name(name)]
        models = [
            (reader_id(database, model.name, await live_generation(database, model.name)), model.topics)
            for model in projections(name)
        ]
        reactions = [(reader_id(database, reaction.name), reaction.topics) for reaction in service(name).reactions]
        return [
            (reader, {self.place.settings().topic_name(t) for t in topics}) for reader, topics in models + reactions
        ]


def message_ids(mail: MailServer) -> list[str]:
    """The id of each mail that came, as often as it came."""
    return [str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in mail.mails]


@asynccontextmanager
async def city_at(engines: Addresses, *, namespace: str, root: Path) -> AsyncIterator[City]:
    """Every process is ready; at the end all are stopped."""
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(served_issuer())
        mail = await stack.enter_async_context(mail_server())
        place = Place(engines, namespace, root, issuer)
        await place.make_topics(*TENANTS)
        place.move_clock(timedelta(0))
        env = environment(place, smtp=mail.address, log_level="WARNING")
        processes = started(PARTS, env, root / "logs")
        for process in processes:
            stack.callback(process.stop)
        await asyncio.gather(*(process.until_ready() for process in processes))
        ledger = Ledger()
        client = await stack.enter_async_context(AsyncMongoClient[Json](engines.mongo, tz_aware=True))
        clients = {}
        for process in processes:
            if not process.part.roles or Role.API in process.part.roles:
                reaching = httpx.AsyncClient(base_url=process.url, timeout=10, trust_env=False)
                clients[process.part.service] = await stack.enter_async_context(reaching)
        yield City(
            place=place,
            processes={process.part.name: process for process in processes},
            clients=clients,
            client=client,
            watch=await _watch(stack, client, place, ledger),
            mail=mail,
            ledger=ledger,
        )


async def _watch(stack: AsyncExitStack, client: AsyncMongoClient[Json], place: Place, ledger: Ledger) -> Watch:
    kafka = place.engines.kafka
    tail = AIOKafkaConsumer(
        *topics_in(place.namespace), bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await stack.enter_async_context(tail)
    return Watch(client, tail, place.namespace, ledger)
