"""One member of one consumer group: takes batches from the edge, has them worked off, commits what is done."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from chassis.consumer import metrics
from chassis.consumer.desk import Desk
from chassis.consumer.edge import Edge, Source, Subscription
from chassis.consumer.fault import Fault
from chassis.consumer.health import ConsumerHealth
from chassis.consumer.inbox import Batch, Inbox
from chassis.consumer.partitions import Partitions
from chassis.consumer.record import Record

log = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_DRAIN_SECONDS = 20.0
_CLOSE_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 5.0
_DEAF_AFTER_SECONDS = 30.0


class Handler(Protocol):
    async def process(self, records: Sequence[Record]) -> None:
        """Work off a batch: when it returns, every effect is durable. Never raises on account of a record."""

    async def redo(self, record: Record) -> Fault | None:
        """Take one dead letter up again. None: it is done."""


class Worker:
    """Runs one handler against one group until it is cancelled; then finishes the batch in work and leaves."""

    def __init__(
        self,
        service: str,
        name: str,
        *,
        edge: Edge,
        handler: Handler,
        desk: Desk,
        group: str,
        topics: tuple[str, ...] = (),
        pattern: str | None = None,
    ) -> None:
        self.name = name
        self._labels = (service, name)
        self.group = group
        self.desk = desk
        self.handler = handler
        self.partitions = Partitions()
        self.is_open = False
        self._edge = edge
        self._inbox = Inbox()
        self._loaded_in: object = None
        self._source = Source(
            group,
            topics=topics,
            pattern=pattern,
            deliver=self._deliver,
            on_revoked=self.partitions.commit,
        )

    async def run(self) -> None:
        """Until cancelled. A subscription that went deaf, or whose batch met a fault of ours, is opened anew."""
        while True:
            self._inbox.open()
            subscription = await self._open()
            committing = asyncio.create_task(self.partitions.commit_forever())
            try:
                await self._work()
                log.error("consumer_deaf", consumer=self.group)
            except Exception:
                log.exception("consumer_failed", consumer=self.group)
            finally:
                committing.cancel()
                await self._leave(subscription)
            metrics.REOPENED.labels(*self._labels).inc()
            await asyncio.sleep(_LONGEST_PAUSE_SECONDS)

    async def look_at_desk(self) -> None:
        """Partitions come with their dead letters: learn which streams are blocked, once an era."""
        era = self.partitions.era
        if era is not None and self._loaded_in is not era:
            await self.desk.load()
            self._loaded_in = era

    def owns(self, topic: str, partition: int) -> bool:
        return TopicPartition(topic, partition) in self.partitions.owned()

    def health(self) -> ConsumerHealth:
        """From memory."""
        caught_up, lag = self.partitions.caught_up_ms(), self.partitions.lag()
        owned = self.partitions.owned()
        return ConsumerHealth(
            name=self.name,
            group=self.group,
            is_ready=self.is_open,
            partitions=len(owned),
            lag=sum(lag.values()) if len(lag) == len(owned) else None,
            caught_up_at=datetime.fromtimestamp(min(caught_up.values()) / 1000, UTC)
            if owned and len(caught_up) == len(owned)
            else None,
            blocked_streams=self.desk.blocked_count,
        )

    async def _open(self) -> Subscription:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            subscription = await self._edge.subscribe(self._source)
            self.partitions.opened(subscription)
            try:
                await subscription.open()
            except (KafkaError, OSError) as fault:
                log.warning("kafka_away", consumer=self.group, fault=type(fault).__name__)
                await subscription.close()
            except BaseException:
                await subscription.close()
                raise
            else:
                self.is_open = True
                return subscription
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _work(self) -> None:
        """Batch after batch, until the subscription is deaf."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_EVERY_SECONDS):
                    batch = await self._inbox.take()
            except TimeoutError:
                if await self.partitions.is_deaf(_DEAF_AFTER_SECONDS):
                    return
                continue
            work = asyncio.create_task(self._work_off(batch))
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                await self._finish(work)
                raise

    async def _work_off(self, batch: Batch) -> None:
        records = self.partitions.still_owned(batch.records)
        if not records or not self.partitions.is_current(batch.era):
            return
        await self.look_at_desk()
        self.partitions.taken(records)
        with metrics.BATCH_SECONDS.labels(*self._labels).time():
            await self.handler.process(records)
        metrics.RECORDS.labels(*self._labels).inc(len(records))
        if self.partitions.is_current(batch.era):
            self.partitions.done(records)

    async def _finish(self, work: "asyncio.Task[None]") -> None:
        """The drain: what is in work is finished, what was only fetched is left to whoever comes next."""
        await asyncio.wait({work}, timeout=_DRAIN_SECONDS)
        if not work.done():
            log.warning("batch_left_unfinished", consumer=self.group)
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work

    async def _leave(self, subscription: Subscription) -> None:
        self._inbox.close()
        self.is_open = False
        await self.partitions.commit()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await subscription.close()
        except TimeoutError:  # the broker notices by itself, when the session times out
            log.warning("group_not_left", consumer=self.group)

    async def _deliver(self, records: Sequence[Record]) -> None:
        """Called by the edge: the next records are fetched while these are in work, but not too many."""
        await self._inbox.put(Batch(self.partitions.era_of_delivery(), records))
