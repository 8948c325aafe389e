"""What the relay promises, on the real MongoDB and Kafka."""

import asyncio
from collections.abc import Iterable, MutableMapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from structlog.testing import capture_logs

from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo import MongoEventStore
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.observability import REGISTRY
from chassis.relay.sender import Sender
from contracts.envelope import Origin, event_id
from tests.conftest import TopicFactory
from tests.support.harbour import NOON, CrateLanded, NoteScribbled, commit, landed, quay_stream
from tests.support.quayside import PARTITIONS, Database, Quayside, running
from tests.support.stack import Addresses
from tests.support.wait import eventually


class CountingOutbox(MongoOutbox):
    """Counts the commits that were found by reading."""

    found_count = 0

    async def pending(
        self, limit: int, *, partition: int | None = None, without: Iterable[str] = ()
    ) -> list[CommitDocument]:
        found = await super().pending(limit, partition=partition, without=without)
        self.found_count += len(found)
        return found


async def test_every_public_event_comes_out_as_it_was_stored(quayside: Quayside) -> None:
    stream = quay_stream()
    origin = Origin(NOON - timedelta(days=1), NOON, "correlation-1", "user-1", "event-1", "00-ab-cd-01")
    first = await quayside.store.append(commit(stream, 0, *landed(1, 2), origin=origin))
    await quayside.store.append(commit(stream, 2, NoteScribbled(text="hidden")))
    third = await quayside.store.append(commit(stream, 3, NoteScribbled(text="hidden"), *landed(3)))

    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    assert await quayside.events() == [*first.recorded(), *third.recorded()[1:]]


async def test_a_record_is_a_cloud_event_keyed_by_its_stream(quayside: Quayside) -> None:
    stream = quay_stream("bergen", "quay-1")
    await quayside.store.append(commit(stream, 0, *landed(7)))

    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    [record] = await quayside.records()
    assert (record.key, record.value) == (b"bergen/quay/quay-1", b'{"weight_kg":7}')
    assert record.timestamp == int(NOON.timestamp() * 1000)
    headers = dict(record.headers)
    assert (headers["ce_id"], headers["ce_source"]) == (event_id(str(stream), 1).encode(), b"/kobling/harbour")
    assert (headers["ce_type"], headers["ce_specversion"]) == (b"harbour.crate-landed", b"1.0")


async def test_a_record_sent_again_is_the_same_bytes(quayside: Quayside) -> None:
    for weight in range(3):
        await quayside.store.append(commit(quay_stream(), 0, *landed(weight, weight)))
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)
    first = await quayside.records()
    await quayside.database["commits"].update_many({}, {"$set": {"o": 1}})
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    def bytes_of(record: ConsumerRecord) -> tuple[object, ...]:
        return (record.key, record.value, tuple(record.headers), record.timestamp, record.partition)

    again = await quayside.records()
    assert sorted(map(bytes_of, again)) == sorted([bytes_of(record) for record in first] * 2)


async def test_order_is_by_position_whatever_the_clocks_of_the_writers_say(quayside: Quayside) -> None:
    streams = [quay_stream() for _ in range(5)]
    for version in range(6):
        at = NOON - timedelta(hours=version)
        for stream in streams:
            await quayside.store.append(commit(stream, version, origin=Origin(at, at, "c", "a")))

    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    events = await quayside.events()
    assert [[e.position for e in events if e.stream == stream] for stream in streams] == [[1, 2, 3, 4, 5, 6]] * 5


async def test_a_backlog_of_many_pages_comes_out_whole_and_in_order(quayside: Quayside) -> None:
    streams = [quay_stream() for _ in range(40)]
    for version in range(0, 40, 2):
        await asyncio.gather(*(quayside.store.append(commit(s, version, *landed(1, 2))) for s in streams))

    async with running(quayside.relay(page_size=50)):
        await eventually(quayside.is_drained)

    events = await quayside.events()
    assert [[e.position for e in events if e.stream == s] for s in streams] == [list(range(1, 41))] * 40


async def test_a_commit_larger_than_a_record_batch_comes_out_in_order(quayside: Quayside) -> None:
    stream = quay_stream()
    big = [NoteScribbled(text="x"), *landed(*range(1, 4_001))]
    await quayside.store.append(commit(stream, 0, *big))

    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    assert [event.position for event in await quayside.events()] == list(range(2, 4_002))


async def test_what_the_own_process_appends_is_sent_without_reading_the_outbox(
    quayside: Quayside, database: Database
) -> None:
    outbox = CountingOutbox(database)
    relay = quayside.relay(outbox=outbox)
    store = MongoEventStore(database, partitions=PARTITIONS, on_append=relay.offer)
    streams = [quay_stream() for _ in range(8)]

    async with running(relay):
        await store.append(commit(quay_stream(), 0))
        await eventually(quayside.is_drained)
        outbox.found_count = 0
        for version in range(5):
            await asyncio.gather(*(store.append(commit(stream, version)) for stream in streams))
        await eventually(quayside.is_drained)

    # The outbox is looked at now and then all the same, for what other processes append: it may find some of them.
    assert outbox.found_count < 5 * len(streams)
    events = await quayside.events()
    assert [[e.position for e in events if e.stream == stream] for stream in streams] == [[1, 2, 3, 4, 5]] * 8


