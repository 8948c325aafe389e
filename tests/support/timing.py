"""Alarms that are set and stopped: a timer plan to try, its timetable filled as its consumer would fill it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition
from pydantic import AwareDatetime
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.clock import FixedClock
from chassis.consumer.fold import Folder, Step
from chassis.consumer.record import Record
from chassis.read_models import ReadModels
from chassis.rebuild import reader_id
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan, TimerRunner
from chassis.timers.runner import Pace
from contracts.base import Event, JsonObject, event
from contracts.envelope import Origin, RecordedEvent, StreamId

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUICK = Pace(poll_seconds=0.05, lease_seconds=0.6, first_pause_seconds=0.02)

Fire = Callable[[FiredTimer], Awaitable[None]]


@event("timing.alarm-set", version=1)
class AlarmSet(Event):
    rings_at: AwareDatetime
    tune: str = "bell"


@event("timing.alarm-stopped", version=1)
class AlarmStopped(Event):
    pass


def plan_alarms(recorded: RecordedEvent) -> list[SetTimer | CancelTimer]:
    match recorded.event:
        case AlarmSet(rings_at=rings_at, tune=tune):
            return [SetTimer(recorded.stream.id, rings_at, {"tune": tune})]
        case _:
            return [CancelTimer(recorded.stream.id)]


@dataclass
class Consumer:
    """What the plan's consumer knows of its partitions: it has read to the end `behind_seconds` ago."""

    id: str
    behind_seconds: float = 0.0

    def reading(self) -> facts.Reading:
        partition = TopicPartition("timing.events", 0)
        caught_up_ms = int((time.time() - self.behind_seconds) * 1000)
        return facts.Reading(self.id, 1, {partition: caught_up_ms}, {partition: 0})

    async def reached(self, stream: str, position: int) -> None:
        await asyncio.Event().wait()


@dataclass
class Bedroom:
    """A database with alarms, a clock, and a list of what has rung."""

    database: AsyncDatabase[JsonObject]
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    rung: list[FiredTimer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.read_models = ReadModels(self.database, clock=self.clock)
        self.consumer = Consumer(reader_id(self.database, self.plan().projection.name, 1))
        self.read_models.attach(self.consumer.id, self.consumer)

    def plan(self, fire: Fire | None = None) -> TimerPlan:
        return TimerPlan("alarms", ("timing.events",), (AlarmSet, AlarmStopped), plan_alarms, fire or self.ring)

    def runner(self, fire: Fire | None = None, *, pace: Pace = QUICK) -> TimerRunner:
        return TimerRunner(
            self.database,
            [self.plan(fire)],
            service="timing",
            clock=self.clock,
            read_models=self.read_models,
            pace=pace,
        )

    async def ring(self, fired: FiredTimer) -> None:
        self.rung.append(fired)

    async def happened(self, name: str, *events: Event, position: int = 1, tenant: str = "t") -> None:
        """These events of the alarm's stream were consumed, the first of them at `position`."""
        projection = self.plan().projection
        stream = StreamId(tenant, "alarm", name)
        origin = Origin(self.clock.now(), self.clock.now(), "correlation-1", "user-1")
        steps = [
            Step(
                Record("timing.events", 0, number, None, None, []),
                str(stream),
                RecordedEvent(stream, number, happened, origin),
            )
            for number, happened in enumerate(events, position)
        ]
        folder = Folder(projection, await self.read_models.collection(projection))
        assert await folder.apply({f"{tenant}/{name}": steps}) == {}

    async def timers(self) -> list[JsonObject]:
        return await (await self.read_models.collection(self.plan().projection)).find().to_list()


def alarm_in(seconds: float, tune: str = "bell") -> AlarmSet:
    return AlarmSet(rings_at=NOON + timedelta(seconds=seconds), tune=tune)


@asynccontextmanager
async def at_work(*runners: TimerRunner) -> AsyncIterator[None]:
    """The runners run until the block ends."""
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
