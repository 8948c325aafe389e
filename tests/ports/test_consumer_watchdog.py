"""What operators see of consumers, and consumers that notice by themselves that they went deaf."""

from collections.abc import AsyncIterator

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumer import Consumers, feed
from chassis.observability import REGISTRY
from contracts.base import JsonObject
from tests.conftest import TopicFactory
from tests.support.consuming import POISON, Harbour, boat, harbour_at, moored, running
from tests.support.stack import Addresses
from tests.support.wait import eventually

ADA, BIL = boat("ada"), boat("bil")


@pytest.fixture
async def harbour(
    engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory
) -> AsyncIterator[Harbour]:
    async with harbour_at(engines.kafka, database, await topic(partitions=4)) as harbour:
        yield harbour


def metric(name: str) -> float:
    return REGISTRY.get_sample_value(f"kobling_consumer_{name}", {"service": "harbour", "consumer": "boats"}) or 0.0


async def test_health_and_metrics_tell_lag_freshness_and_blocked_streams(harbour: Harbour) -> None:
    records_before = metric("records_total")
    consumers = harbour.consumers(harbour.boats)
    assert not consumers.is_ready()
    async with running(consumers):
        await harbour.send(moored(ADA, 1, berth=POISON), moored(BIL, 1))
        await harbour.seen("bil")
        await harbour.blocked()

        assert await eventually(lambda: consumers.health()[0].caught_up_at is not None)
        [health] = consumers.health()
        assert (health.name, health.is_ready, health.partitions, health.lag) == ("boats", True, 4, 0)
        assert health.id == f"{harbour.database.name}.boats.1"
        assert health.blocked_streams == 1
        assert await eventually(lambda: metric("blocked_streams") == 1)
        assert metric("records_total") == records_before + 2
        assert metric("lag_records") == 0
        assert metric("facts_age_seconds") < 10


async def test_a_consumer_that_went_deaf_is_opened_anew(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_LOOK_EVERY_SECONDS", 0.2)
    monkeypatch.setattr(feed, "_DEAF_AFTER_SECONDS", 1.0)
    consumers = harbour.consumers(harbour.boats)
    async with running(consumers):
        await harbour.send(moored(ADA, 1))
        await harbour.seen("ada")
        deafen(consumers)
        await harbour.send(moored(ADA, 2))

        await harbour.seen("ada", moored=2)
    assert reopened(harbour) >= 1


def reopened(harbour: Harbour) -> float:
    [feed] = harbour.consumers(harbour.boats)._feeds
    labels = {"service": "harbour", "consumer": feed._group}
    return REGISTRY.get_sample_value("kobling_consumer_reopened_total", labels) or 0.0


def deafen(consumers: Consumers) -> None:
    """It stays a member of its group, but asks the broker for nothing any more."""
    for each in consumers._feeds:
        consumer = each._consumer()
        assert consumer is not None
        consumer.pause(*consumer.assignment())
