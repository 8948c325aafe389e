"""Sends single records that are not events of a stream: answers to a tenant's own systems."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis.kafka import Kafka, connection
from contracts.envelope import Header


class Publisher:
    """One idempotent producer, made when first needed and thrown away after any error.

    The caller decides what a failure means: a handler that raises is tried again, and a record sent twice is the same
    bytes under the same `ce_id`.
    """

    def __init__(self, kafka: Kafka, *, namespace: str = "") -> None:
        self._kafka = kafka
        self._namespace = namespace
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, topic: str, *, key: str, headers: Sequence[Header], body: bytes) -> None:
        """Returns when all in-sync replicas have the record. Raises KafkaError when they do not."""
        producer = await self._started()
        try:
            await producer.send_and_wait(f"{self._namespace}{topic}", body, key=key.encode(), headers=list(headers))
        except KafkaError:
            await self._discard(producer)
            raise

    async def aclose(self) -> None:
        if self._producer is not None:
            await self._discard(self._producer)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(**connection(self._kafka), acks="all", enable_idempotence=True)
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await producer.stop()
