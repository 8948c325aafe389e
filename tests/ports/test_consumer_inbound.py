"""Inbound records on the real broker: whatever a tenant's systems write, nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumer import Consumers
from chassis.dead_letters import COLLECTION, replay
from chassis.inbound import Inbound, InboundRecord
from contracts.base import JsonObject
from tests.conftest import TopicFactory
from tests.support.consuming import Harbour, NoText, Sent, harbour_at, running, sending, sending_anything
from tests.support.stack import Addresses
from tests.support.wait import eventually


class Desk:
    """Keeps what it receives; a body of b"stuck" is a bug until it is mended."""

    def __init__(self) -> None:
        self.received: list[InboundRecord] = []
        self.is_mended = False

    async def receive(self, record: InboundRecord) -> None:
        if record.body == b"stuck" and not self.is_mended:
            raise ZeroDivisionError
        self.received.append(record)

    def of(self, key: str) -> list[bytes]:
        return [record.body for record in self.received if record.key == key]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def harbour(
    engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory
) -> AsyncIterator[Harbour]:
    async with harbour_at(engines.kafka, database, await topic("letters.west")) as harbour:
        yield harbour


def receiving(harbour: Harbour, desk: Desk) -> Consumers:
    """Consumers of all letters, in the namespace that the test's topics have."""
    namespace = harbour.topic.removesuffix("letters.west")
    inbound = Inbound("letters", r"^letters\.[a-z]+$", desk.receive)
    return Consumers(
        "harbour",
        harbour.kafka,
        harbour.database,
        read_models=harbour.read_models,
        namespace=namespace,
        inbounds=[inbound],
    )


async def test_a_record_comes_with_its_bytes_and_cleaned_headers(harbour: Harbour, desk: Desk) -> None:
    async with running(receiving(harbour, desk)):
        await harbour.send(Sent(b"a", b"\x00\xff", [("Content-Type", b"text/plain"), ("x-broken", b"\xff\xfe")]))

        assert await eventually(lambda: desk.received) == [
            InboundRecord(
                topic="letters.west",
                key="a",
                headers={"content-type": "text/plain", "x-broken": "��"},
                body=b"\x00\xff",
                partition=0,
                offset=0,
            )
        ]


async def test_big_empty_and_odd_records_come_through_in_order_per_key(harbour: Harbour, desk: Desk) -> None:
    big = b"x" * 1_000_000
    async with running(receiving(harbour, desk)):
        await harbour.send(
            Sent(b"a", big, []),
            Sent(b"a", None, []),
            Sent(None, b"{", []),
            Sent(b"\xff", b"b", []),
            Sent(b"a", b"", []),
        )
        assert await eventually(lambda: len(desk.received) == 5)
        assert desk.of("a") == [big, b"", b""]
        await harbour.blocked(0)


async def test_a_handler_that_raises_holds_up_only_records_with_the_same_key(harbour: Harbour, desk: Desk) -> None:
    async with running(receiving(harbour, desk)):
        await harbour.send(
            Sent(b"a", b"stuck", []),
            Sent(b"a", b"next", []),
            Sent(b"b", b"1", []),
            Sent(None, b"stuck", []),
            Sent(None, b"2", []),
        )
        assert await eventually(lambda: len(desk.received) == 2)
        keyless, keyed = await harbour.blocked(2)
        if keyed.letters == 1:
            keyless, keyed = keyed, keyless
        assert (keyed.stream.removeprefix(harbour.topic), keyed.letters, keyed.rule) == ("/a", 2, "bug")

        desk.is_mended = True
        await replay(harbour.database, keyed.consumer, keyed.stream)
        assert await eventually(lambda: desk.of("a") == [b"stuck", b"next"])
        await harbour.blocked(1)


@pytest.mark.requirement("S2.3")
async def test_what_could_not_be_worked_off_is_let_go_when_its_topic_keeps_it_no_longer(
    harbour: Harbour, desk: Desk
) -> None:
    """It stands in clear. What came later under its key is taken up then."""
    letters = harbour.database[COLLECTION]
    async with running(receiving(harbour, desk)):
        await harbour.send(Sent(b"a", b"stuck", []), Sent(b"a", b"next", []))
        await harbour.blocked(1)
        stuck = await letters.find_one({"body": b"stuck"})
        assert stuck is not None
        assert stuck["replay_at"] - stuck["at"] == timedelta(days=7)

        await replay(harbour.database, stuck["consumer"], stuck["stream"])
        tried = await eventually(lambda: letters.find_one({"body": b"stuck", "attempts": 2}))
        assert tried is not None
        assert tried["replay_at"] == stuck["replay_at"]  # an operator who tries in vain keeps it no longer
        week_later = {name: tried[name] - timedelta(days=7) for name in ("at", "replay_at")}
        await letters.update_one({"_id": tried["_id"]}, {"$set": week_later})
        assert await eventually(lambda: desk.of("a")) == [b"next"]
        await harbour.blocked(0)
    assert await letters.count_documents({}) == 0


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_compressed_records_are_read(harbour: Harbour, desk: Desk, codec: str) -> None:
    async with running(receiving(harbour, desk)), sending(harbour.kafka, compression_type=codec) as sender:
        await sender.send(harbour.topic, Sent(b"a", b"packed" * 100, []))
        assert await eventually(lambda: desk.of("a")) == [b"packed" * 100]


async def test_a_header_whose_name_is_no_text_takes_nothing_with_it(harbour: Harbour, desk: Desk) -> None:
    good = [Sent(b"%d" % number, b"good", []) for number in range(40)]
    async with running(receiving(harbour, desk)), sending_anything(harbour.kafka) as sender:
        for records in (good[:20], [Sent(b"x", b"bad", [(NoText("x"), b"y")])], good[20:]):
            await sender.send(harbour.topic, *records)

        assert await eventually(lambda: len(desk.received) == 41)
    assert sorted(int(record.key) for record in desk.received if record.body == b"good") == [*range(40)]
    assert [(record.offset, record.key, record.body) for record in desk.received if record.body != b"good"] == [
        (20, "", b"")
    ]


async def test_what_was_read_before_an_unreadable_record_of_the_same_fetch_is_not_lost(
    harbour: Harbour, desk: Desk
) -> None:
    async with sending_anything(harbour.kafka) as sender:
        await sender.send(harbour.topic, *(Sent(b"%d" % n, b"good", []) for n in range(20)))
        await sender.send(harbour.topic, Sent(b"x", b"bad", [(NoText("x"), b"y")]))
        await sender.send(harbour.topic, Sent(b"20", b"good", []))
    async with running(receiving(harbour, desk)):
        assert await eventually(lambda: len(desk.received) == 22)
    assert sorted(int(record.key) for record in desk.received if record.body == b"good") == [*range(21)]


async def test_a_new_tenants_topic_is_picked_up_within_seconds(
    harbour: Harbour, desk: Desk, topic: TopicFactory
) -> None:
    async with running(receiving(harbour, desk)):
        new = await topic("letters.east")
        await harbour.sender.send(new, Sent(b"a", b"hello", []))
        await harbour.send(Sent(b"a", b"west", []))

        async with asyncio.timeout(10):
            assert await eventually(lambda: len(desk.received) == 2)
        assert {(record.topic, record.body) for record in desk.received} == {
            ("letters.east", b"hello"),
            ("letters.west", b"west"),
        }
