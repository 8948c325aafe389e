"""Runs timers: takes what is due, fires it, and sleeps until the next one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import Clock
from chassis.observability import REGISTRY
from chassis.read_models import ReadModels
from chassis.refusal import Refusal
from chassis.timers.horizon import Horizon
from chassis.timers.plan import Postponed, TimerPlan
from chassis.timers.timetable import Taken, Timetable
from chassis.transient import until_done
from contracts.base import JsonObject

_AT_ONCE = 8
_COUNTED_AT_MOST = 1000
_HELD_BACK_SECONDS = 0.2  # due, but the plan's consumer has not read that far yet
_LONGEST_PAUSE_SECONDS = 300.0
_DRAIN_SECONDS = 10.0
_LATE_SECONDS = 60.0

_OVERDUE = Gauge(
    "kobling_timers_overdue", "Timers due and not fired, at most 1000", ["service", "plan"], registry=REGISTRY
)
_LATENESS = Gauge(
    "kobling_timers_lateness_seconds", "How late the most overdue timer is", ["service", "plan"], registry=REGISTRY
)
_FIRED = Counter("kobling_timers_fired", "Timers fired, by outcome", ["service", "plan", "outcome"], registry=REGISTRY)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """`poll_seconds`: the longest sleep. `lease_seconds`: how long a crashed runner holds up a timer, and the longest a
    `fire` may take, less a sixth. `first_pause_seconds`: before the first retry; doubled each time, up to 5 minutes."""

    poll_seconds: float = 2.0
    lease_seconds: float = 60.0
    first_pause_seconds: float = 1.0


class TimerRunner:
    """Fires the timers of all `plans` of a service until cancelled; then those under way are finished.

    A timer fires at its time or later, never earlier, and not before everything recorded until that time was read: one
    cancelled in time does not fire. It fires at least once; two runners, or a crash after `fire`, repeat the same
    command id. Several runners may run anywhere.
    """

    def __init__(
        self,
        database: AsyncDatabase[JsonObject],
        plans: Sequence[TimerPlan],
        *,
        service: str,
        clock: Clock,
        read_models: ReadModels,
        pace: Pace = Pace(),
    ) -> None:
        self._works = [
            _PlanWork(plan, Timetable(plan, database, read_models), service=service, clock=clock, pace=pace)
            for plan in plans
        ]

    async def run(self) -> None:
        """Until cancelled. Waits for engines that are away, as long as it takes."""
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())  # a service without timers waits too
            for work in self._works:
                group.create_task(work.run())

    def wake(self) -> None:
        """Look now: a timer was set or the clock was moved."""
        for work in self._works:
            work.woken.set()

    async def check(self) -> str | None:
        """A health check: `late` when a timer is more than a minute overdue."""
        return "late" if any(work.lateness_seconds > _LATE_SECONDS for work in self._works) else None


class _PlanWork:
    """One plan at work: a slow plan holds up no other."""

    def __init__(self, plan: TimerPlan, timetable: Timetable, *, service: str, clock: Clock, pace: Pace) -> None:
        self._plan = plan
        self._timetable = timetable
        self._labels = (service, plan.name)
        self._clock = clock
        self._horizon = Horizon(timetable, clock)
        self._pace = pace
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self.woken = asyncio.Event()
        self.lateness_seconds = 0.0

    async def run(self) -> None:
        try:
            while True:
                self.woken.clear()
                await self._sleep(await until_done(self._fire_due, what="timers"))
        finally:
            await self._drain()

    async def _fire_due(self) -> float:
        """Begin to fire all that is due; gives the seconds until it is worth looking again."""
        due_at, now = await self._timetable.next_due(), self._clock.now()
        await self._tell(due_at, now)
        if due_at is None or due_at > now:
            return self._pace.poll_seconds if due_at is None else (due_at - now).total_seconds()
        until = await self._horizon.until(now)
        while True:
            await self._slots.acquire()
            taken = await self._take(until)
            if taken is None:
                return _HELD_BACK_SECONDS if until < due_at else self._pace.poll_seconds
            task = asyncio.create_task(self._fire(taken))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _take(self, until: datetime) -> Taken | None:
        """Holds a slot of ours only when it gives a timer."""
        taken = None
        try:
            taken = await self._timetable.take(until, timedelta(seconds=self._pace.lease_seconds))
        finally:
            if taken is None:
                self._slots.release()
        return taken

    async def _fire(self, taken: Taken) -> None:
        try:
            has_fired = await until_done(lambda: self._timetable.has_fired(taken), what="timers")
            outcome = "repeated" if has_fired else await self._outcome(taken)
            if isinstance(outcome, datetime):
                due_at, outcome = outcome, "postponed"
                await until_done(lambda: self._timetable.postpone(taken, due_at), what="timers")
            elif outcome == "failed":
                pause = timedelta(seconds=_pause(self._pace.first_pause_seconds, taken.attempts))
                await until_done(lambda: self._timetable.try_again(taken, pause), what="timers")
            else:
                await until_done(lambda: self._timetable.done(taken), what="timers")
            _FIRED.labels(*self._labels, outcome).inc()
        except Exception:
            log.exception("timer_not_noted", plan=self._plan.name)  # its lease runs out, then it is taken again
        finally:
            self._slots.release()
            self.woken.set()

    async def _outcome(self, taken: Taken) -> str | datetime:
        """`done`, `refused` when the rule has answered, `failed` when it is to be tried again, or its new due time."""
        try:
            async with asyncio.timeout(self._pace.lease_seconds * 5 / 6):
                await self._plan.fire(taken.fired)
        except Postponed as later:
            return later.due_at
        except Refusal as refusal:
            if not refusal.retryable:
                log.info("timer_refused", plan=self._plan.name, rule=refusal.rule)
                return "refused"
            log.info("timer_postponed", plan=self._plan.name, rule=refusal.rule, attempts=taken.attempts)
            return "failed"
        except Exception:
            log.exception("timer_failed", plan=self._plan.name, attempts=taken.attempts)
            return "failed"
        return "done"

    async def _tell(self, due_at: datetime | None, now: datetime) -> None:
        late = 0.0 if due_at is None else max(0.0, (now - due_at).total_seconds())
        overdue = await self._timetable.overdue_count(now, _COUNTED_AT_MOST) if late else 0
        self.lateness_seconds = late
        _LATENESS.labels(*self._labels).set(late)
        _OVERDUE.labels(*self._labels).set(overdue)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(min(seconds, self._pace.poll_seconds)):
                await self.woken.wait()
        except TimeoutError:
            return

    async def _drain(self) -> None:
        """What is under way is finished; what takes too long is left to its lease."""
        if self._under_way:
            _, unfinished = await asyncio.wait(self._under_way, timeout=_DRAIN_SECONDS)
            for task in unfinished:
                task.cancel()


def _pause(first_seconds: float, attempts: int) -> float:
    return min(first_seconds * 2.0 ** min(attempts - 1, 30), _LONGEST_PAUSE_SECONDS)
