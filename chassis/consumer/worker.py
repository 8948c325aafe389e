"""One reader at work: takes batches from the feed, has them worked off, notes what is done."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

import structlog
from aiokafka import TopicPartition

from chassis import facts
from chassis.consumer import metrics
from chassis.consumer.desk import Desk
from chassis.consumer.fault import Fault
from chassis.consumer.feed import Feed
from chassis.consumer.health import ConsumerHealth
from chassis.consumer.inbox import Batch, Inbox
from chassis.consumer.partitions import Partitions
from chassis.consumer.record import Record

log = structlog.get_logger()

_PAUSE_SECONDS = 2.0
_DRAIN_SECONDS = 20.0


class Handler(Protocol):
    async def process(self, records: Sequence[Record]) -> None:
        """Work off a batch: when it returns, every effect is durable. Never raises on account of a record."""

    async def redo(self, record: Record) -> Fault | None:
        """Take one dead letter up again. None: it is done."""


class Worker:
    """Runs one handler on what a feed hands it until it is cancelled; then finishes the batch in work."""

    def __init__(
        self,
        service: str,
        name: str,
        *,
        feed: Feed,
        handler: Handler,
        desk: Desk,
        reader_id: str,
        topics: frozenset[str] | None,
    ) -> None:
        self.name = name
        self.id = reader_id
        self.topics = topics
        self.desk = desk
        self.handler = handler
        self.partitions = Partitions()
        self.inbox = Inbox()
        self.is_idle = True
        self._labels = (service, name)
        self._feed = feed
        self._loaded_in: object = None

    async def run(self) -> None:
        """Until cancelled. After a fault of ours in a batch it is handed over again."""
        await self._feed.join(self)
        while True:
            try:
                await self._work()
            except Exception:
                log.exception("consumer_failed", consumer=self.id)
                await asyncio.sleep(_PAUSE_SECONDS)
                self._feed.hand_over_again(self)

    async def look_at_desk(self) -> None:
        """Partitions come with their dead letters: learn which streams are blocked, once an era."""
        era = self._feed.era
        if era is not None and self._loaded_in is not era:
            await self.desk.load()
            self._loaded_in = era

    @property
    def is_ready(self) -> bool:
        """It has its partitions."""
        return self._feed.era is not None

    def owns(self, topic: str, partition: int) -> bool:
        return self.is_ready and TopicPartition(topic, partition) in self.partitions.owned()

    def reading(self) -> facts.Reading:
        """From memory."""
        return facts.Reading(
            self.id,
            self._feed.partition_count(self.topics),
            caught_up_ms=self.partitions.caught_up_ms(),
            lag=self.partitions.lag(),
            done_up_to=self.partitions.done_up_to,
        )

    def health(self) -> ConsumerHealth:
        """From memory."""
        caught_up, lag = self.partitions.caught_up_ms(), self.partitions.lag()
        owned = self.partitions.owned()
        return ConsumerHealth(
            name=self.name,
            id=self.id,
            is_ready=self.is_ready,
            partitions=len(owned),
            lag=sum(lag.values()) if len(lag) == len(owned) else None,
            caught_up_at=datetime.fromtimestamp(min(caught_up.values()) / 1000, UTC)
            if owned and len(caught_up) == len(owned)
            else None,
            blocked_streams=self.desk.blocked_count,
        )

    async def _work(self) -> None:
        while True:
            self.is_idle = self.inbox.is_empty
            batch = await self.inbox.take()
            self.is_idle = False
            work = asyncio.create_task(self._work_off(batch))
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                await self._finish(work)
                raise

    async def _work_off(self, batch: Batch) -> None:
        if self._feed.era is not batch.era:
            return
        await self.look_at_desk()
        self.partitions.begun(batch.records)
        with metrics.BATCH_SECONDS.labels(*self._labels).time():
            await self.handler.process(batch.records)
        metrics.RECORDS.labels(*self._labels).inc(len(batch.records))
        if self._feed.era is batch.era:
            self.partitions.done(batch.records)
            self._feed.note_progress(self)

    async def _finish(self, work: "asyncio.Task[None]") -> None:
        """The drain: what is in work is finished, what was only fetched is left to whoever comes next."""
        await asyncio.wait({work}, timeout=_DRAIN_SECONDS)
        if not work.done():
            log.warning("batch_left_unfinished", consumer=self.id)
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
