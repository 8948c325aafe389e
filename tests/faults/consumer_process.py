"""Consumers in a process of their own, that can be told to stop, killed, or made to have a bug."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.synchronize import Event
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import SystemClock
from chassis.consumer import Consumers
from chassis.consumer.inbox import Batch
from chassis.consumer.projecting import Projecting
from chassis.consumer.record import Record
from chassis.consumer.worker import Worker
from chassis.projection import Held
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.faults.forks import die_with_the_tests, processes
from tests.support.consuming import BoatMoored, boats
from tests.support.wait import eventually


class KillPoint(StrEnum):
    """Where a consumer dies of kill -9."""

    BEFORE_WRITE = "before the view write"
    AFTER_WRITE = "after the view write, before its position is saved"
    NEVER = "never"


class Bug(StrEnum):
    """What may be wrong with the code, so that the checks can show that they find it."""

    NONE = "none"
    NO_VERSION_GUARD = "documents forget what they have folded"
    EARLY_SAVE = "positions are saved before the work is done"
    BARE_SAVE = "the position of what was read is saved, not of what is done"


@dataclass(frozen=True, slots=True)
class Order:
    """What the process does. `kill_after` counts how often the point is passed before it kills."""

    mongo: str
    database: str
    kafka: str
    topic: str
    kill_at: str = KillPoint.NEVER
    kill_after: int = 0
    bug: str = Bug.NONE
    notes_effects: bool = False


class ConsumerProcess:
    """A process that runs."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process

    @classmethod
    async def start(cls, order: Order) -> "ConsumerProcess":
        """Start it and wait until it has joined its groups, or has died of it."""
        is_ready = processes.Event()
        process = processes.Process(target=_main, args=(order, is_ready), daemon=True)
        process.start()
        await eventually(lambda: is_ready.is_set() or process.exitcode is not None)
        return cls(process)

    async def killed(self) -> None:
        """Wait until it died of SIGKILL."""
        assert await self._exit_code() == -signal.SIGKILL

    async def kill(self) -> None:
        self._process.kill()
        await self.killed()

    async def stop(self) -> None:
        """SIGTERM, and wait until it has drained and gone."""
        self._process.terminate()
        assert await self._exit_code() == 0

    async def _exit_code(self) -> int | None:
        await eventually(lambda: self._process.exitcode is not None, timeout=40)
        return self._process.exitcode


def _main(order: Order, is_ready: Event) -> None:
    die_with_the_tests()
    _make_mortal(order)
    _plant(order.bug)
    asyncio.run(_run(order, is_ready))


async def _run(order: Order, is_ready: Event) -> None:
    async with AsyncMongoClient[JsonObject](order.mongo, tz_aware=True) as client:
        database = client[order.database]
        consumers = Consumers(
            "harbour",
            order.kafka,
            database,
            read_models=ReadModels(database, clock=SystemClock()),
            projections=() if order.notes_effects else (boats(order.topic),),
            reactions=(_noting(order.topic, database),) if order.notes_effects else (),
        )
        running = asyncio.create_task(consumers.run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        telling = asyncio.create_task(_tell(consumers, is_ready))
        await asyncio.wait({running})
        telling.cancel()


async def _tell(consumers: Consumers, is_ready: Event) -> None:
    await eventually(consumers.is_ready)
    is_ready.set()


def _noting(topic: str, database: AsyncDatabase[JsonObject]) -> Reaction:
    """Its effect shows how often it was done; each waits for the database, so a batch of a stream takes its time."""

    async def note(recorded: RecordedEvent) -> None:
        key = {"_id": f"{recorded.stream}@{recorded.position}"}
        await database["effects"].update_one(key, {"$inc": {"times": 1}}, upsert=True)

    return Reaction("noting", (topic,), (BoatMoored,), note)


def _make_mortal(order: Order) -> None:
    process, left = Projecting.process, [order.kill_after]

    def passes(point: KillPoint) -> None:
        if point == order.kill_at:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    async def mortal(self: Projecting, records: Sequence[Record]) -> None:
        passes(KillPoint.BEFORE_WRITE)
        await process(self, records)
        passes(KillPoint.AFTER_WRITE)

    setattr(Projecting, "process", mortal)  # noqa: B010 (a type checker must not see it)


def _plant(bug: str) -> None:
    stored: Callable[[JsonObject], Held] = Held.stored
    work_off: Any = Worker._work_off

    def forgetful(document: JsonObject) -> Held:
        held = stored(document)
        return Held(held.body, {}, held.rev)

    async def hasty(self: Worker, batch: Batch) -> None:
        self.partitions.done(batch.records)
        await saved(self)
        await work_off(self, batch)

    async def bare(self: Worker, batch: Batch) -> None:
        self.partitions._done.update(self.partitions.handed_up_to)  # also of what still lies in the inbox
        await saved(self)
        await work_off(self, batch)

    async def saved(self: Worker) -> None:
        self._feed.note_progress(self)
        await self._feed._save()

    match bug:
        case Bug.NO_VERSION_GUARD:
            setattr(Held, "stored", staticmethod(forgetful))  # noqa: B010
        case Bug.EARLY_SAVE:
            setattr(Worker, "_work_off", hasty)  # noqa: B010
        case Bug.BARE_SAVE:
            setattr(Worker, "_work_off", bare)  # noqa: B010
        case _:
            assert bug == Bug.NONE
