"""A reaction on the real engines: in order per stream, streams beside each other, faults that pass are tried again."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.reaction import Reaction
from chassis.refusal import FactsTooOld, Refusal
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.conftest import TopicFactory
from tests.support.consuming import (
    BoatMoored,
    BoatPainted,
    Harbour,
    Sent,
    boat,
    harbour_at,
    moored,
    running,
    sent,
)
from tests.support.stack import Addresses
from tests.support.wait import eventually

ADA, BIL, CAT = boat("ada"), boat("bil"), boat("cat")
React = Callable[[RecordedEvent], Awaitable[None]]


class QuayFull(Refusal):
    rule, sentence = "quay_full", "The quay is full."


class Log:
    """What a reaction saw, and what it is to answer; `done` counts only what did not raise."""

    def __init__(self) -> None:
        self.tried: Counter[tuple[str, int]] = Counter()
        self.done: defaultdict[str, list[int]] = defaultdict(list)
        self.faults: dict[tuple[str, int], list[Exception]] = {}

    async def react(self, recorded: RecordedEvent) -> None:
        place = (recorded.stream.id, recorded.position)
        self.tried[place] += 1
        if self.faults.get(place):
            raise self.faults[place].pop(0)
        self.done[recorded.stream.id].append(recorded.position)


def greeting(topic: str, react: React) -> Reaction:
    return Reaction("greeting", (topic,), (BoatMoored,), react)


@pytest.fixture
async def harbour(
    engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory
) -> AsyncIterator[Harbour]:
    async with harbour_at(engines.kafka, database, await topic(partitions=4)) as harbour:
        yield harbour


async def test_events_of_a_stream_are_reacted_to_in_order_and_other_types_are_skipped(harbour: Harbour) -> None:
    log = Log()
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        await harbour.send(*(moored(ADA, number) for number in range(1, 50)), sent(ADA, 50, BoatPainted()))
        await harbour.send(moored(ADA, 51), moored(BIL, 1))

        assert await eventually(lambda: log.done["bil"] and log.done["ada"][-1:] == [51])
        assert log.done["ada"] == [*range(1, 50), 51]


async def test_a_slow_stream_does_not_hold_up_others(harbour: Harbour) -> None:
    log, gate = Log(), asyncio.Event()

    async def react(recorded: RecordedEvent) -> None:
        if recorded.stream == ADA:
            await gate.wait()
        await log.react(recorded)

    async with running(harbour.consumers(reactions=[greeting(harbour.topic, react)])):
        await harbour.send(moored(ADA, 1), moored(BIL, 1), moored(CAT, 1))
        assert await eventually(lambda: log.done["bil"] and log.done["cat"])
        assert log.done["ada"] == []
        gate.set()
        assert await eventually(lambda: log.done["ada"])


async def test_a_fault_that_passes_is_tried_again_in_place(harbour: Harbour) -> None:
    log = Log()
    log.faults["ada", 1] = [FactsTooOld(), ConnectionRefusedError()]
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        await harbour.send(moored(ADA, 1), moored(ADA, 2))

        assert await eventually(lambda: log.done["ada"] == [1, 2])
        assert log.tried["ada", 1] == 3
        await harbour.blocked(0)


async def test_a_fault_that_lasts_parks_its_stream_which_goes_on_by_itself(harbour: Harbour) -> None:
    log = Log()
    log.faults["ada", 1] = [FactsTooOld() for _ in range(5)]
    async with running(harbour.consumers(reactions=[greeting(harbour.topic, log.react)])):
        await harbour.send(moored(ADA, 1), moored(ADA, 2), moored(BIL, 1))

        [parked] = await harbour.blocked()
        assert (parked.stream, parked.rule) == ("fjord/boat/ada", "facts_too_old")
        assert await eventually(lambda: log.done["bil"] == [1])
        assert await eventually(lambda: log.done["ada"] == [1, 2])
        await harbour.blocked(0)


@pytest.mark.parametrize(("fault", "rule"), [(QuayFull(), "quay_full"), (KeyError("berth"), "bug")])
async def test_a_fault_that_does_not_pass_sets_the_stream_aside_and_others_flow(
    harbour: Harbour, fault: Exception, rule: str
) -> None:
    log = Log()
    log.faults["ada", 2] = [fault]
    consumers = harbour.consumers(reactions=[greeting(harbour.topic, log.react)])
    async with running(consumers):
        await harbour.send(moored(ADA, 1), moored(ADA, 2), moored(ADA, 3), moored(BIL, 1))
        [blocked] = await harbour.blocked()
        await harbour.send(moored(ADA, 4), moored(BIL, 2))

        assert await eventually(lambda: log.done["bil"] == [1, 2])
        assert (blocked.stream, blocked.rule) == ("fjord/boat/ada", rule)
        assert log.done["ada"] == [1]
        assert await eventually(lambda: consumers.health()[0].blocked_streams == 1)
    assert log.tried["ada", 2] == 1


def unreadable(case: str) -> Sent:
    good = moored(ADA, 1)
    headers = dict(good.headers)
    match case:
        case "newer_schema_version":
            return Sent(good.key, good.value, [*(headers | {"ce_schemaversion": b"9"}).items()])
        case "no_upcast":
            return Sent(good.key, good.value, [*(headers | {"ce_schemaversion": b"1"}).items()])
        case "malformed_event":
            return Sent(good.key, b'{"harbour": 7}', good.headers)
        case "not_json":
            return Sent(good.key, b"\xff\x00{", good.headers)
        case "no_body":
            return Sent(good.key, None, good.headers)
        case "bad_header_bytes":
            return Sent(good.key, good.value, [*(headers | {"ce_actor": b"\xff\xfe"}).items()])
        case "no_headers":
            return Sent(b"\xffnot-ours", good.value, [])
        case "foreign_key":
            return Sent(b"fjord/boat/bil-not", good.value, good.headers)
        case _:
            raise LookupError(case)


@pytest.mark.parametrize(
    ("case", "rule", "field"),
    [
        ("newer_schema_version", "newer_schema_version", "ce_schemaversion"),
        ("no_upcast", "no_upcast", "ce_schemaversion"),
        ("malformed_event", "malformed_event", "harbour"),
        ("not_json", "malformed_event", ""),
        ("no_body", "malformed_event", ""),
        ("bad_header_bytes", "malformed_envelope", "ce_actor"),
        ("no_headers", "malformed_envelope", "ce_specversion"),
        ("foreign_key", "malformed_envelope", "key"),
    ],
)
async def test_what_cannot_be_read_is_set_aside_with_rule_and_field_and_blocks_nobody_else(
    harbour: Harbour, case: str, rule: str, field: str
) -> None:
    log = Log()
    async with running(harbour.consumers(harbour.boats, reactions=[greeting(harbour.topic, log.react)])):
        await harbour.send(unreadable(case), moored(BIL, 1))

        assert await eventually(lambda: log.done["bil"] == [1])
        await harbour.seen("bil")
        blocked = await harbour.blocked(2)  # the projection and the reaction each have their own
        assert {(stream.rule, stream.field) for stream in blocked} == {(rule, field)}


async def test_what_was_reacted_to_is_not_offered_again_after_a_restart(harbour: Harbour) -> None:
    log = Log()
    reactions = [greeting(harbour.topic, log.react)]
    async with running(harbour.consumers(reactions=reactions)):
        await harbour.send(moored(ADA, 1))
        assert await eventually(lambda: log.done["ada"] == [1])
    async with running(harbour.consumers(reactions=reactions)):
        await harbour.send(moored(ADA, 2))
        assert await eventually(lambda: log.done["ada"] == [1, 2])
    assert log.tried == {("ada", 1): 1, ("ada", 2): 1}
