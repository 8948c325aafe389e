"""Relays that are killed and paused under load: nothing is lost, invented or out of order; at worst it comes twice."""

from random import Random
from typing import Any

import pytest

from chassis.event_store.mongo import MongoEventStore
from tests.faults.checker import Verdict, check, read_story
from tests.faults.load import Load
from tests.faults.relay_process import KillPoint, Order, RelayProcess
from tests.support.quayside import PARTITIONS, Quayside
from tests.support.stack import Addresses
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(60 + 20 * 50)


class Quay:
    """A harbour under load, whose relays are processes."""

    def __init__(self, quayside: Quayside, mongo: str) -> None:
        self.quayside = quayside
        self.random = Random(7)  # noqa: S311 - the same every time
        self.load = Load([MongoEventStore(quayside.database, partitions=PARTITIONS) for _ in range(2)])
        self._mongo = mongo

    def order(self, **options: Any) -> Order:
        q = self.quayside
        return Order(self._mongo, q.database.name, q.kafka, q.topic, PARTITIONS, **options)

    async def goes_on(self) -> None:
        """A random number of commits later."""
        target = len(self.load.acknowledged) + self.random.randint(20, 200)
        await eventually(lambda: len(self.load.acknowledged) >= target)

    async def verdict(self) -> Verdict:
        """Once all is relayed by somebody who lives."""
        relay = await RelayProcess.start(self.order())
        await eventually(self.quayside.is_drained)
        await relay.kill()
        story = await read_story(self.quayside.database, topic=self.quayside.topic, kafka=self.quayside.kafka)
        return check(story, acknowledged=self.load.acknowledged)


@pytest.fixture
def quay(quayside: Quayside, engines: Addresses) -> Quay:
    return Quay(quayside, engines.mongo)


@pytest.mark.parametrize("point", [KillPoint.BEFORE_PRODUCE, KillPoint.AFTER_PRODUCE, KillPoint.AFTER_MARK])
async def test_a_relay_killed_at_a_point_loses_nothing_and_keeps_the_order(
    quay: Quay, rounds: int, point: KillPoint
) -> None:
    async with quay.load.running():
        for _ in range(rounds):
            relay = await RelayProcess.start(quay.order(kill_at=point, kill_after=quay.random.randint(0, 5)))
            await relay.killed()

    assert (await quay.verdict()).findings == []


async def test_two_relays_killed_at_random_lose_nothing_and_keep_the_order(quay: Quay, rounds: int) -> None:
    async with quay.load.running():
        relays = [await RelayProcess.start(quay.order()) for _ in range(2)]
        for _ in range(rounds):
            await quay.goes_on()
            killed = quay.random.randrange(2)
            await relays[killed].kill()
            relays[killed] = await RelayProcess.start(quay.order())
        for relay in relays:
            await relay.kill()

    assert (await quay.verdict()).findings == []


async def test_two_relays_that_both_believe_to_hold_the_lease_only_repeat(quay: Quay, rounds: int) -> None:
    async with quay.load.running():
        relays = [await RelayProcess.start(quay.order(has_lease=False)) for _ in range(2)]
        for _ in range(rounds):
            await quay.goes_on()
        for relay in relays:
            await relay.kill()

    assert (await quay.verdict()).findings == []


async def test_a_relay_that_sleeps_through_its_lease_and_wakes_only_repeats(quay: Quay, rounds: int) -> None:
    async with quay.load.running():
        relays = [await RelayProcess.start(quay.order()) for _ in range(2)]
        for number in range(rounds):
            sleeper = relays[number % 2]
            sleeper.pause()
            await quay.goes_on()
            sleeper.resume()
            await quay.goes_on()
        for relay in relays:
            await relay.kill()

    assert (await quay.verdict()).findings == []
