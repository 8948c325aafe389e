"""Timers on the real mongod: at their time, once, whatever is moved, stopped or crashes."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import SystemClock
from chassis.observability import REGISTRY
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld, NotFound, Refusal
from chassis.timers import FiredTimer, Postponed
from chassis.timers.runner import Pace
from chassis.timers.timetable import Timetable
from contracts.base import JsonObject
from tests.support.timing import NOON, AlarmSet, AlarmStopped, Bedroom, alarm_in, at_work
from tests.support.wait import eventually


@pytest.fixture
def bedroom(database: AsyncDatabase[JsonObject]) -> Bedroom:
    return Bedroom(database)


async def rung(bedroom: Bedroom, count: int) -> list[str]:
    """The keys of what rings, once it is so many."""
    await eventually(lambda: len(bedroom.rung) >= count)
    return sorted(fired.key for fired in bedroom.rung)


async def settled(bedroom: Bedroom) -> None:
    """No timer that is due is left."""

    async def none_due() -> bool:
        return not [t for t in await bedroom.timers() if t.get("is_set") and t["due_at"] <= bedroom.clock.now()]

    await eventually(none_due)


async def test_a_timer_fires_at_its_time_and_not_before(bedroom: Bedroom) -> None:
    await bedroom.happened("early", alarm_in(0))
    await bedroom.happened("late", alarm_in(60))
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["early"]
        bedroom.clock.advance(timedelta(seconds=59.999))
        await bedroom.happened("meanwhile", alarm_in(30))
        assert await rung(bedroom, 2) == ["early", "meanwhile"]
        bedroom.clock.advance(timedelta(seconds=0.001))
        assert await rung(bedroom, 3) == ["early", "late", "meanwhile"]


async def test_it_brings_what_a_command_needs(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(-1, tune="gong"))
    async with at_work(bedroom.runner()):
        await rung(bedroom, 1)
    [fired] = bedroom.rung
    context = fired.context("ring")
    assert (fired.tenant, fired.key, fired.due_at, fired.payload) == (
        "t",
        "a",
        NOON - timedelta(seconds=1),
        {"tune": "gong"},
    )
    assert (context.actor, context.correlation_id, context.causation_id) == (
        "timer-alarms",
        "correlation-1",
        fired.causation_id,
    )
    assert fired.context("ring").command_id == context.command_id != fired.context("snooze").command_id


async def test_the_same_key_in_two_tenants_is_two_timers(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0), tenant="t")
    await bedroom.happened("a", alarm_in(0), tenant="u")
    async with at_work(bedroom.runner()):
        await rung(bedroom, 2)
    assert (sorted(fired.tenant for fired in bedroom.rung), len({fired.command_id for fired in bedroom.rung})) == (
        ["t", "u"],
        2,
    )


async def test_a_timer_cancelled_before_its_time_does_not_fire(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(10), AlarmStopped())
    await bedroom.happened("b", alarm_in(20))
    bedroom.clock.advance(timedelta(seconds=30))
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["b"]
        await settled(bedroom)


async def test_a_timer_set_anew_fires_at_the_new_time_only(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(10), alarm_in(50, tune="later"))
    await bedroom.happened("b", alarm_in(30))
    bedroom.clock.advance(timedelta(seconds=40))
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["b"]
        bedroom.clock.advance(timedelta(seconds=10))
        await rung(bedroom, 2)
    assert bedroom.rung[1].payload == {"tune": "later"}


async def test_the_same_timer_set_again_after_it_fired_does_not_fire_again(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner()):
        await rung(bedroom, 1)
        await settled(bedroom)
        await bedroom.happened("a", alarm_in(0), AlarmStopped(), alarm_in(0), position=2)
        await bedroom.happened("b", alarm_in(0))
        assert await rung(bedroom, 2) == ["a", "b"]
        await settled(bedroom)
    assert len(bedroom.rung) == 2


async def test_a_timer_set_for_another_time_while_it_fires_fires_then_too(bedroom: Bedroom) -> None:
    async def ring_and_set_anew(fired: FiredTimer) -> None:
        if not bedroom.rung:
            await bedroom.happened("a", alarm_in(5), position=2)
        await bedroom.ring(fired)

    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner(ring_and_set_anew)):
        await rung(bedroom, 1)
        bedroom.clock.advance(timedelta(seconds=5))
        await rung(bedroom, 2)
    assert [fired.due_at for fired in bedroom.rung] == [NOON, NOON + timedelta(seconds=5)]


async def test_due_times_far_away_wait_and_a_clock_moved_by_years_finds_them(bedroom: Bedroom) -> None:
    await bedroom.happened("next-year", AlarmSet(rings_at=NOON.replace(year=2027)))
    await bedroom.happened("at-the-end", AlarmSet(rings_at=NOON.replace(year=9999)))
    await bedroom.happened("long-ago", AlarmSet(rings_at=NOON.replace(year=1000)))
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["long-ago"]
        bedroom.clock.advance(timedelta(days=366))
        assert await rung(bedroom, 2) == ["long-ago", "next-year"]


async def test_a_clock_moved_back_fires_nothing_twice_and_stops_nothing(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner()):
        await rung(bedroom, 1)
        await settled(bedroom)
        bedroom.clock.advance(timedelta(days=-1))
        await bedroom.happened("b", alarm_in(-86400))
        assert await rung(bedroom, 2) == ["a", "b"]


async def test_what_falls_due_while_nobody_runs_fires_after_the_restart(bedroom: Bedroom) -> None:
    async with at_work(bedroom.runner()):
        await bedroom.happened("a", alarm_in(60))
    bedroom.clock.advance(timedelta(hours=1))
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["a"]


async def test_a_crash_between_claim_and_fire_costs_the_lease_only(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    crashed = Timetable(bedroom.plan(), bedroom.database, bedroom.read_models)
    assert await crashed.take(NOON, timedelta(seconds=0.3)) is not None
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["a"]


async def test_a_crash_after_fire_repeats_the_same_command(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    crashed = Timetable(bedroom.plan(), bedroom.database, bedroom.read_models)
    taken = await crashed.take(NOON, timedelta(seconds=0.3))
    assert taken is not None
    await bedroom.ring(taken.fired)
    async with at_work(bedroom.runner()):
        await rung(bedroom, 2)
        await settled(bedroom)
    assert bedroom.rung[0] == bedroom.rung[1]


async def test_a_lease_that_ran_out_lets_the_slow_one_change_nothing(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    table = Timetable(bedroom.plan(), bedroom.database, bedroom.read_models)
    slow = await table.take(NOON, timedelta(seconds=-1))
    quick = await table.take(NOON, timedelta(seconds=60))
    assert slow is not None
    assert quick is not None
    await table.try_again(slow, timedelta(seconds=-1))
    assert await table.take(NOON, timedelta(seconds=60)) is None


async def test_two_runners_fire_each_timer_once(bedroom: Bedroom) -> None:
    for number in range(100):
        await bedroom.happened(f"a-{number}", alarm_in(-number))
    async with at_work(bedroom.runner(), bedroom.runner()):
        await rung(bedroom, 100)
        await settled(bedroom)
    assert (len(bedroom.rung), len({fired.command_id for fired in bedroom.rung})) == (100, 100)


@pytest.mark.parametrize("error", [FactsTooOld(), RuntimeError("a bug"), ConnectionResetError()])
async def test_what_fails_is_tried_again_with_back_off(bedroom: Bedroom, error: Exception) -> None:
    tries: list[float] = []

    async def ring_at_the_fourth(fired: FiredTimer) -> None:
        tries.append(asyncio.get_running_loop().time())
        if len(tries) < 4:
            raise error
        await bedroom.ring(fired)

    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner(ring_at_the_fourth)):
        assert await rung(bedroom, 1) == ["a"]
        await settled(bedroom)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert [pause >= wanted for pause, wanted in zip(pauses, (0.02, 0.04, 0.08), strict=True)] == [True] * 3


async def test_what_is_postponed_fires_at_its_new_time_under_another_command_id(bedroom: Bedroom) -> None:
    tries: list[FiredTimer] = []

    async def ring_later(fired: FiredTimer) -> None:
        tries.append(fired)
        if len(tries) == 1:
            raise Postponed(NOON + timedelta(hours=1))
        await bedroom.ring(fired)

    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner(ring_later)):
        await eventually(lambda: len(tries) == 1)
        await settled(bedroom)
        bedroom.clock.advance(timedelta(hours=1))
        assert await rung(bedroom, 1) == ["a"]
    first, second = tries
    assert (first.due_at, second.due_at) == (NOON, NOON + timedelta(hours=1))
    assert first.command_id != second.command_id


async def test_a_timer_that_fails_holds_up_no_other(bedroom: Bedroom) -> None:
    async def ring_unless_broken(fired: FiredTimer) -> None:
        if fired.key == "broken":
            raise RuntimeError
        await bedroom.ring(fired)

    await bedroom.happened("broken", alarm_in(-10))
    await bedroom.happened("whole", alarm_in(0))
    async with at_work(bedroom.runner(ring_unless_broken)):
        assert await rung(bedroom, 1) == ["whole"]


async def test_what_takes_for_ever_is_given_up_and_tried_again(bedroom: Bedroom) -> None:
    tries: list[FiredTimer] = []

    async def hang_once(fired: FiredTimer) -> None:
        tries.append(fired)
        if len(tries) == 1:
            await asyncio.Event().wait()
        await bedroom.ring(fired)

    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner(hang_once)):
        assert await rung(bedroom, 1) == ["a"]


async def test_a_rule_that_has_answered_ends_the_timer(bedroom: Bedroom) -> None:
    asked: list[Refusal] = []

    async def refuse(fired: FiredTimer) -> None:
        asked.append(NotFound())
        raise asked[-1]

    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner(refuse)):
        await settled(bedroom)
    assert len(asked) == 1


async def test_nothing_fires_before_everything_recorded_until_its_time_was_read(bedroom: Bedroom) -> None:
    await bedroom.happened("known", alarm_in(-120))
    await bedroom.happened("maybe-cancelled", alarm_in(-30))
    bedroom.consumer.behind_seconds = 60
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 1) == ["known"]
        await bedroom.happened("maybe-cancelled", AlarmStopped(), position=2)
        bedroom.consumer.behind_seconds = 0
        await bedroom.happened("last", alarm_in(0))
        assert await rung(bedroom, 2) == ["known", "last"]
        await settled(bedroom)


async def test_nothing_fires_before_the_plan_was_ever_read_to_the_end(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    bedroom.read_models.detach(bedroom.consumer.id)
    runner = bedroom.runner()
    async with at_work(runner):
        bedroom.clock.advance(timedelta(seconds=61))
        await eventually(runner.check)
        assert bedroom.rung == []
        bedroom.read_models.attach(bedroom.consumer.id, bedroom.consumer)
        assert await rung(bedroom, 1) == ["a"]


async def test_a_rebuilt_plan_does_not_fire_the_past_again(bedroom: Bedroom) -> None:
    await bedroom.happened("a", alarm_in(0))
    async with at_work(bedroom.runner()):
        await rung(bedroom, 1)
        await settled(bedroom)
    await (await bedroom.read_models.collection(bedroom.plan().projection)).drop()
    await bedroom.happened("a", alarm_in(0))
    await bedroom.happened("b", alarm_in(0))
    bedroom.read_models = ReadModels(bedroom.database, clock=bedroom.clock)
    bedroom.read_models.attach(bedroom.consumer.id, bedroom.consumer)
    async with at_work(bedroom.runner()):
        assert await rung(bedroom, 2) == ["a", "b"]
        await settled(bedroom)
    assert len(bedroom.rung) == 2


async def test_a_runner_that_is_stopped_finishes_what_is_under_way(bedroom: Bedroom) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def ring_slowly(fired: FiredTimer) -> None:
        begun.set()
        await may_end.wait()
        await bedroom.ring(fired)

    await bedroom.happened("a", alarm_in(0))
    running = asyncio.create_task(bedroom.runner(ring_slowly).run())
    await begun.wait()
    running.cancel()
    asyncio.get_running_loop().call_later(0.05, may_end.set)
    with pytest.raises(asyncio.CancelledError):
        await running
    [timer] = await bedroom.timers()
    assert ([fired.key for fired in bedroom.rung], timer["is_set"]) == (["a"], False)


async def test_a_runner_that_sleeps_wakes_for_the_next_due_time(database: AsyncDatabase[JsonObject]) -> None:
    clock: Any = SystemClock()
    bedroom = Bedroom(database, clock)
    await bedroom.happened("a", AlarmSet(rings_at=clock.now() + timedelta(seconds=0.5)))
    async with at_work(bedroom.runner(pace=Pace(poll_seconds=3600))):
        assert await rung(bedroom, 1) == ["a"]
    assert clock.now() >= bedroom.rung[0].due_at


async def test_waking_makes_it_look_at_once(bedroom: Bedroom) -> None:
    runner = bedroom.runner(pace=Pace(poll_seconds=3600))
    async with at_work(runner):
        await bedroom.happened("a", alarm_in(0))

        def ring() -> bool:
            runner.wake()
            return bool(bedroom.rung)

        assert await eventually(ring)


async def test_what_is_overdue_shows_in_metrics_and_health(bedroom: Bedroom) -> None:
    async def fail(fired: FiredTimer) -> None:
        raise FactsTooOld

    await bedroom.happened("a", alarm_in(-90))
    await bedroom.happened("b", alarm_in(-30))
    runner = bedroom.runner(fail)
    assert await runner.check() is None
    async with at_work(runner):
        assert await eventually(runner.check) == "late"
    labels = {"service": "timing", "plan": "alarms"}
    assert REGISTRY.get_sample_value("kobling_timers_lateness_seconds", labels) == 90
    assert REGISTRY.get_sample_value("kobling_timers_overdue", labels) == 2
