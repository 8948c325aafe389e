"""Readiness says what is checked, what is wrong in one fixed word, and since when."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import FixedClock
from chassis.observability import Checked, Health

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Engine:
    fault: str | None = None
    error: Exception | None = None
    asked_count: int = 0

    async def check(self) -> str | None:
        self.asked_count += 1
        if self.error is not None:
            raise self.error
        return self.fault


@dataclass
class Watch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class House:
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    watch: Watch = field(default_factory=Watch)
    engine: Engine = field(default_factory=Engine)

    def __post_init__(self) -> None:
        self.health = Health(self.clock, self.watch)
        self.health.register("mongo", "MongoDB answers", self.engine.check)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        self.watch.seconds += seconds


async def test_a_check_that_is_well_says_since_when() -> None:
    house = House()
    await house.health.report()
    house.pass_time(60)
    assert await house.health.report() == [Checked("mongo", "MongoDB answers", None, NOON)]


async def test_a_fault_begins_when_it_is_first_seen() -> None:
    house = House()
    await house.health.report()
    house.engine.fault = "no_primary"
    house.pass_time(5)
    assert await house.health.report() == [
        Checked("mongo", "MongoDB answers", "no_primary", NOON + timedelta(seconds=5))
    ]


async def test_an_error_says_unreachable_and_no_address() -> None:
    house = House()
    house.engine.error = ConnectionRefusedError("mongodb://user:secret@10.0.0.1")
    [checked] = await house.health.report()
    assert checked.fault == "unreachable"


async def test_asking_often_does_not_ask_the_engines_often() -> None:
    house = House()
    for _ in range(50):
        await house.health.report()
    assert house.engine.asked_count == 1


async def test_a_name_is_registered_once() -> None:
    house = House()
    with pytest.raises(ValueError, match="registered already"):
        house.health.register("mongo", "again", house.engine.check)
