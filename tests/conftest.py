"""Fixtures for every kind of test. Nothing here starts an engine before a test asks for one."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from hypothesis import settings
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from deploy.local.engines import Engines, start_engines
from tests.support.company import Company
from tests.support.logs import log_plainly
from tests.support.memory import MEMORY, room_in_memory
from tests.support.service import Place, own_place
from tests.support.stack import Addresses, running

Json = dict[str, Any]

# A property is true or not, however busy the machine is: no example is judged by its time.
settings.register_profile("kobling", deadline=None)
settings.register_profile("thorough", deadline=None)  # --hypothesis-profile thorough: longer walks, before a release
settings.load_profile("kobling")

log_plainly()

_COMPANY = pytest.StashKey[Company]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=["local", "containers"],
        default="local",
        help="real engines from packages (or those of KOBLING_KAFKA and KOBLING_MONGO), or testcontainers",
    )
    parser.addoption(
        "--rounds", type=int, default=3, help="how often each fault test kills something (50 before a release)"
    )


def pytest_configure(config: pytest.Config) -> None:
    if room_in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # where every `tmp_path` lies
    if hasattr(config, "workerinput"):  # one of several processes (`-n`), whose directories lie side by side
        config.stash[_COMPANY] = Company(Path(config.option.basetemp).parent)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Not in a fixture: waiting for the other processes is no part of any test."""
    if _COMPANY in config.stash:
        config.stash[_COMPANY].leave()


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """The Kafka and MongoDB every test shares: `.kafka`, `.mongo`. They start with the first test that asks."""

    def start() -> AbstractContextManager[Addresses]:
        return running(request.config.getoption("--stack"), tmp_path_factory.mktemp("engines"))

    if _COMPANY in request.config.stash:
        yield request.config.stash[_COMPANY].engines(start)
    else:
        with start() as addresses:
            yield addresses


@pytest.fixture(scope="session")
def own_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A second pair, for tests that kill and restart engines; leave both running. Always local processes."""
    engines = start_engines(tmp_path_factory.mktemp("own-engines"))
    yield engines
    engines.stop()


@pytest.fixture
def unique() -> str:
    """A name nobody else uses: for databases, topics, tenants and consumer groups of one test."""
    return f"t{uuid4().hex[:12]}"


@pytest.fixture(scope="session")
async def mongo_client(engines: Addresses) -> AsyncIterator[AsyncMongoClient[Json]]:
    """A client on the session's event loop, as the services make it."""
    async with AsyncMongoClient[Json](engines.mongo, tz_aware=True, uuidRepresentation="standard") as client:
        yield client


@pytest.fixture
async def database(mongo_client: AsyncMongoClient[Json], unique: str) -> AsyncIterator[AsyncDatabase[Json]]:
    """An empty database of the test's own, dropped afterwards."""
    yield mongo_client[unique]
    await mongo_client.drop_database(unique)


@pytest.fixture(scope="session")
async def _kafka_admin(engines: Addresses) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka)
    await admin.start()
    yield admin
    await admin.close()


TopicFactory = Callable[..., Awaitable[str]]


@pytest.fixture
async def topic(_kafka_admin: AIOKafkaAdminClient, unique: str) -> AsyncIterator[TopicFactory]:
    """`await topic("events", partitions=4)` makes a topic of the test's own and gives its name; deleted afterwards."""
    made: list[str] = []

    async def make(name: str = "events", *, partitions: int = 1) -> str:
        made.append(f"{unique}.{name}")
        answer = await _kafka_admin.create_topics([NewTopic(made[-1], partitions, 1)])
        assert [error[1] for error in answer.topic_errors] == [0]  # create_topics itself does not raise
        return made[-1]

    yield make
    if made:
        await _kafka_admin.delete_topics(made)


@pytest.fixture
async def place(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], unique: str, tmp_path: Path
) -> AsyncIterator[Place]:
    """Where a test runs services: engines, and a namespace, an issuer and a clock of its own."""
    async with own_place(engines, mongo_client, f"{unique}-", tmp_path) as place:
        yield place
