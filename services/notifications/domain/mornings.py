"""Mornings at a place: eight o'clock by its clocks; working ones fall on no weekend and no public holiday."""

from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

Country = Literal["NO", "DK"]

_EIGHT = time(8)
_SATURDAY = 5

# Made when the process starts: loading a country takes a quarter of a second, too long for the event loop.
_HOLIDAYS = {country: holidays.country_holidays(country) for country in ("NO", "DK")}


def next_morning(after: datetime, *, zone: str, country: Country) -> datetime:
    """The first one later than that, in UTC."""
    day = after.astimezone(ZoneInfo(zone)).date()
    while True:
        morning = _morning(day, zone)
        if morning > after and day.weekday() < _SATURDAY and day not in _HOLIDAYS[country]:
            return morning
        day += timedelta(days=1)


def next_eight(after: datetime, *, zone: str) -> datetime:
    """The first morning of any day later than that, in UTC."""
    day = after.astimezone(ZoneInfo(zone)).date()
    morning = _morning(day, zone)
    return morning if morning > after else _morning(day + timedelta(days=1), zone)


def _morning(day: date, zone: str) -> datetime:
    return datetime.combine(day, _EIGHT, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
