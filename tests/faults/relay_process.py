"""A relay in a process of its own, that can be killed. None of them outlives the tests."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.synchronize import Event
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.relay import Relay
from chassis.relay.mongo_lease import MongoLease
from chassis.relay.sender import Sender
from tests.faults.forks import die_with_the_tests, processes
from tests.support.wait import eventually


class KillPoint(StrEnum):
    """Where a relay dies of kill -9."""

    BEFORE_PRODUCE = "before produce"
    AFTER_PRODUCE = "after produce, before mark"
    AFTER_MARK = "after mark"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Order:
    """What the process does. `kill_after` counts how often the point is passed before it kills."""

    mongo: str
    database: str
    kafka: str
    topic: str
    partitions: int
    kill_at: str = KillPoint.NEVER
    kill_after: int = 0
    has_lease: bool = True
    lease_seconds: float = 0.5
    page_size: int = 50


class Death:
    def __init__(self, order: Order) -> None:
        self._point, self._left = order.kill_at, order.kill_after

    def passes(self, point: KillPoint) -> None:
        if point != self._point:
            return
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalSender(Sender):
    def __init__(self, order: Order, death: Death) -> None:
        super().__init__(order.kafka, topic=order.topic, source="/kobling/harbour", partitions=order.partitions)
        self._death = death

    async def send(self, partition: int, documents: Sequence[CommitDocument]) -> int:
        self._death.passes(KillPoint.BEFORE_PRODUCE)
        count = await super().send(partition, documents)
        self._death.passes(KillPoint.AFTER_PRODUCE)
        return count


class MortalOutbox(MongoOutbox):
    def __init__(self, database: AsyncDatabase[dict[str, Any]], death: Death) -> None:
        super().__init__(database)
        self._death = death

    async def mark(self, documents: Sequence[CommitDocument]) -> None:
        await super().mark(documents)
        self._death.passes(KillPoint.AFTER_MARK)


class NoLease(MongoLease):
    """Everybody holds it always."""

    async def take(self) -> bool:
        self._held_until = float("inf")
        return True


class RelayProcess:
    """A process that runs."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process

    @classmethod
    async def start(cls, order: Order) -> "RelayProcess":
        """Start it and wait until its relay runs."""
        is_ready = processes.Event()
        process = processes.Process(target=_main, args=(order, is_ready), daemon=True)
        process.start()
        await eventually(is_ready.is_set)
        return cls(process)

    async def killed(self) -> None:
        """Wait until it died of SIGKILL."""
        await eventually(lambda: self._process.exitcode is not None)
        assert self._process.exitcode == -signal.SIGKILL
        self._process.close()

    async def kill(self) -> None:
        self._process.kill()
        await self.killed()

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)


def _main(order: Order, is_ready: Event) -> None:
    die_with_the_tests()
    asyncio.run(_run(order, is_ready))


async def _run(order: Order, is_ready: Event) -> None:
    death = Death(order)
    async with AsyncMongoClient[dict[str, Any]](order.mongo) as client:
        database = client[order.database]
        lease_type = MongoLease if order.has_lease else NoLease
        relay = Relay(
            database,
            "harbour",
            order.kafka,
            partitions=order.partitions,
            page_size=order.page_size,
            lease=lease_type(database, "relay-harbour", seconds=order.lease_seconds),
            outbox=MortalOutbox(database, death),
            sender=MortalSender(order, death),
        )
        is_ready.set()
        await relay.run()
