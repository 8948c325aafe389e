"""What one group member has done in each partition it has: offsets, lag, and when it had read to the end."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from chassis.consumer.edge import Subscription
from chassis.consumer.patient import PatientConsumer
from chassis.consumer.record import Record

log = structlog.get_logger()

# Committing costs the broker some milliseconds, so it is done in the background, and not for every batch.
_COMMIT_EVERY_SECONDS = 0.3
_COMMIT_WITHIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a partition ended, and when that was so."""

    end: int
    at_ms: int


class Partitions:
    """Forgets everything when its era ends: what was in work then is done again by whoever has the partition next."""

    def __init__(self) -> None:
        self._subscription: Subscription | None = None
        self._era: object = None
        self._era_began = time.monotonic()
        self._next: dict[TopicPartition, int] = {}
        self._marks: dict[TopicPartition, _Mark] = {}
        self._caught_up_ms: dict[TopicPartition, int] = {}
        self._uncommitted: dict[TopicPartition, int] = {}
        self._news = asyncio.Event()
        self._committing = asyncio.Lock()

    def opened(self, subscription: Subscription) -> None:
        self._subscription = subscription

    def era_of_delivery(self) -> object:
        """To be asked when a batch is delivered: the era it was fetched in."""
        consumer = self._consumer()
        return None if consumer is None else consumer.era_of_last_batch

    @property
    def era(self) -> object:
        """The era now; None while there is none."""
        self._consumer()
        return self._era

    def is_current(self, era: object) -> bool:
        """Whether records of that era may still be counted as done."""
        return self._consumer() is not None and era is self._era

    def owned(self) -> frozenset[TopicPartition]:
        consumer = self._consumer()
        return frozenset() if consumer is None else frozenset(consumer.assignment())

    def still_owned(self, records: Sequence[Record]) -> Sequence[Record]:
        """Without those of partitions that went to somebody else."""
        owned = self.owned()
        if {(record.topic, record.partition) for record in records} <= owned:
            return records
        return [record for record in records if (record.topic, record.partition) in owned]

    def taken(self, records: Iterable[Record]) -> None:
        """These are about to be worked off."""
        consumer = self._consumer()
        for topic, number in {(record.topic, record.partition) for record in records}:
            partition = TopicPartition(topic, number)
            if consumer is not None and partition not in self._marks:
                self._mark(consumer, partition)

    def done(self, records: Sequence[Record]) -> None:
        """Every effect of these is durable."""
        last = {(record.topic, record.partition): record.offset for record in records}
        ends = {TopicPartition(*partition): offset + 1 for partition, offset in last.items()}
        consumer = self._consumer()
        self._next.update(ends)
        self._uncommitted.update(ends)
        for partition in ends:
            if consumer is not None:
                self._settle(consumer, partition)
        self._news.set()

    def lag(self) -> dict[TopicPartition, int]:
        """Records not worked off yet, for each partition of which the broker told."""
        consumer = self._consumer()
        lags: dict[TopicPartition, int] = {}
        if consumer is None:
            return lags
        for partition in consumer.assignment():
            end, position = consumer.highwater(partition), self._position(consumer, partition)
            if end is not None and position is not None:
                lags[partition] = max(0, end - position)
        return lags

    def caught_up_ms(self) -> dict[TopicPartition, int]:
        """For each partition the last moment (Unix time) up to which everything in it is worked off."""
        consumer = self._consumer()
        if consumer is not None:
            for partition in consumer.assignment():
                self._settle(consumer, partition)
        return dict(self._caught_up_ms)

    def count(self) -> int:
        """How many partitions all topics have together, whoever reads them; 0: not known for each topic yet."""
        consumer = self._consumer()
        if consumer is None:
            return 0
        counts = [len(consumer.partitions_for_topic(topic) or ()) for topic in consumer.subscription()]
        return sum(counts) if all(counts) else 0

    async def is_deaf(self, seconds: float) -> bool:
        """Nothing was heard of some partition for so long, although the broker answers when it is asked."""
        consumer = self._consumer()
        if consumer is None or time.monotonic() - self._era_began < seconds:
            return False
        asked = {partition: consumer.last_poll_timestamp(partition) for partition in consumer.assignment()}
        if not asked or min(at or 0 for at in asked.values()) > (time.time() - seconds) * 1000:
            return False
        try:
            async with asyncio.timeout(_COMMIT_WITHIN_SECONDS):
                await consumer.end_offsets(list(asked))
        except (KafkaError, TimeoutError):
            return False
        return True

    async def commit_forever(self) -> None:
        """Commit what is done, in the background."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.commit()
            await asyncio.sleep(_COMMIT_EVERY_SECONDS)

    async def commit(self) -> None:
        """Commit what is done, of partitions that are still ours only: one that is lost would reject all."""
        async with self._committing:
            consumer, era = self._consumer(), self._era
            offsets, self._uncommitted = self._uncommitted, {}
            if consumer is None or not offsets:
                return
            try:
                async with asyncio.timeout(_COMMIT_WITHIN_SECONDS):
                    await consumer.commit(offsets)
            except (IllegalStateError, CommitFailedError):
                log.info("partitions_lost_while_committing")
            except (KafkaError, TimeoutError) as fault:
                log.warning("offsets_not_committed", fault=type(fault).__name__)
                if self._consumer() is not None and self._era is era:
                    self._uncommitted = {**offsets, **self._uncommitted}
                    self._news.set()

    def _consumer(self) -> PatientConsumer | None:
        """The consumer, after forgetting an era that is over."""
        consumer = None if self._subscription is None else self._subscription.consumer
        era = None if consumer is None else consumer.era
        if era is not self._era:
            self._era, self._era_began = era, time.monotonic()
            for known in (self._next, self._marks, self._caught_up_ms, self._uncommitted):
                known.clear()
        return consumer

    def _position(self, consumer: PatientConsumer, partition: TopicPartition) -> int | None:
        """Where work goes on."""
        known = self._next.get(partition)
        return known if known is not None else consumer.start_of(partition)

    def _mark(self, consumer: PatientConsumer, partition: TopicPartition) -> None:
        end, at_ms = consumer.highwater(partition), consumer.last_poll_timestamp(partition)
        if end is not None and at_ms is not None:
            self._marks[partition] = _Mark(end, at_ms)

    def _settle(self, consumer: PatientConsumer, partition: TopicPartition) -> None:
        """If work has reached the marked end, everything up to then was worked off; mark where it ends now."""
        for _ in range(2):
            if partition not in self._marks:
                self._mark(consumer, partition)
            mark, position = self._marks.get(partition), self._position(consumer, partition)
            if mark is None or position is None or position < mark.end:
                return
            self._caught_up_ms[partition] = mark.at_ms
            del self._marks[partition]
