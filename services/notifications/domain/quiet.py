"""Quiet hours: by the clock on the wall of the programme's place, also over midnight and when clocks change (S2.9)."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(now: datetime, *, quiet_from: time | None, quiet_to: time | None, zone: str) -> datetime | None:
    """When the quiet hours end that `now` is in, in UTC; None outside of them, and where there are none."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    local = now.astimezone(ZoneInfo(zone))
    if not _is_between(local.time(), quiet_from, quiet_to):
        return None
    days = (local.date() + timedelta(days=number) for number in range(2))
    return next(end for end in (_latest(datetime.combine(day, quiet_to), zone) for day in days) if end > now)


def _is_between(hour: time, begins: time, ends: time) -> bool:
    return begins <= hour < ends if begins < ends else hour >= begins or hour < ends


def _latest(wall: datetime, zone: str) -> datetime:
    """The last moment at which clocks show it: an hour that comes twice is quiet twice, one that is left out has an
    end after it."""
    aware = wall.replace(tzinfo=ZoneInfo(zone))
    return max(aware.replace(fold=fold).astimezone(ZoneInfo("UTC")) for fold in (0, 1))
