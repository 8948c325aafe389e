"""What several ports are tried on."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import TopicFactory
from tests.support.quayside import PARTITIONS, Database, Quayside
from tests.support.stack import Addresses


@pytest.fixture
async def quayside(database: Database, engines: Addresses, topic: TopicFactory) -> AsyncIterator[Quayside]:
    quayside = Quayside(database, engines.kafka, await topic("events", partitions=PARTITIONS))
    await quayside.store.prepare()
    yield quayside
    await quayside.store.aclose()
