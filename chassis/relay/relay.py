"""The relay: reads the outbox, sends, marks; and again."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.kafka import Kafka
from chassis.relay import metrics
from chassis.relay.backlog import Backlog
from chassis.relay.fresh import FreshCommits
from chassis.relay.marks import Marks, Seal
from chassis.relay.mongo_lease import MongoLease
from chassis.relay.sender import BatchTooLarge, RecordTooLarge, Sender, TopicMismatch
from chassis.relay.tempo import Tempo
from chassis.relay.waiting import all_of, to_the_end
from chassis.transient import is_transient
from contracts.topics import PARTITIONS, events_of

_FAN_OUT_PAGES = 8
_LEASE_SECONDS = 3.0
_DRAIN_SECONDS = 5.0
_HELD_BACK_SECONDS = 60.0

log = structlog.get_logger()


class Relay:
    """Publishes every commit of a service's outbox, each stream's in order, each at least once, with the same bytes.

    A commit is marked only after Kafka acknowledged all its events, so a crash repeats and never loses. Pages are read
    by (stream, position) and every error throws away what was planned, so the first occurrences of a stream's events
    are never out of order. Several relays may run: a lease makes one of them work, but nothing depends on it.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        service: str,
        kafka: Kafka,
        *,
        topic: str | None = None,
        partitions: int = PARTITIONS,
        page_size: int = 1_000,
        lease: MongoLease | None = None,
        outbox: MongoOutbox | None = None,
        sender: Sender | None = None,
        seal: Seal | None = None,
    ) -> None:
        self._service = service
        self._partitions = partitions
        self._page_size = page_size
        self._outbox = outbox or MongoOutbox(database)
        self._sender = sender or Sender(
            kafka, topic=topic or events_of(service), source=f"/kobling/{service}", partitions=partitions
        )
        self._lease = lease or MongoLease(database, f"relay-{service}", seconds=_LEASE_SECONDS)
        self._fresh = FreshCommits()
        self._tempo = Tempo()
        self._marks = Marks(self._outbox, seal)
        self._held_back: set[str] = set()
        self._held_back_until = 0.0
        self._backlog = Backlog(service, self._outbox)

    def offer(self, documents: Sequence[CommitDocument]) -> None:
        """Hand over commits this process just stored (the `on_append` of its store): they are sent at once, unread."""
        if self._lease.is_held:
            self._fresh.offer(documents)
            self._tempo.wake()

    def wake(self) -> None:
        """Read the outbox now."""
        self._tempo.read_now()
        self._tempo.wake()

    async def run(self) -> None:
        """Relay until cancelled; then finish the round under way, so that a clean stop repeats nothing.

        Kafka or MongoDB being away is waited out, and told once. What does not pass by itself is raised.
        """
        try:
            while True:
                await to_the_end(self._round(), seconds=_DRAIN_SECONDS)
                await self._tempo.rest()
        finally:
            await self._close()

    async def _round(self) -> None:
        try:
            if self._lease.is_due and not await self._take_lease():
                return self._tempo.wait_for_lease()
            fresh = None if self._tempo.should_read else self._fresh.take()
            await (self._read_and_relay() if fresh is None else self._relay_fresh(fresh))
        except Exception as fault:  # noqa: BLE001 - raised again unless it passes by itself
            await self._recover_from(fault)
        else:
            self._tempo.flows(self._service)
        return None

    async def _take_lease(self) -> bool:
        had_it = self._lease.is_held
        has_it = await self._lease.take()
        if has_it and not had_it:
            self._fresh.forget()
            self._tempo.read_now()
        metrics.LEADS.labels(self._service).set(has_it)
        return has_it

    async def _relay_fresh(self, documents: list[CommitDocument]) -> None:
        """Send what was handed over. Its marks may lag behind: nothing reads the outbox before they are settled."""
        if self._held_back:
            documents = [document for document in documents if document["s"] not in self._held_back]
        await self._publish(documents)

    async def _read_and_relay(self) -> None:
        await self._marks.settle()
        if self._held_back and time.monotonic() > self._held_back_until:
            self._held_back.clear()
        self._fresh.begin_reading()
        page = await self._outbox.pending(self._page_size, without=self._held_back)
        is_full = len(page) == self._page_size
        await self._backlog.measure(page, is_full=is_full)
        if is_full:
            await all_of(self._drain(partition) for partition in range(self._partitions))
        else:
            await self._publish(page)
            await self._marks.settle()
        self._tempo.has_read(found=bool(page), is_full=is_full)

    async def _drain(self, partition: int) -> None:
        """A full page holds the first partitions only: each is read by itself, so that none waits for another."""
        limit = self._page_size // 2
        for _ in range(_FAN_OUT_PAGES):
            page = await self._outbox.pending(limit, partition=partition, without=self._held_back)
            if page:
                await self._publish_partition(partition, page)
                await self._marks.set(page)
            if len(page) < limit:
                break

    async def _publish(self, documents: Sequence[CommitDocument]) -> None:
        """Each partition by itself: what one acknowledged is marked, though another may fail."""
        by_partition: defaultdict[int, list[CommitDocument]] = defaultdict(list)
        for document in documents:
            by_partition[document["p"]].append(document)
        await all_of(self._publish_and_submit(*each) for each in by_partition.items())

    async def _publish_and_submit(self, partition: int, documents: Sequence[CommitDocument]) -> None:
        await self._publish_partition(partition, documents)
        self._marks.set_later(documents)

    async def _publish_partition(self, partition: int, documents: Sequence[CommitDocument]) -> None:
        count = await self._sender.send(partition, documents)
        self._fresh.note_relayed(documents)
        metrics.EVENTS.labels(self._service).inc(count)

    async def _recover_from(self, fault: Exception) -> None:
        """Throw away what was planned and the producer with it, and read again. Raises what does not pass by itself."""
        match fault:
            case RecordTooLarge(stream=stream):
                self._hold_back(stream)
            case BatchTooLarge():
                pass
            case _ if isinstance(fault, TopicMismatch) or is_transient(fault):
                self._tempo.stalls(self._service, fault)
            case _:
                raise fault
        self._fresh.forget()
        self._tempo.read_now()
        await self._sender.aclose()

    def _hold_back(self, stream: str) -> None:
        """Its later events wait behind the one that is too large; other streams go on. Tried again every minute."""
        log.error("event_too_large_for_topic", service=self._service, stream=stream)
        self._held_back.add(stream)
        self._held_back_until = time.monotonic() + _HELD_BACK_SECONDS
        metrics.STUCK_STREAMS.labels(self._service).set(len(self._held_back))

    async def _close(self) -> None:
        await self._sender.aclose()
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._marks.drain()
        metrics.LEADS.labels(self._service).set(0)
        if self._lease.is_held:
            await self._lease.give_up()
