"""A store, the topic its commits are relayed to, and what has come out there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store.mongo import MongoEventStore
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.relay import Relay
from contracts.base import JsonObject, decode
from contracts.envelope import Envelope, RecordedEvent

Database = AsyncDatabase[JsonObject]
PARTITIONS = 4


class Quayside:
    """The service "harbour" without its API."""

    def __init__(self, database: Database, kafka: str, topic: str) -> None:
        self.database = database
        self.store = MongoEventStore(database, partitions=PARTITIONS)
        self.kafka = kafka
        self.topic = topic

    def relay(self, **options: Any) -> Relay:
        return Relay(self.database, "harbour", self.kafka, topic=self.topic, partitions=PARTITIONS, **options)

    async def records(self) -> list[ConsumerRecord]:
        """Everything in the topic, partition by partition."""
        return await records_in(self.topic, self.kafka)

    async def events(self) -> list[RecordedEvent]:
        return [recorded(record) for record in await self.records()]

    async def is_drained(self) -> bool:
        return await MongoOutbox(self.database).count() == 0


def recorded(record: ConsumerRecord) -> RecordedEvent:
    envelope = Envelope.from_headers(record.headers)
    event = decode(envelope.event_type, envelope.schema_version, record.value)
    return RecordedEvent(envelope.stream, envelope.position, event, envelope.origin)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcome for outcome in outcomes if not isinstance(outcome, asyncio.CancelledError)] == []


async def records_in(topic: str, kafka: str) -> list[ConsumerRecord]:
    """Every record that is in the topic now, by partition and offset."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[ConsumerRecord] = []
        while len(found) < sum(ends.values()):
            batches = await consumer.getmany(timeout_ms=500)
            found += [record for records in batches.values() for record in records]
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()
