"""All consumers of one service in this process, and their housekeeping."""

import asyncio
import gc
import hashlib
from collections.abc import Sequence

import structlog
from pymongo.asynchronous.database import AsyncDatabase

from chassis import dead_letters, facts
from chassis.consumer import metrics
from chassis.consumer.acting import acting_on_events, acting_on_records
from chassis.consumer.desk import Desk
from chassis.consumer.edge import Edge
from chassis.consumer.feed import Feed
from chassis.consumer.generations import Generations
from chassis.consumer.health import ConsumerHealth
from chassis.consumer.replays import Replays
from chassis.consumer.worker import Worker
from chassis.inbound import Inbound
from chassis.kafka import Kafka
from chassis.projection import Projection
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.rebuild import reader_id
from chassis.transient import is_transient, until_done
from contracts.base import JsonObject

log = structlog.get_logger()

_HOUSEKEEPING_SECONDS = 2.0
_HOUSEKEEPING_SECONDS_WHILE_BUILDING = 0.5


class Consumers:
    """Runs projections, reactions and inbounds until cancelled, each at its own pace.

    Cancelling drains: batches in work are finished and noted, then the groups are left. Several processes may run
    the same consumers; partitions are shared out among them. `namespace` stands before the name of every topic.
    """

    def __init__(
        self,
        service: str,
        kafka: Kafka,
        database: AsyncDatabase[JsonObject],
        *,
        read_models: ReadModels,
        namespace: str = "",
        projections: Sequence[Projection] = (),
        reactions: Sequence[Reaction] = (),
        inbounds: Sequence[Inbound] = (),
    ) -> None:
        _require_unique([*(p.name for p in projections), *(r.name for r in reactions), *(i.name for i in inbounds)])
        self._service = service
        self._database = database
        self._edge = Edge(kafka, namespace)
        self._namespace = namespace
        topics = {topic for p in projections for topic in p.topics} | {topic for r in reactions for topic in r.topics}
        group = reader_id(database, _fingerprint(projections, reactions))
        events = self._feed(group, topics=tuple(sorted(topics)))
        self._feeds = [events] if topics else []
        self._generations = Generations(service, database, events, projections=projections, read_models=read_models)
        self._replays = Replays(database)
        self._acting = [self._reacting(reaction, events) for reaction in reactions] + [*map(self._receiving, inbounds)]
        self._is_prepared = False

    async def run(self) -> None:
        """Until cancelled. Waits for engines that are away, as long as it takes."""
        await until_done(self._prepare, what="dead_letters")
        # What is loaded by now stays: the garbage collector need not look at it again for every batch.
        gc.freeze()
        try:
            async with asyncio.TaskGroup() as tasks:
                for worker in self._acting:
                    tasks.create_task(worker.run())
                await until_done(lambda: self._generations.reconcile(tasks), what="read_models")
                self._is_prepared = True
                for feed in self._feeds:
                    tasks.create_task(feed.run())
                tasks.create_task(self._keep_house(tasks))
        finally:
            await asyncio.gather(*(feed.aclose() for feed in self._feeds))
            await self._edge.aclose()

    def health(self) -> list[ConsumerHealth]:
        """One line per consumer, from memory."""
        return [worker.health() for worker in self._workers()]

    def is_ready(self) -> bool:
        """Every consumer has its partitions."""
        return self._is_prepared and all(worker.is_ready for worker in self._workers())

    async def _tell(self) -> None:
        """Operators by metrics, other processes by a heartbeat."""
        for worker in self._workers():
            metrics.tell(self._service, worker.health())
        await facts.write(self._database, [worker.reading() for worker in self._workers()])

    def _workers(self) -> list[Worker]:
        return [*self._acting, *self._generations.workers()]

    def _feed(self, group: str, *, topics: tuple[str, ...] = (), pattern: str | None = None) -> Feed:
        reopened = metrics.REOPENED.labels(self._service, group)
        return Feed(self._database, self._edge, group=group, topics=topics, pattern=pattern, on_reopened=reopened.inc)

    def _reacting(self, reaction: Reaction, feed: Feed) -> Worker:
        reader = reader_id(self._database, reaction.name)
        desk = Desk(self._database, reader)
        return Worker(
            self._service,
            reaction.name,
            feed=feed,
            handler=acting_on_events(reaction, desk),
            desk=desk,
            reader_id=reader,
            topics=feed.names_of(reaction.topics),
        )

    def _receiving(self, inbound: Inbound) -> Worker:
        reader = reader_id(self._database, inbound.name)
        desk = Desk(self._database, reader, kept_for=inbound.kept_for)
        feed = self._feed(reader, pattern=inbound.pattern)
        self._feeds.append(feed)
        return Worker(
            self._service,
            inbound.name,
            feed=feed,
            handler=acting_on_records(inbound, desk, namespace=self._namespace),
            desk=desk,
            reader_id=reader,
            topics=None,
        )

    async def _prepare(self) -> None:
        await self._database[dead_letters.COLLECTION].create_indexes(dead_letters.INDEXES)

    async def _keep_house(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            try:
                await self._generations.reconcile(tasks)
                await self._tell()
                await self._replays.begin(self._workers(), tasks)
            except Exception as fault:
                if not is_transient(fault):
                    raise
                log.warning("engine_away", what="housekeeping", fault=type(fault).__name__)
            is_building = self._generations.is_building
            await asyncio.sleep(_HOUSEKEEPING_SECONDS_WHILE_BUILDING if is_building else _HOUSEKEEPING_SECONDS)


def _fingerprint(projections: Sequence[Projection], reactions: Sequence[Reaction]) -> str:
    """Processes share partitions out among them only if they do the same with what they read.

    In a rolling upgrade the old code goes on to feed its read models from all partitions, and so does the new.
    """
    readers = sorted([*(f"{p.name}/{p.version}" for p in projections), *(r.name for r in reactions)])
    return hashlib.sha256("\n".join(readers).encode()).hexdigest()[:12]


def _require_unique(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"consumers of one service need names of their own: {', '.join(twice)}")
