"""Calendar periods in ISO 8601 (`P1Y`, `P3M`, `P42D`): a year is a calendar year, 29 February + P1Y = 28 February."""

import re
from datetime import date
from typing import Annotated

from dateutil.relativedelta import relativedelta
from pydantic import AfterValidator, Field

_PERIOD = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


def _checked(text: str) -> str:
    if not _PERIOD.fullmatch(text):
        raise ValueError("is not a period of years, months and days such as P1Y, P3M or P42D")
    return text


Period = Annotated[str, AfterValidator(_checked), Field(examples=["P1Y"])]


def after(start: date, period: Period) -> date:
    """The day that lies one period after `start` (S2.16)."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise ValueError(f"{period!r} is not a period")
    years, months, days = (int(part or 0) for part in found.groups())
    return start + relativedelta(years=years, months=months, days=days)
