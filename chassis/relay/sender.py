"""Sends commits to one topic in idempotent record batches."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from chassis.event_store.documents import CommitDocument
from chassis.kafka import Kafka, connection
from chassis.relay.records import Record, records_of

_BATCH_BYTES = 512 * 1024

log = structlog.get_logger()


class TopicMismatch(Exception):
    """The topic has another number of partitions than the store was told: keys would change their place."""


class BatchTooLarge(Exception):
    """The topic takes less at once than was sent. The next batches are smaller: send again."""


class RecordTooLarge(Exception):
    """The broker does not even take this stream's next event alone."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"{stream}: an event is larger than the topic allows")
        self.stream = stream


class Sender:
    """One batch per partition is in flight, acknowledged by all in-sync replicas before the next is sent.

    After any error it must be closed, once every partition has its answer: an idempotent producer may be stuck for
    ever. The next call makes a new one; what the old one still had in flight may yet arrive, as a repetition.
    """

    def __init__(
        self, kafka: Kafka, *, topic: str, source: str, partitions: int, request_timeout_seconds: float = 10.0
    ) -> None:
        self._kafka = kafka
        self._topic = topic
        self._source = source
        self._partitions = partitions
        self._request_timeout_seconds = request_timeout_seconds
        self._batch_bytes = _BATCH_BYTES
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, partition: int, documents: Sequence[CommitDocument]) -> int:
        """Send the commits in the order given, and count their events. One call per partition at a time.

        Returns when all are acknowledged. Raises KafkaError, TopicMismatch, BatchTooLarge or RecordTooLarge; then any
        part of them may have been sent.
        """
        producer = await self._started()
        count = 0
        records = (record for document in documents for record in records_of(document, source=self._source))
        for batch, first_key in _batches(producer, records):
            try:
                # An idempotent producer never gives up by itself.
                async with asyncio.timeout(self._request_timeout_seconds):
                    await (await producer.send_batch(batch, self._topic, partition=partition))
            except TimeoutError:
                raise KafkaTimeoutError(f"{self._topic} gave no answer") from None
            except MessageSizeTooLargeError:
                self._shrink_batches(batch.record_count(), first_key)
                raise BatchTooLarge from None
            count += batch.record_count()
        return count

    async def aclose(self) -> None:
        """Throw the producer away. Call it when no partition waits for an answer any more."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _abandon(producer)

    def _shrink_batches(self, record_count: int, first_key: bytes) -> None:
        """Down to single events, if need be."""
        if record_count == 1:
            self._batch_bytes = _BATCH_BYTES
            raise RecordTooLarge(first_key.decode())
        self._batch_bytes = max(1, self._batch_bytes // 4)
        log.warning("record_batch_too_large", topic=self._topic, next_batch_bytes=self._batch_bytes)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._start()
            return self._producer

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **connection(self._kafka),
            acks="all",
            enable_idempotence=True,
            max_batch_size=self._batch_bytes,
            request_timeout_ms=int(self._request_timeout_seconds * 1000),
        )
        try:
            await producer.start()
            await self._require_partitions(producer)
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _require_partitions(self, producer: AIOKafkaProducer) -> None:
        found = await producer.partitions_for(self._topic)
        if not found:
            raise KafkaError(f"the topic {self._topic} does not exist")
        if len(found) != self._partitions:
            raise TopicMismatch(f"{self._topic} has {len(found)} partitions, not {self._partitions}")


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Stop it without waiting for what it has not delivered: with the broker away, `stop` alone waits for ever."""
    await producer._sender.close()
    accumulator = producer._message_accumulator
    accumulator._pending_batches.update(chain.from_iterable(accumulator._batches.values()))
    for batch in accumulator._pending_batches:
        batch.future.cancel()
    await producer.stop()


def _batches(producer: AIOKafkaProducer, records: Iterator[Record]) -> Iterator[tuple[Any, bytes]]:
    """Full batches in order, each with the key of its first record. The first always fits, whatever its size."""
    batch, first_key = producer.create_batch(), b""
    for record in records:
        if not _append(batch, record):
            yield batch, first_key
            batch = producer.create_batch()
            _append(batch, record)
        if batch.record_count() == 1:
            first_key = record.key
    if batch.record_count():
        yield batch, first_key


def _append(batch: Any, record: Record) -> bool:
    added = batch.append(timestamp=record.timestamp_ms, key=record.key, value=record.value, headers=record.headers)
    return added is not None
