"""Quiet hours by the clock on the wall, also over midnight and when clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis.strategies import datetimes, just, sampled_from, times

from services.notifications.domain.quiet import quiet_until

OSLO = "Europe/Oslo"


def ends(now: str, begins: str, until: str) -> str | None:
    """Instants in UTC, hours by the clock in Oslo."""
    quiet = (time.fromisoformat(begins), time.fromisoformat(until))
    end = quiet_until(datetime.fromisoformat(now), quiet_from=quiet[0], quiet_to=quiet[1], zone=OSLO)
    return None if end is None else end.isoformat()


@pytest.mark.parametrize(
    ("now", "begins", "until", "end"),
    [
        ("2026-01-10T12:00:00+00:00", "13:00", "15:00", "2026-01-10T14:00:00+00:00"),
        ("2026-01-10T11:59:00+00:00", "13:00", "15:00", None),
        ("2026-01-10T14:00:00+00:00", "13:00", "15:00", None),
        ("2026-01-10T20:00:00+00:00", "21:00", "08:00", "2026-01-11T07:00:00+00:00"),
        ("2026-01-11T02:00:00+00:00", "21:00", "08:00", "2026-01-11T07:00:00+00:00"),
        ("2026-01-11T07:00:00+00:00", "21:00", "08:00", None),
        # The night in which clocks go forward is an hour shorter, the one in which they go back an hour longer.
        ("2026-03-28T21:00:00+00:00", "22:00", "08:00", "2026-03-29T06:00:00+00:00"),
        ("2026-10-24T21:00:00+00:00", "22:00", "08:00", "2026-10-25T07:00:00+00:00"),
        # 02:30 does not come in that night; and comes twice in this one.
        ("2026-03-28T23:00:00+00:00", "22:00", "02:30", "2026-03-29T01:30:00+00:00"),
        ("2026-10-24T22:00:00+00:00", "22:00", "02:30", "2026-10-25T01:30:00+00:00"),
        ("2026-10-25T01:15:00+00:00", "22:00", "02:30", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_quiet_hours_end(now: str, begins: str, until: str, end: str | None) -> None:
    assert ends(now, begins, until) == end


def test_without_quiet_hours_it_is_never_quiet() -> None:
    now = datetime(2026, 1, 10, 23, tzinfo=UTC)
    assert quiet_until(now, quiet_from=None, quiet_to=None, zone=OSLO) is None
    assert quiet_until(now, quiet_from=time(8), quiet_to=time(8), zone=OSLO) is None


_NOW = datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 31), timezones=just(UTC))  # noqa: DTZ001


@for_all(_NOW, times(), times(), sampled_from([OSLO, "Europe/Copenhagen", "Atlantic/Faroe"]))
def test_quiet_hours_always_end_within_a_long_day_and_are_over_then(
    now: datetime, begins: time, until: time, zone: str
) -> None:
    end = quiet_until(now, quiet_from=begins, quiet_to=until, zone=zone)
    if end is None:
        return
    assert now < end <= now + timedelta(hours=26)
    assert end.astimezone(ZoneInfo(zone)).time() >= until or begins < until
    assert quiet_until(end, quiet_from=begins, quiet_to=until, zone=zone) is None