async def test_a_stream_that_several_processes_write_stays_in_order_though_one_of_them_hands_over(
    quayside: Quayside, database: Database
) -> None:
    relay = quayside.relay()
    stores = [MongoEventStore(database, partitions=PARTITIONS, on_append=relay.offer), quayside.store]
    streams = [quay_stream() for _ in range(8)]

    async def write(number: int) -> None:
        for version in range(30):
            await stores[(version + number) % 3 % 2].append(commit(streams[number], version))

    async with running(relay):
        await asyncio.gather(*(write(number) for number in range(8)))
        await eventually(quayside.is_drained)

    events = await quayside.events()
    assert [[e.position for e in events if e.stream == s] for s in streams] == [list(range(1, 31))] * 8


async def test_of_two_relays_one_works_and_the_other_takes_over(quayside: Quayside) -> None:
    stream = quay_stream()
    async with AsyncExitStack() as second:
        async with running(quayside.relay()):
            await quayside.store.append(commit(stream, 0))
            await eventually(quayside.is_drained)
            await second.enter_async_context(running(quayside.relay()))
            for version in range(1, 20):
                await quayside.store.append(commit(stream, version))
            await eventually(quayside.is_drained)
        await quayside.store.append(commit(stream, 20))
        await eventually(quayside.is_drained)

    assert [event.position for event in await quayside.events()] == list(range(1, 22))


async def test_a_clean_stop_in_the_middle_of_a_backlog_repeats_nothing(quayside: Quayside) -> None:
    streams = [quay_stream() for _ in range(300)]
    await asyncio.gather(*(quayside.store.append(commit(stream, 0)) for stream in streams))

    for _ in range(10):
        async with running(quayside.relay(page_size=20)):
            await eventually(lambda: True)
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    assert len(await quayside.records()) == 300


async def test_an_event_too_large_for_the_topic_holds_back_its_own_stream_only(quayside: Quayside) -> None:
    await limit_message_bytes(quayside, 20_000)
    stuck, flowing = quay_stream(), [quay_stream() for _ in range(30)]
    await quayside.store.append(commit(stuck, 0, *landed(1)))
    await quayside.store.append(commit(stuck, 1, CrateLanded(weight_kg=2, mark="x" * 30_000)))
    await quayside.store.append(commit(stuck, 2, *landed(3)))
    await asyncio.gather(*(quayside.store.append(commit(stream, 0, *landed(*range(100)))) for stream in flowing))

    async def only_the_stuck_are_left() -> bool:
        return {document["s"] for document in await MongoOutbox(quayside.database).pending(100)} == {str(stuck)}

    with capture_logs() as logs:
        async with running(quayside.relay()):
            await eventually(only_the_stuck_are_left)

    events = await quayside.events()
    assert {event.stream for event in events} >= set(flowing)
    assert [event.position for event in events if event.stream == stuck] in ([], [1])
    assert [entry["stream"] for entry in logs if entry["event"] == "event_too_large_for_topic"] == [str(stuck)]


async def limit_message_bytes(quayside: Quayside, limit: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=quayside.kafka)
    await admin.start()
    try:
        topic = ConfigResource(ConfigResourceType.TOPIC, quayside.topic, {"max.message.bytes": str(limit)})
        await admin.alter_configs([topic])
    finally:
        await admin.close()


async def test_metrics_count_the_events_and_tell_the_backlog(quayside: Quayside) -> None:
    def value(name: str) -> float:
        return REGISTRY.get_sample_value(name, {"service": "harbour"}) or 0.0

    before = value("kobling_relay_events_total")
    await quayside.store.append(commit(quay_stream(), 0, *landed(1, 2, 3)))
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)
        await eventually(lambda: value("kobling_relay_pending_commits") == 0)
        assert value("kobling_relay_leads") == 1

    assert value("kobling_relay_events_total") - before == 3
    assert value("kobling_relay_leads") == 0


async def test_a_topic_that_is_not_there_yet_is_waited_for_and_told_of_once(
    database: Database, engines: Addresses, topic: TopicFactory, unique: str
) -> None:
    quayside = Quayside(database, engines.kafka, f"{unique}.events")
    await quayside.store.prepare()
    await quayside.store.append(commit(quay_stream(), 0))

    sender = Sender(
        quayside.kafka,
        topic=quayside.topic,
        source="/kobling/harbour",
        partitions=PARTITIONS,
        request_timeout_seconds=1,
    )

    with capture_logs() as logs:
        async with running(quayside.relay(sender=sender)):
            await eventually(lambda: _stalls(logs) == ["UnknownTopicOrPartitionError"])
            await topic("events", partitions=PARTITIONS)
            await eventually(quayside.is_drained)

    assert _stalls(logs) == ["UnknownTopicOrPartitionError"]
    assert len(await quayside.records()) == 1


async def test_a_topic_with_other_partitions_than_the_store_was_told_gets_nothing(
    database: Database, engines: Addresses, topic: TopicFactory
) -> None:
    quayside = Quayside(database, engines.kafka, await topic("events", partitions=PARTITIONS + 1))
    await quayside.store.prepare()
    await quayside.store.append(commit(quay_stream(), 0))

    with capture_logs() as logs:
        async with running(quayside.relay()):
            await eventually(lambda: _stalls(logs) == ["TopicMismatch"])

    assert await quayside.records() == []


def _stalls(logs: Sequence[MutableMapping[str, Any]]) -> list[str]:
    return [entry["fault"] for entry in logs if entry["event"] == "relay_stalled"]
