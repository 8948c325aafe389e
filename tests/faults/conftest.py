"""What fault tests share: how often they kill, and a harbour on engines that others use as well."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import TopicFactory
from tests.support.quayside import PARTITIONS, Database, Quayside
from tests.support.stack import Addresses


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """`--rounds`: how often each test kills something."""
    count: int = request.config.getoption("--rounds")
    return count


@pytest.fixture
async def quayside(database: Database, engines: Addresses, topic: TopicFactory) -> AsyncIterator[Quayside]:
    quayside = Quayside(database, engines.kafka, await topic("events", partitions=PARTITIONS))
    await quayside.store.prepare()
    yield quayside
    await quayside.store.aclose()
