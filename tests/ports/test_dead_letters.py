"""Dead letters on the real engines: what an operator sees and does while the service runs."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure

from chassis.consumer.desk import Desk, Redo
from chassis.consumer.fault import Fault
from chassis.consumer.record import Record
from chassis.dead_letters import drop, list_dead_letters, replay, show
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.conftest import TopicFactory
from tests.ports.test_consumer_reaction import Log, QuayFull, greeting
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


async def blocked_at(harbour: Harbour, log: Log, position: int) -> str:
    """Ada's stream of three is blocked from a position on; gives the consumer's name."""
    log.faults["ada", position] = [QuayFull()]
    await harbour.send(moored(ADA, 1), moored(ADA, 2), moored(ADA, 3))
    [blocked] = await harbour.blocked()
    return blocked.consumer


async def test_an_operator_sees_what_is_wrong_and_what_waits_behind_it(harbour: Harbour) -> None:
    log = Log()
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        consumer = await blocked_at(harbour, log, 2)

        [line] = await list_dead_letters(harbour.database, consumer=consumer)
        letters = await show(harbour.database, consumer, str(ADA))

        assert (line.stream, line.letters, line.rule) == (str(ADA), 2, "quay_full")
        assert [(letter.position, letter.rule) for letter in letters] == [(2, "quay_full"), (3, "behind_a_dead_letter")]
        assert letters[0].sentence == "The quay is full."
        assert letters[0].body == b'{"harbour":"west","berth":1}'
        assert dict(letters[0].headers)["ce_type"] == b"harbour.boat-moored"
        assert await list_dead_letters(harbour.database, consumer="somebody-else") == []
        assert await harbour.database["dead_letters"].count_documents({"replay_at": {"$exists": True}}) == 0


async def test_a_replay_goes_in_order_and_unblocks_the_stream(harbour: Harbour) -> None:
    log = Log()
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        consumer = await blocked_at(harbour, log, 1)

        assert await replay(harbour.database, consumer, str(ADA)) == 3

        assert await eventually(lambda: log.done["ada"] == [1, 2, 3])
        await harbour.blocked(0)
        await harbour.send(moored(ADA, 4))
        assert await eventually(lambda: log.done["ada"] == [1, 2, 3, 4])


async def test_a_replay_that_fails_again_stops_there_with_the_new_rule(harbour: Harbour) -> None:
    log = Log()
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        consumer = await blocked_at(harbour, log, 1)
        log.faults["ada", 2] = [ZeroDivisionError()]

        await replay(harbour.database, consumer, str(ADA))

        async def rules() -> list[str]:
            found = [letter.rule for letter in await show(harbour.database, consumer, str(ADA))]
            assert len(found) == 2
            assert found[0] == "bug"
            return found

        assert await eventually(rules) == ["bug", "behind_a_dead_letter"]
        assert log.done["ada"] == [1]


async def test_dropping_one_letter_lets_those_behind_it_go_on(harbour: Harbour) -> None:
    log = Log()
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        consumer = await blocked_at(harbour, log, 1)
        [first, *_] = await show(harbour.database, consumer, str(ADA))

        assert await drop(harbour.database, first.id)

        assert await eventually(lambda: log.done["ada"] == [2, 3])
        await harbour.blocked(0)
    assert not await drop(harbour.database, first.id)


async def test_dropping_the_only_letter_unblocks_the_stream(harbour: Harbour) -> None:
    log = Log()
    log.faults["ada", 1] = [QuayFull()]
    consumers = harbour.consumers(reactions=[greeting(harbour.topic, log.react)])
    async with running(consumers):
        await harbour.send(moored(ADA, 1))
        [blocked] = await harbour.blocked()
        [letter] = await show(harbour.database, blocked.consumer, str(ADA))
        await drop(harbour.database, letter.id)
        assert await eventually(lambda: consumers.health()[0].blocked_streams == 0)

        await harbour.send(moored(ADA, 2))
        assert await eventually(lambda: log.done["ada"] == [2])


async def test_a_blocked_stream_stays_blocked_after_a_restart_and_is_replayed_by_the_new_process(
    harbour: Harbour,
) -> None:
    log = Log()
    reactions = [greeting(harbour.topic, log.react)]
    async with running(harbour.consumers(reactions=reactions)):
        consumer = await blocked_at(harbour, log, 1)
    await replay(harbour.database, consumer, str(BIL))  # nothing waits there: nothing happens
    async with running(harbour.consumers(reactions=reactions)):
        await harbour.send(moored(ADA, 4), moored(BIL, 1))
        assert await eventually(lambda: log.done["bil"] == [1])
        assert log.done["ada"] == []

        await replay(harbour.database, consumer, str(ADA))
        assert await eventually(lambda: log.done["ada"] == [1, 2, 3, 4])


async def test_a_blocked_stream_stays_blocked_when_its_partition_moves_to_another_process(harbour: Harbour) -> None:
    log = Log()
    reactions = [greeting(harbour.topic, log.react)]
    first = harbour.consumers(reactions=reactions)
    second = harbour.consumers(reactions=reactions, read_models=harbour.other_process())
    async with running(second):
        async with running(first):
            consumer = await blocked_at(harbour, log, 1)
        await harbour.send(moored(ADA, 4), *(moored(boat(f"boat-{number}"), 1) for number in range(20)))
        assert await eventually(lambda: all(log.done[f"boat-{number}"] for number in range(20)))
        assert log.done["ada"] == []
        await replay(harbour.database, consumer, str(ADA))
        assert await eventually(lambda: log.done["ada"] == [1, 2, 3, 4])


async def test_a_fold_that_fails_blocks_its_stream_and_a_replay_with_mended_code_catches_up(harbour: Harbour) -> None:
    is_mended = False
    fold = harbour.boats.fold

    def mendable(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
        if is_mended and document is not None and "moored" in document:
            return {**document, "berth": POISON, "moored": document["moored"] + 1}
        return fold(document, recorded, key)

    where = harbour.projection(fold=mendable)
    async with running(harbour.consumers(where)):
        await harbour.send(moored(ADA, 1), moored(ADA, 2, berth=POISON), moored(ADA, 3), moored(BIL, 1), moored(BIL, 2))
        await harbour.seen("bil", moored=2)
        [blocked] = await harbour.blocked()
        assert (await harbour.seen("ada"))["moored"] == 1
        assert (blocked.stream, blocked.rule, blocked.letters) == (str(ADA), "bug", 2)

        is_mended = True
        await replay(harbour.database, blocked.consumer, str(ADA))

        assert (await harbour.seen("ada", moored=3))["_streams"] == {str(ADA): 3}
        await harbour.blocked(0)


async def test_a_document_that_cannot_be_stored_blocks_its_streams_only(harbour: Harbour) -> None:
    def unstorable(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
        return {"moored": {1, 2} if key.endswith("/ada") else 1}

    where = harbour.projection(fold=unstorable)
    async with running(harbour.consumers(where)):
        await harbour.send(*(moored(boat(f"boat-{number}"), 1) for number in range(9)), moored(ADA, 1))

        [blocked] = await harbour.blocked()
        assert (blocked.stream, blocked.rule) == (str(ADA), "bug")
        for number in range(9):
            await harbour.seen(f"boat-{number}")


async def test_a_replay_that_broke_off_midway_goes_on_by_itself(harbour: Harbour) -> None:
    """The letter on which the wish stood is done and gone; the next one still tells that its time has come."""
    is_mended = False

    def mendable(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
        if not is_mended and recorded.position > 1:
            raise ValueError("not yet")
        return {"moored": recorded.position}

    where = harbour.projection(fold=mendable)
    async with running(harbour.consumers(where)):
        await harbour.send(*(moored(ADA, position) for position in (1, 2, 3)))
        [blocked] = await harbour.blocked()
        assert blocked.letters == 2

        is_mended = True
        desk = Desk(harbour.database, blocked.consumer)
        with pytest.raises(ConnectionFailure):
            await desk.replay(str(ADA), _done_once_then(ConnectionFailure("away")))

        assert (await harbour.seen("ada", moored=3))["_streams"] == {str(ADA): 3}
        await harbour.blocked(0)


def _done_once_then(fault: Exception) -> Redo:
    answers: Iterator[Fault | None] = iter([None])

    async def redo(record: Record) -> Fault | None:
        for answer in answers:
            return answer
        raise fault

    return redo
