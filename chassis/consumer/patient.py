"""aiokafka's consumer, made patient, and proof against records that it cannot read."""

from collections.abc import Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError

from chassis.consumer.record import KeptRecord, Record

log = structlog.get_logger()

# A poll answers at once when something comes, so while all is quiet it may be long. While records flow it is short:
# aiokafka asks a broker for one thing at a time, and a partition that is read waits for those that are empty.
_LONG_POLL_MS = 2000
_SHORT_POLL_MS = 20
_QUIET_AFTER_MS = 500
_STEP_MS = 200

Batches = dict[TopicPartition, list[Record]]


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """Waits for records instead of answering "none" a hundred times a second, which FastStream would sleep on.

    `era` is an identity that changes with every assignment of partitions. It is noted together with the records, and
    so is the first offset of each partition: what is on its way is never taken for done, or for another era's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.era_of_last_batch: object = None
        self._first_offsets: dict[TopicPartition, int] = {}

    @property
    def era(self) -> Any:
        """aiokafka's assignment object, a new one after every rebalance; None while there is none."""
        subscription = self._subscription.subscription
        return None if subscription is None else subscription.assignment

    def start_of(self, partition: TopicPartition) -> int | None:
        """Where this era began in a partition, or will: None until the broker told."""
        era = self.era
        if era is None or partition not in era.tps:
            return None
        if era is self.era_of_last_batch and partition in self._first_offsets:
            return self._first_offsets[partition]
        state = era.state_value(partition)
        return int(state.position) if state.has_valid_position else None

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> Batches:
        """At least one record, as soon as there is one. `timeout_ms` is not listened to."""
        batches = await self._fetched(_QUIET_AFTER_MS, max_records)
        while not batches:
            self._fetcher._fetch_max_wait_ms = _LONG_POLL_MS
            batches = await self._fetched(60_000, max_records)
        self._fetcher._fetch_max_wait_ms = _SHORT_POLL_MS
        if self.era is not self.era_of_last_batch:
            self.era_of_last_batch = self.era
            self._first_offsets.clear()
        for partition, records in batches.items():
            self._first_offsets.setdefault(partition, records[0].offset)
        return batches

    async def _fetched(self, timeout_ms: int, max_records: int | None) -> Batches:
        """What a failing fetch had taken already is not lost: positions go back to where they were before it."""
        era, positions = self.era, self._positions()
        try:
            batches: Batches = await super().getmany(timeout_ms=timeout_ms, max_records=max_records)
        except Exception as fault:
            if self.era is not era or isinstance(fault, ConsumerStoppedError):
                raise
            stumbled_over = next(iter(self._fetcher._records), None)
            await self._go_back(positions)
            if isinstance(fault, UnicodeDecodeError):
                return await self._past_the_unreadable(stumbled_over)
            raise
        return batches

    async def _go_back(self, positions: dict[TopicPartition, int]) -> None:
        for partition in self.assignment():
            if partition in positions:
                self.seek(partition, positions[partition])
            elif (committed := await self.committed(partition)) is not None:
                self.seek(partition, committed)
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
                    found: Batches = await super().getmany(partition, timeout_ms=_STEP_MS, max_records=1)
                except UnicodeDecodeError:
                    log.warning("record_unreadable", topic=partition.topic, partition=partition.partition)
                    self.seek(partition, position + 1)
                    empty = KeptRecord(partition.topic, partition.partition, position, None, None, ())
                    stepped.setdefault(partition, []).append(empty)
                    return stepped
                if not found:
                    break
                stepped.setdefault(partition, []).extend(found[partition])
        return stepped

    def _positions(self) -> dict[TopicPartition, int]:
        """Where fetching goes on, for each partition of which the broker told."""
        era = self.era
        partitions: Iterable[TopicPartition] = () if era is None else era.tps
        states = ((partition, era.state_value(partition)) for partition in partitions)
        return {partition: int(state.position) for partition, state in states if state.has_valid_position}
