"""A projection on the real engines: what is sent becomes documents, once, whatever comes twice or late."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import FixedClock
from chassis.facts import NEVER
from chassis.position import Position
from chassis.read_models import NotYetVisible, ReadModels
from contracts.base import JsonObject
from tests.conftest import TopicFactory
from tests.support.consuming import (
    NOON,
    BoatPainted,
    BoatSailed,
    Harbour,
    boat,
    harbour_at,
    moored,
    running,
    sent,
)
from tests.support.stack import Addresses
from tests.support.wait import eventually

ADA, BIL = boat("ada"), boat("bil")


@pytest.fixture
async def harbour(
    engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory
) -> AsyncIterator[Harbour]:
    async with harbour_at(engines.kafka, database, await topic(partitions=4)) as harbour:
        yield harbour


async def test_events_become_documents_and_a_query_stays_within_its_tenant(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1, berth=3), moored(BIL, 1, berth=4), moored(boat("ada", "other"), 1, berth=9))
        await harbour.send(sent(ADA, 2, BoatPainted()), moored(ADA, 3, berth=5, harbour="east"))

        assert await harbour.seen("ada", moored=2) == {
            "_id": "fjord/ada",
            "_streams": {"fjord/boat/ada": 3},
            "harbour": "east",
            "berth": 5,
            "moored": 2,
        }
        await harbour.seen("bil")
        listed = await harbour.read_models.find(harbour.boats, "fjord", {"berth": {"$gt": 0}}, sort=[("berth", -1)])
        assert [document["_id"] for document in listed] == ["fjord/ada", "fjord/bil"]
        assert await harbour.read_models.count(harbour.boats, "fjord", {"berth": {"$gt": 0}}) == 2
        assert await harbour.read_models.get(harbour.boats, "other", "bil") is None


async def test_what_comes_twice_or_late_changes_nothing(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1), moored(ADA, 2), moored(ADA, 3, berth=7))
        await harbour.seen("ada", moored=3)
        await harbour.send(moored(ADA, 3, berth=7), moored(ADA, 1), moored(ADA, 2), moored(BIL, 1))
        await harbour.seen("bil")

        assert (await harbour.seen("ada"))["moored"] == 3


async def test_a_late_event_does_not_bring_a_deleted_document_back(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1), sent(ADA, 2, BoatSailed()), moored(ADA, 1), moored(BIL, 1))
        await harbour.seen("bil")
        assert await harbour.read_models.get(harbour.boats, "fjord", "ada") is None

        await harbour.send(moored(ADA, 3, berth=2))
        assert (await harbour.seen("ada"))["moored"] == 1


async def test_a_document_of_many_streams_gets_every_event_once(harbour: Harbour) -> None:
    names = [f"boat-{number}" for number in range(300)]
    first, second = (
        harbour.consumers(harbour.boats),
        harbour.consumers(harbour.boats, read_models=harbour.other_process()),
    )
    async with running(first), running(second):
        await harbour.send(*(moored(boat(name), position) for position in (1, 2) for name in names))

        async def arrivals() -> list[str]:
            west = await harbour.seen("harbour-west")
            assert len(west["arrivals"]) >= len(names) * 2
            return sorted(west["arrivals"])

        assert await eventually(arrivals) == sorted(names * 2)


async def test_a_query_sees_what_it_waits_for_even_if_the_read_model_does_not_handle_it(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1), sent(ADA, 2, BoatPainted()))

        document = await harbour.read_models.get(harbour.boats, "fjord", "ada", min_position=Position(ADA, 2))

        assert document is not None
        assert document["moored"] == 1


async def test_a_process_without_the_consumer_waits_by_the_document(harbour: Harbour) -> None:
    elsewhere = harbour.other_process()
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1), moored(ADA, 2))

        document = await elsewhere.get(harbour.boats, "fjord", "ada", min_position=Position(ADA, 2))
        listed = await elsewhere.find(harbour.boats, "fjord", {"moored": 2}, min_position=Position(ADA, 2))

        assert document is not None
        assert document["moored"] == 2
        assert listed == [document]


async def test_after_two_seconds_a_query_says_that_it_is_not_visible_yet(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1))
        with pytest.raises(NotYetVisible):
            await harbour.read_models.get(harbour.boats, "fjord", "ada", min_position=Position(ADA, 2))
        with pytest.raises(NotYetVisible):
            await harbour.read_models.get(harbour.boats, "fjord", "ada", min_position=Position(boat("a", "other"), 1))


async def test_facts_are_as_of_the_last_moment_at_which_all_was_read(harbour: Harbour) -> None:
    clock = FixedClock(NOON)
    elsewhere = ReadModels(harbour.database, clock=clock)
    assert await elsewhere.facts_as_of(harbour.boats) == NEVER

    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1))
        await harbour.seen("ada")

        async def fresh() -> datetime:
            as_of = await elsewhere.facts_as_of(harbour.boats)
            assert NOON - as_of < timedelta(seconds=10)
            return as_of

        assert await eventually(fresh) <= NOON
    left_at = await elsewhere.facts_as_of(harbour.boats)

    async def aged() -> datetime:
        as_of = await elsewhere.facts_as_of(harbour.boats)
        assert as_of < left_at
        return as_of

    assert await eventually(aged) < left_at
