"""Consumers that are stopped, killed and moved under load: nothing is lost and nothing has its effect twice."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.conftest import TopicFactory
from tests.faults.checker import fold_of
from tests.faults.consumer_process import Bug, ConsumerProcess, KillPoint, Order
from tests.support.consuming import ORIGIN, BoatMoored, Harbour, boat, harbour_at, sent
from tests.support.stack import Addresses
from tests.support.wait import eventually

pytestmark = pytest.mark.timeout(60 + 20 * 50)

_STREAMS = [boat(f"boat-{number}") for number in range(12)]


class Fleet:
    """Boats that moor and moor again, and processes that follow them."""

    def __init__(self, harbour: Harbour, mongo: str) -> None:
        self.harbour = harbour
        self.random = Random(7)  # noqa: S311 - the same every time
        self.events: list[RecordedEvent] = []
        self._mongo = mongo
        self._positions = dict.fromkeys(_STREAMS, 0)

    def order(self, **options: Any) -> Order:
        return Order(self._mongo, self.harbour.database.name, self.harbour.kafka, self.harbour.topic, **options)

    async def moor(self, count: int = 150) -> None:
        """Some more events; now and then the relay sends one twice."""
        new = []
        for _ in range(count):
            stream = self.random.choice(_STREAMS)
            self._positions[stream] += 1
            happened = BoatMoored(harbour=self.random.choice(["west", "east"]), berth=self.random.randint(1, 9))
            new.append(RecordedEvent(stream, self._positions[stream], happened, ORIGIN))
        self.events += new
        records = [sent(event.stream, event.position, event.event) for event in new]
        await self.harbour.send(*records, *records[-20:])

    async def wrong(self) -> list[str]:
        """The documents that are not the fold of the events: arrivals of different boats have no order."""
        expected = fold_of(self.harbour.boats, self.events)
        found = {
            document.pop("_id"): {name: document[name] for name in document if not name.startswith("_")}
            async for document in self.harbour.database["boats.1"].find({"_gone": None})
        }
        return sorted(
            key for key in expected.keys() | found.keys() if _sorted(expected.get(key)) != _sorted(found.get(key))
        )

    async def all_right(self) -> bool:
        assert await self.wrong() == []
        return True

    async def all_read(self) -> bool:
        """Every event is in its boat's document, whatever else is there."""
        boats = self.harbour.database["boats.1"]
        for stream, position in self._positions.items():
            document = await boats.find_one({"_id": f"fjord/{stream.id}"})
            assert position == 0 or (document is not None and document["_streams"].get(str(stream)) == position)
        return True


def _sorted(body: JsonObject | None) -> JsonObject | None:
    return body and {name: sorted(value) if isinstance(value, list) else value for name, value in body.items()}


@pytest.fixture
async def fleet(engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory) -> AsyncIterator[Fleet]:
    async with harbour_at(engines.kafka, database, await topic(partitions=4)) as harbour:
        yield Fleet(harbour, engines.mongo)


@pytest.mark.parametrize("point", [KillPoint.BEFORE_WRITE, KillPoint.AFTER_WRITE])
async def test_a_consumer_killed_at_a_point_loses_nothing_and_does_nothing_twice(
    fleet: Fleet, point: KillPoint, rounds: int
) -> None:
    for _ in range(rounds):
        await fleet.moor()
        process = await ConsumerProcess.start(fleet.order(kill_at=point, kill_after=fleet.random.randint(0, 1)))
        await fleet.moor()
        await process.killed()

    process = await ConsumerProcess.start(fleet.order())
    await eventually(fleet.all_right, timeout=60)
    await process.stop()


async def test_groups_that_grow_and_shrink_in_the_middle_of_batches_lose_nothing(fleet: Fleet, rounds: int) -> None:
    processes = [await ConsumerProcess.start(fleet.order())]
    for _ in range(rounds):
        await fleet.moor()
        processes.append(await ConsumerProcess.start(fleet.order()))
        await fleet.moor()
        leaving = processes.pop(fleet.random.randrange(len(processes)))
        await (leaving.kill() if fleet.random.random() < 0.5 else leaving.stop())
    await eventually(fleet.all_right, timeout=60)
    for process in processes:
        await process.stop()


async def test_a_consumer_that_is_told_to_stop_finishes_its_batch_and_leaves_nothing_to_do_again(fleet: Fleet) -> None:
    ada, effects = boat("ada"), fleet.harbour.database["effects"]
    count = 1500
    await fleet.harbour.send(*(sent(ada, n, BoatMoored(harbour="west")) for n in range(1, count + 1)))

    async def done_at_least(number: int) -> bool:
        return await effects.count_documents({}) >= number

    first = await ConsumerProcess.start(fleet.order(notes_effects=True))
    await eventually(lambda: done_at_least(50))
    await first.stop()
    second = await ConsumerProcess.start(fleet.order(notes_effects=True))
    await eventually(lambda: done_at_least(count), timeout=60)
    await second.stop()

    assert await effects.count_documents({"times": 1}) == count


async def test_the_check_finds_a_missing_version_guard(fleet: Fleet) -> None:
    await fleet.moor()
    order = fleet.order(bug=Bug.NO_VERSION_GUARD)
    first = await ConsumerProcess.start(fleet.order(bug=Bug.NO_VERSION_GUARD, kill_at=KillPoint.AFTER_WRITE))
    await first.killed()
    second = await ConsumerProcess.start(order)
    await fleet.moor()
    await eventually(fleet.all_read, timeout=60)

    assert await fleet.wrong() != []
    await second.stop()


@pytest.mark.parametrize("bug", [Bug.EARLY_SAVE, Bug.BARE_SAVE])
async def test_the_check_finds_positions_saved_before_the_work_is_done(fleet: Fleet, bug: Bug) -> None:
    await fleet.moor()
    first = await ConsumerProcess.start(fleet.order(bug=bug, kill_at=KillPoint.BEFORE_WRITE))
    await first.killed()
    second = await ConsumerProcess.start(fleet.order(bug=bug))
    await fleet.moor()
    await eventually(fleet.all_read, timeout=60)

    assert await fleet.wrong() != []
    await second.stop()
