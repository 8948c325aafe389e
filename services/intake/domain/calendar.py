"""Ages and working days: a year is a calendar year, and each country has its own holidays (domain.md, rule 7)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

Country = Literal["NO", "DK"]

_SATURDAY = 5
_PART = re.compile(r"(\d+)([YMWD])")
_DAYS = {"Y": 366, "M": 31, "W": 7, "D": 1}

# Made when the process starts: loading a country takes a quarter of a second, too long for the event loop.
_HOLIDAYS = {country: holidays.country_holidays(country) for country in ("NO", "DK")}


def day_in(zone: str, instant: datetime) -> date:
    """The day it is in the zone at that instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def latest_day_anywhere(instant: datetime) -> date:
    """The day it is where days begin first: what is in the future there is in the future everywhere."""
    return (instant.astimezone(UTC) + timedelta(hours=14)).date()


def end_of(day: date, *, zone: str) -> datetime:
    """The instant, in UTC, at which that day is over in the zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def days_of(duration: str) -> int:
    """How many days an ISO 8601 duration takes at most, hours left out: `P1M` is 31, `PT2H` none."""
    return sum(int(count) * _DAYS[unit] for count, unit in _PART.findall(duration.partition("T")[0]))


def age_on(day: date, *, born_on: date) -> int:
    """Whole years lived on that day; who is born on 29 February has birthday on the 28th in other years (S3.38)."""
    return relativedelta(day, born_on).years


def after_working_days(start: date, days: int, *, country: Country) -> date:
    """The last of so many working days that follow `start`: neither weekend nor public holiday."""
    calendar = _HOLIDAYS[country]
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day not in calendar:
            days -= 1
    return day
