"""aiokafka's consumer, made patient, and proof against records that it cannot read."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from chassis.consumer.record import Record

log = structlog.get_logger()

# A poll answers at once when something comes, so while all is quiet it may be long. While records flow it is short:
# aiokafka asks a broker for one thing at a time, and a partition that is read waits for those that are empty.
_LONG_POLL_MS = 2000
_SHORT_POLL_MS = 20
_QUIET_AFTER_MS = 500
_STEP_MS = 200
_ANSWERS_WITHIN_SECONDS = 5.0

Batches = dict[TopicPartition, list[Record]]


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """Waits for records instead of answering "none" a hundred times a second, which FastStream would sleep on.

    `era` is an identity that changes with every assignment of partitions. It is noted together with the records: what
    is on its way is never taken for another era's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.era_of_last_batch: object = None

    @property
    def era(self) -> Any:
        """aiokafka's assignment object, a new one after every rebalance; None while there is none."""
        subscription = self._subscription.subscription
        return None if subscription is None else subscription.assignment

    async def cluster_id(self) -> str:
        """Which cluster this is: offsets of another one mean nothing here. Raises KafkaError."""
        response = await self._client.send(self._client.get_random_node(), MetadataRequest([]))
        return str(response.cluster_id)

    async def is_deaf(self, seconds: float) -> bool:
        """Nothing was heard of some partition for so long, although the broker answers when it is asked."""
        asked = {partition: self.last_poll_timestamp(partition) for partition in self.assignment()}
        if not asked or min(at or 0 for at in asked.values()) > (time.time() - seconds) * 1000:
            return False
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
                await self.end_offsets(list(asked))
        except (KafkaError, TimeoutError):
            return False
        return True

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> Batches:
        """At least one record, as soon as there is one. `timeout_ms` is not listened to."""
        batches = await self._fetched(_QUIET_AFTER_MS, max_records)
        while not batches:
            self._fetcher._fetch_max_wait_ms = _LONG_POLL_MS
            batches = await self._fetched(60_000, max_records)
        self._fetcher._fetch_max_wait_ms = _SHORT_POLL_MS
        self.era_of_last_batch = self.era
        return batches

    async def _fetched(self, timeout_ms: int, max_records: int | None) -> Batches:
        """What a failing fetch had taken already is not lost: positions go back to where they were before it."""
        era, positions = self.era, self._positions()
        try:
            fetched = await super().getmany(timeout_ms=timeout_ms, max_records=max_records)
        except Exception as fault:
            if self.era is not era or isinstance(fault, ConsumerStoppedError):
                raise
            stumbled_over = next(iter(self._fetcher._records), None)
            await self._go_back(positions)
            if isinstance(fault, UnicodeDecodeError):
                return await self._past_the_unreadable(stumbled_over)
            raise
        return {partition: [_kept(record) for record in records] for partition, records in fetched.items()}

    async def _go_back(self, positions: dict[TopicPartition, int]) -> None:
        for partition in self.assignment():
            if partition in positions:
                self.seek(partition, positions[partition])
            else:
                await self.seek_to_beginning(partition)

    async def _past_the_unreadable(self, suspect: TopicPartition | None) -> Batches:
        """Step to the record that aiokafka cannot read, and hand over an empty one in its place.

        A header whose name is not UTF-8 is such a record. aiokafka would stumble over it for ever, and lose the records
        that it had read before it. What its sender sent in one batch with it, and after it, cannot be read either.
        """
        self._fetcher._fetch_max_wait_ms = _SHORT_POLL_MS
        stepped: Batches = {}
        for partition in sorted(self.assignment(), key=lambda each: each != suspect):
            while True:
                position = await self.position(partition)
                try:
                    found = await super().getmany(partition, timeout_ms=_STEP_MS, max_records=1)
                except UnicodeDecodeError:
                    log.warning("record_unreadable", topic=partition.topic, partition=partition.partition)
                    self.seek(partition, position + 1)
                    empty = Record(partition.topic, partition.partition, position, None, None, ())
                    stepped.setdefault(partition, []).append(empty)
                    return stepped
                if not found:
                    break
                stepped.setdefault(partition, []).extend(map(_kept, found[partition]))
        return stepped

    def _positions(self) -> dict[TopicPartition, int]:
        """Where fetching goes on, for each partition of which the broker told."""
        era = self.era
        partitions: Iterable[TopicPartition] = () if era is None else era.tps
        states = ((partition, era.state_value(partition)) for partition in partitions)
        return {partition: int(state.position) for partition, state in states if state.has_valid_position}


def _kept(record: Any) -> Record:
    return Record(record.topic, record.partition, record.offset, record.key, record.value, record.headers)
