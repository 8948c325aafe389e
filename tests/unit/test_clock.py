"""The clock that may be moved: every process that reads its file moves with it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chassis.clock import ShiftedClock

_LEAP_DAY = datetime(2016, 2, 29, 12, tzinfo=UTC)
_A_MOMENT = timedelta(seconds=30)


def test_it_is_the_systems_clock_until_somebody_moves_it(tmp_path: Path) -> None:
    assert abs(ShiftedClock(tmp_path / "clock").now() - datetime.now(UTC)) < _A_MOMENT


def test_it_goes_on_from_the_instant_to_which_it_was_moved(tmp_path: Path) -> None:
    mover, reader = ShiftedClock(tmp_path / "clock"), ShiftedClock(tmp_path / "clock")

    mover.move_to(_LEAP_DAY)

    assert timedelta(0) <= reader.now() - _LEAP_DAY < _A_MOMENT


async def test_who_waits_for_it_to_be_moved_is_woken(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path / "clock")
    waiting = asyncio.create_task(clock.until_moved())
    await asyncio.sleep(0)

    clock.move_to(_LEAP_DAY)

    await asyncio.wait_for(waiting, timeout=10)
