"""The engines that every other test stands on."""

from __future__ import annotations

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo.asynchronous.database import AsyncDatabase

from tests.conftest import TopicFactory
from tests.support.stack import Addresses


async def test_what_is_sent_to_kafka_comes_back(engines: Addresses, topic: TopicFactory) -> None:
    name = await topic("greetings", partitions=2)
    async with AIOKafkaProducer(bootstrap_servers=engines.kafka, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(name, b"hei", key=b"k")
    async with AIOKafkaConsumer(
        name, bootstrap_servers=engines.kafka, auto_offset_reset="earliest", group_id=None
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"k", b"hei")


async def test_mongodb_is_a_replica_set_that_takes_majority_writes(database: AsyncDatabase[dict[str, Any]]) -> None:
    async with database.client.start_session() as session, await session.start_transaction():
        await database.things.insert_one({"_id": 1}, session=session)
    assert await database.things.find_one({}) == {"_id": 1}
