"""Calendar periods: a year is a calendar year, whatever February does."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.period import Period, after


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2024, 2, 29), "P1Y", date(2025, 2, 28)),
        (date(2024, 2, 29), "P4Y", date(2028, 2, 29)),
        (date(2023, 2, 28), "P1Y", date(2024, 2, 28)),
        (date(2025, 11, 30), "P3M", date(2026, 2, 28)),
        (date(2023, 11, 30), "P3M", date(2024, 2, 29)),
        (date(2026, 1, 31), "P1M", date(2026, 2, 28)),
        (date(2026, 3, 1), "P42D", date(2026, 4, 12)),
        (date(2026, 12, 31), "P0D", date(2026, 12, 31)),
        (date(2024, 1, 31), "P1Y1M1D", date(2025, 3, 1)),
    ],
)
def test_a_period_ends_on_the_day_the_calendar_says(start: date, period: str, end: date) -> None:
    assert after(start, period) == end


@given(start=st.dates(date(1900, 1, 1), date(2200, 1, 1)), years=st.integers(1, 99))
def test_a_year_never_ends_later_than_the_same_day(start: date, years: int) -> None:
    end = after(start, f"P{years}Y")

    assert (end.year, end.month) == (start.year + years, start.month)
    assert end.day == start.day or (start.month, start.day, end.day) == (2, 29, 28)


@pytest.mark.parametrize(
    "text", ["", "P", "1Y", "P1W", "P1H", "PT1H", "P-1Y", "P1.5Y", "P1M1Y", "p1y", " P1Y", "P1Y\n", "P1Y1"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is not a period"):
        TypeAdapter(Period).validate_python(text)
    with pytest.raises(ValueError, match="is not a period"):
        after(date(2026, 1, 1), text)
