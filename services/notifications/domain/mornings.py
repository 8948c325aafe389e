"""Working mornings at a place: eight o'clock by its clocks, on no weekend and no public holiday."""

from datetime import datetime, time, timedelta
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
        morning = datetime.combine(day, _EIGHT, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
        if morning > after and day.weekday() < _SATURDAY and day not in _HOLIDAYS[country]:
            return morning
        day += timedelta(days=1)
