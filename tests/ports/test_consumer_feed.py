"""One fetch for many readers: each keeps its own pace and its own position, beside its effects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.reaction import Reaction
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.conftest import TopicFactory
from tests.support.consuming import BoatMoored, Harbour, Sent, boat, harbour_at, moored, running
from tests.support.stack import Addresses
from tests.support.wait import eventually

MORE_THAN_ONE_HAS_IN_HAND = 5000
React = Callable[[RecordedEvent], Awaitable[None]]


@pytest.fixture
async def harbour(
    engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory
) -> AsyncIterator[Harbour]:
    async with harbour_at(engines.kafka, database, await topic(partitions=4)) as harbour:
        yield harbour


def fleet(count: int, *, position: int = 1) -> list[Sent]:
    return [moored(boat(f"boat-{number}"), position) for number in range(count)]


def counting(harbour: Harbour, seen: list[str], gate: asyncio.Event | None = None) -> Reaction:
    """Notes which boats moored; a closed gate keeps it waiting with the first."""

    async def react(recorded: RecordedEvent) -> None:
        if gate is not None:
            await gate.wait()
        seen.append(f"{recorded.stream.id}@{recorded.position}")

    return Reaction("counting", (harbour.topic,), (BoatMoored,), react)


async def members(harbour: Harbour) -> list[str]:
    """The consumer groups that read the harbour's database, one entry for each member."""
    admin = AIOKafkaAdminClient(bootstrap_servers=harbour.kafka)
    await admin.start()
    try:
        groups = [name for name, _ in await admin.list_consumer_groups() if name.startswith(harbour.database.name)]
        described = await admin.describe_consumer_groups(groups)
        return [group[2] for response in described for group in response.groups for _ in group[5]]
    finally:
        await admin.close()


async def test_all_readers_of_a_process_are_one_member_of_one_group(harbour: Harbour) -> None:
    seen: list[str] = []
    async with running(harbour.consumers(harbour.boats, reactions=[counting(harbour, seen)])):
        await harbour.send(moored(boat("ada"), 1))
        await harbour.seen("ada")
        assert await eventually(lambda: seen == ["ada@1"])
        assert len(await members(harbour)) == 1


async def test_a_reader_that_is_stuck_holds_up_nobody_and_misses_nothing(harbour: Harbour) -> None:
    """More comes than it can have in hand: it reads on by itself later, and then joins the others again."""
    seen: list[str] = []
    gate = asyncio.Event()
    consumers = harbour.consumers(harbour.boats, reactions=[counting(harbour, seen, gate)])
    async with running(consumers):
        await harbour.send(*fleet(MORE_THAN_ONE_HAS_IN_HAND))
        await harbour.send(moored(boat("last"), 1))
        await harbour.seen("last")
        assert seen == []

        gate.set()
        assert await eventually(lambda: len(seen) == MORE_THAN_ONE_HAS_IN_HAND + 1)
        await harbour.send(moored(boat("after"), 1))
        assert await eventually(lambda: "after@1" in seen)
        assert await eventually(lambda: all(health.lag == 0 for health in consumers.health()))
    assert len(seen) == len(set(seen)) == MORE_THAN_ONE_HAS_IN_HAND + 2


async def test_a_reader_that_is_new_begins_at_the_beginning_while_the_others_go_on(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(*fleet(MORE_THAN_ONE_HAS_IN_HAND), moored(boat("ada"), 1))
        await harbour.seen("ada")
    seen: list[str] = []
    gate = asyncio.Event()
    async with running(harbour.consumers(harbour.boats, reactions=[counting(harbour, seen, gate)])):
        await harbour.send(moored(boat("ada"), 2))
        await harbour.seen("ada", moored=2)
        gate.set()
        assert await eventually(lambda: len(seen) == MORE_THAN_ONE_HAS_IN_HAND + 2)


async def test_what_was_worked_off_is_not_handed_over_again_after_a_restart(harbour: Harbour) -> None:
    seen: list[str] = []
    for position in (1, 2):
        async with running(harbour.consumers(harbour.boats, reactions=[counting(harbour, seen)])):
            await harbour.send(*fleet(20, position=position))
            await harbour.seen("boat-19", moored=position)
            assert await eventually(lambda: len(seen) % 20 == 0)
    assert sorted(seen) == sorted(f"boat-{number}@{position}" for number in range(20) for position in (1, 2))


async def test_restored_documents_go_on_from_where_they_were(harbour: Harbour) -> None:
    """A backup holds read models and positions of one moment; what came later is read once more."""
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(*fleet(10))
        await harbour.seen("boat-9")
    names = await harbour.database.list_collection_names()
    backup = {name: await harbour.database[name].find().to_list() for name in names}
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(*fleet(10, position=2))
        await harbour.seen("boat-9", moored=2)

    for name, documents in backup.items():
        await harbour.database[name].delete_many({})
        if documents:
            await harbour.database[name].insert_many(documents)
    async with running(harbour.consumers(harbour.boats)):
        for number in range(10):
            await harbour.seen(f"boat-{number}", moored=2)


@pytest.mark.parametrize("is_other_cluster", [False, True], ids=["topic made anew", "another cluster"])
async def test_a_topic_that_is_not_the_one_that_was_read_is_read_from_its_beginning(
    harbour: Harbour, *, is_other_cluster: bool
) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(*fleet(40))
        await harbour.seen("boat-39")
    admin = AIOKafkaAdminClient(bootstrap_servers=harbour.kafka)
    await admin.start()
    try:
        if is_other_cluster:  # as the runbook has it: the relays have sent everything again, from the beginning
            await harbour.database[facts.COLLECTION].update_many({}, {"$set": {"cluster": "the-one-that-was-lost"}})
        else:
            await admin.delete_topics([harbour.topic])
            await eventually(lambda: admin.create_topics([NewTopic(harbour.topic, 4, 1)]))
    finally:
        await admin.close()
    await harbour.database["boats.1"].delete_many({})
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(boat("ada"), 1))
        await harbour.seen("ada")
        if is_other_cluster:
            await harbour.seen("boat-39")
