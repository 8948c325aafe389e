"""How days spread."""

import statistics
from collections import Counter

from hypothesis import given
from hypothesis.strategies import integers, lists

from services.reporting.figures.spread import bands, median

DAYS = lists(integers(0, 400), min_size=1, max_size=40)


@given(DAYS)
def test_the_middle_of_a_spread_is_the_median_of_its_days(days: list[int]) -> None:
    assert median(Counter(days)) == statistics.median(days)


def test_nothing_has_no_middle() -> None:
    assert median({}) is None


def test_few_have_no_middle_that_may_be_shown() -> None:
    assert (median({10: 2, 20: 2}, 5), median({10: 3, 20: 2}, 5)) == (None, 10)


def test_days_fall_into_bands_up_to_and_including_their_limit() -> None:
    spread = {0: 1, 30: 2, 31: 4, 90: 8, 180: 16, 181: 32}
    assert bands(spread, (30, 90, 180)) == {"0-30": 3, "31-90": 12, "91-180": 16, "181+": 32}


@given(DAYS)
def test_every_day_is_in_one_band(days: list[int]) -> None:
    assert sum(bands(Counter(days), (30, 90)).values()) == len(days)
