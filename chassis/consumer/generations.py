"""The generations of read models that this process works on: the live ones, and those being built beside them."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts, rebuild
from chassis.consumer.desk import Desk
from chassis.consumer.feed import Feed
from chassis.consumer.progress import Progress
from chassis.consumer.projecting import Projecting
from chassis.consumer.worker import Worker
from chassis.event_store.mongo_insert import DURABLE
from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Running:
    """One generation at work; what queries in this process ask about it."""

    worker: Worker
    progress: Progress
    task: "asyncio.Task[None]"

    def reading(self) -> facts.Reading:
        return self.worker.reading()

    async def reached(self, stream: str, position: int) -> None:
        await self.progress.reached(stream, position)


class Generations:
    """Starts and stops workers so that what runs here is what the registry says."""

    def __init__(
        self,
        service: str,
        database: AsyncDatabase[JsonObject],
        feed: Feed,
        *,
        projections: Sequence[Projection],
        read_models: ReadModels,
    ) -> None:
        self._service = service
        self._database = database
        self._feed = feed
        self._projections = projections
        self._read_models = read_models
        self._running: dict[tuple[str, int], _Running] = {}
        self.is_building = False

    def workers(self) -> Iterator[Worker]:
        return (running.worker for running in self._running.values())

    async def reconcile(self, tasks: asyncio.TaskGroup) -> None:
        """Begin rebuilds that are asked for, run what should run, switch what has caught up, drop what is over."""
        states = await rebuild.states(self._database, self._projections)
        for projection, state in zip(self._projections, states, strict=True):
            wanted = _wanted(projection, state)
            for generation in wanted - self._generations_of(projection.name):
                await self._start(projection, generation, tasks)
            for generation in self._generations_of(projection.name) - wanted:
                await self._stop(projection.name, generation, state)
            if await rebuild.switch_if_caught_up(self._database, state):
                log.info("read_model_switched", read_model=projection.name)
        self.is_building = any(state.building is not None for state in states)
        if any(state.retired for state in states):
            for reader in await rebuild.drop_retired(self._database):
                log.info("generation_dropped", consumer=reader)

    def _generations_of(self, name: str) -> set[int]:
        return {generation for known, generation in self._running if known == name}

    async def _start(self, projection: Projection, generation: int, tasks: asyncio.TaskGroup) -> None:
        await rebuild.prepare(self._database, projection, generation)
        reader = rebuild.reader_id(self._database, projection.name, generation)
        desk, progress = Desk(self._database, reader), Progress()
        collection = self._database.get_collection(
            rebuild.collection_name(projection.name, generation), write_concern=DURABLE
        )
        handler = Projecting(projection, collection, desk=desk, progress=progress)
        worker = Worker(
            self._service,
            projection.name,
            feed=self._feed,
            handler=handler,
            desk=desk,
            reader_id=reader,
            topics=self._feed.names_of(projection.topics),
        )
        running = _Running(worker, progress, tasks.create_task(worker.run()))
        self._running[projection.name, generation] = running
        self._read_models.attach(reader, running)

    async def _stop(self, name: str, generation: int, state: rebuild.ReadModelState) -> None:
        running = self._running.pop((name, generation))
        self._read_models.detach(running.worker.id)
        self._feed.leave(running.worker)
        running.task.cancel()
        await asyncio.wait({running.task})
        if generation not in state.retired:  # another process has dropped it while this one was still writing
            await self._database.drop_collection(rebuild.collection_name(name, generation))


def _wanted(projection: Projection, state: rebuild.ReadModelState) -> set[int]:
    """A generation is fed by the code of its own version only."""
    wanted = set()
    if state.version == projection.version:
        wanted.add(state.live)
    if state.building is not None and state.building.version == projection.version:
        wanted.add(state.building.generation)
    return wanted
