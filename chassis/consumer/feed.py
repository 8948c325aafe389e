"""One fetch for all readers of a service: each topic is read once, and every reader is handed the same records.

Readers do not wait for each other. One that is behind (it is new, it is being rebuilt, it was too slow) reads on by
itself until it stands where the others are, and joins them there.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.consumer.edge import Edge, Source, Subscription
from chassis.consumer.inbox import Batch
from chassis.consumer.patient import PatientConsumer
from chassis.consumer.positions import FedReader, Positions, beginning, near_each_other, positions_of
from chassis.consumer.record import Record
from chassis.transient import is_transient, until_done
from contracts.base import JsonObject

log = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_SAVE_EVERY_SECONDS = 0.3
_SAVE_WITHIN_SECONDS = 5.0
_CLOSE_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 5.0
_DEAF_AFTER_SECONDS = 30.0
# A reader with so much in hand that it holds up idle ones for longer than this reads on by itself.
_PATIENCE_SECONDS = 0.25

ByPartition = Mapping[TopicPartition, Sequence[Record]]


class Feed:
    """Reads some topics, by name or by pattern, as one member of one consumer group.

    The group only shares out partitions. How far each reader has come stands in the service's database, beside its
    effects: what is restored there goes on from where it was.
    """

    def __init__(
        self,
        database: AsyncDatabase[JsonObject],
        edge: Edge,
        *,
        group: str,
        topics: tuple[str, ...] = (),
        pattern: str | None = None,
        on_reopened: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._edge = edge
        self._group = group
        self._on_reopened = on_reopened
        self._source = Source(
            group,
            topics=topics,
            pattern=pattern,
            deliver=self._deliver,
            on_revoked=self._save,
            on_assigned=self._begin,
        )
        self._subscription: Subscription | None = None
        self._era: object = None
        self._era_began = 0.0
        self._turned = asyncio.Event()
        self._looking: asyncio.Task[dict[str, Positions]] | None = None
        self._readers: dict[str, FedReader] = {}
        self._together: set[str] = set()
        self._alone: dict[str, asyncio.Task[None]] = {}
        # Whoever has been handed everything before these offsets misses nothing by joining those who read together.
        self._front: dict[TopicPartition, int] = {}
        self._unsaved: set[str] = set()
        self._news = asyncio.Event()
        self._saving = asyncio.Lock()

    @property
    def era(self) -> object:
        """The assignment of partitions that readers work on; None while there is none."""
        return None if self._consumer_of_era() is None else self._era

    def names_of(self, topics: Iterable[str]) -> frozenset[str]:
        """The names of topics at the broker."""
        return frozenset(map(self._edge.topic_name, topics))

    async def run(self) -> None:
        """Until cancelled; `aclose` then, when the readers have finished."""
        saving = asyncio.create_task(self._save_forever())
        try:
            while True:
                await self._open()
                await self._until_deaf()
                log.error("consumer_deaf", consumer=self._group)
                await self.aclose()
                self._on_reopened()
        finally:
            saving.cancel()

    async def aclose(self) -> None:
        """Save how far everybody has come, and leave the group."""
        await self._save()
        subscription, self._subscription = self._subscription, None
        self._turned.set()
        await self._let_all_go()
        if subscription is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await subscription.close()
        except TimeoutError:  # the broker notices by itself, when the session times out
            log.warning("group_not_left", consumer=self._group)

    async def join(self, reader: FedReader) -> None:
        """From now on it is handed what it has not worked off yet."""
        self._readers[reader.id] = reader
        era, consumer = self.era, self._consumer()
        if era is None or consumer is None:
            return  # the next assignment finds it
        found = await until_done(lambda: positions_of([reader], consumer, self._database), what="positions")
        if self.era is era and reader.id not in self._together and reader.id not in self._alone:
            reader.partitions.begin(self, found[reader.id])
            self._read_alone(reader)

    def leave(self, reader: FedReader) -> None:
        """It is handed nothing any more."""
        self._readers.pop(reader.id, None)
        self._together.discard(reader.id)
        if (alone := self._alone.pop(reader.id, None)) is not None:
            alone.cancel()

    def hand_over_again(self, reader: FedReader) -> None:
        """It broke off: what it had in hand comes once more."""
        if self.era is None or reader.id not in self._readers:
            return
        if (alone := self._alone.pop(reader.id, None)) is not None:
            alone.cancel()
        reader.inbox.clear()
        reader.partitions.begin_again()
        self._read_alone(reader)

    def note_progress(self, reader: FedReader) -> None:
        """It has come further: save that soon."""
        self._unsaved.add(reader.id)
        self._news.set()

    def highwater(self, partition: TopicPartition) -> int | None:
        """Where the partition ends, as the broker told last."""
        consumer = self._consumer_of_era()
        return None if consumer is None else consumer.highwater(partition)

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        """When it told."""
        consumer = self._consumer_of_era()
        return None if consumer is None else consumer.last_poll_timestamp(partition)

    def partition_count(self, topics: frozenset[str] | None) -> int:
        """How many partitions these topics have together, whoever reads them; 0: not known for each topic yet."""
        consumer = self._consumer()
        if consumer is None:
            return 0
        counts = [len(consumer.partitions_for_topic(topic) or ()) for topic in topics or consumer.subscription()]
        return sum(counts) if all(counts) else 0

    def _consumer(self) -> PatientConsumer | None:
        return None if self._subscription is None else self._subscription.consumer

    def _consumer_of_era(self) -> PatientConsumer | None:
        consumer = self._consumer()
        return consumer if consumer and self._era is not None and consumer.era is self._era else None

    async def _open(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            self._subscription = await self._edge.subscribe(self._source)
            try:
                await self._subscription.open()
            except (KafkaError, OSError) as fault:
                log.warning("kafka_away", consumer=self._group, fault=type(fault).__name__)
                await self._subscription.close()
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _until_deaf(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            consumer, age = self._consumer_of_era(), time.monotonic() - self._era_began
            if consumer and age > _DEAF_AFTER_SECONDS and await consumer.is_deaf(_DEAF_AFTER_SECONDS):
                return

    async def _begin(self) -> None:
        """Partitions have come: begin where the readers are. Nothing is handed over until this is done."""
        consumer = self._consumer()
        if consumer is None:
            return
        await self._let_all_go()
        await self._save()
        readers = list(self._readers.values())
        look = until_done(lambda: positions_of(readers, consumer, self._database), what="positions")
        self._looking = asyncio.create_task(look)
        await asyncio.wait({self._looking})
        if self._looking.cancelled():
            return
        positions = self._looking.result()
        for reader in readers:
            reader.inbox.clear()
            reader.partitions.begin(self, positions[reader.id])
        self._together = near_each_other(positions)
        self._front = beginning(positions, self._together)
        for partition, offset in self._front.items():
            consumer.seek(partition, offset)
        self._era, self._era_began = consumer.era, time.monotonic()
        self._turned.set()
        for reader in self._readers.values():
            if reader.id not in positions:
                await self.join(reader)
            elif reader.id not in self._together:
                self._read_alone(reader)

    async def _let_all_go(self) -> None:
        """Nobody is handed anything until the next era."""
        self._together.clear()
        alone, self._alone = set(self._alone.values()), {}
        if self._looking is not None:
            alone.add(self._looking)  # type: ignore[arg-type]
        for task in alone:
            task.cancel()
        if alone:
            await asyncio.wait(alone)

    async def _deliver(self, records: Sequence[Record]) -> None:
        """Called by the edge: the next records are fetched while these are in work, but not too many."""
        consumer = self._consumer()
        era = None if consumer is None else consumer.era_of_last_batch
        if not await self._has_begun(era) or not await self._has_room(era):
            return
        batches = _by_partition(records)
        for partition, part in batches.items():
            self._front[partition] = max(self._front.get(partition, 0), part[-1].offset + 1)
        for reader in self._together:
            self._hand_over(self._readers[reader], batches, era)

    def _hand_over(self, reader: FedReader, batches: ByPartition, era: object) -> None:
        new = reader.partitions.take_new(batches)
        if new:
            reader.inbox.put(Batch(era, new))

    async def _has_begun(self, era: object) -> bool:
        """Records may come before it is known where everybody is."""
        while self.era is not era:
            consumer = self._consumer()
            if consumer is None or consumer.era is not era:
                return False
            self._turned.clear()
            await self._turned.wait()
        return True

    async def _has_room(self, era: object) -> bool:
        """Wait until every reader can take more. Those for whom others would wait idly read on by themselves."""
        while full := [each for each in self._reading_together() if not each.inbox.has_room]:
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    for reader in full:
                        await reader.inbox.room()
            except TimeoutError:
                held_up = any(each.is_idle for each in self._reading_together())
                for reader in full if held_up and self.era is era else ():
                    self._read_alone(reader)
            if self.era is not era:
                return False
        return True

    def _reading_together(self) -> list[FedReader]:
        return [self._readers[each] for each in self._together]

    def _read_alone(self, reader: FedReader) -> None:
        self._together.discard(reader.id)
        self._alone[reader.id] = asyncio.create_task(self._read_on(reader, self.era))

    async def _read_on(self, reader: FedReader, era: object) -> None:
        """For one reader, until it stands where the others are."""
        while era is not None and self.era is era and not self._joins_the_others(reader):
            try:
                async with self._edge.reading_from(reader.partitions.handed_up_to) as consumer:
                    while self.era is era and not reader.partitions.stands_at(self._front):
                        async with asyncio.timeout(_DEAF_AFTER_SECONDS):
                            batches = await consumer.getmany()
                        await reader.inbox.room()
                        self._hand_over(reader, batches, era)
                await reader.inbox.emptied()
            except Exception as fault:
                if not is_transient(fault):
                    log.exception("reading_alone_failed", consumer=reader.id)
                await asyncio.sleep(_LONGEST_PAUSE_SECONDS)

    def _joins_the_others(self, reader: FedReader) -> bool:
        if not reader.inbox.is_empty or not reader.partitions.stands_at(self._front):
            return False
        self._alone.pop(reader.id, None)
        self._together.add(reader.id)
        return True

    async def _save_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._save()
            await asyncio.sleep(_SAVE_EVERY_SECONDS)

    async def _save(self) -> None:
        async with self._saving:
            unsaved, self._unsaved = self._unsaved, set()
            readings = [self._readers[each].reading() for each in unsaved if each in self._readers]
            try:
                async with asyncio.timeout(_SAVE_WITHIN_SECONDS):
                    await facts.write(self._database, readings)
            except Exception as fault:
                if not is_transient(fault):
                    raise
                log.warning("positions_not_saved", fault=type(fault).__name__)
                self._unsaved |= unsaved
                self._news.set()


def _by_partition(records: Sequence[Record]) -> ByPartition:
    batches: dict[TopicPartition, list[Record]] = {}
    for record in records:
        batches.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
    return batches
