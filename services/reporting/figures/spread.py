"""How days spread: a count for each number of days, and what is said of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import date


def median(spread: Mapping[int, int], at_least: int = 1) -> float | None:
    """The middle of all, half way between the two middle ones; None of fewer than `at_least`, whom it would show."""
    total = sum(spread.values())
    if total < max(at_least, 1):
        return None
    return (_at(spread, (total - 1) // 2) + _at(spread, total // 2)) / 2


def bands(spread: Mapping[int, int], limits: tuple[int, ...]) -> dict[str, int]:
    """How many lie up to and including each limit, and beyond the last: `0-30`, `31-90`, `91+`."""
    starts = (0, *(limit + 1 for limit in limits))
    names = [f"{start}-{limit}" for start, limit in zip(starts, limits, strict=False)] + [f"{starts[-1]}+"]
    counted = dict.fromkeys(names, 0)
    for days, count in spread.items():
        counted[names[sum(days > limit for limit in limits)]] += count
    return counted


def days_between(reached: Mapping[str, date], later: Mapping[str, date], at_least: int = 1) -> float | None:
    """The median of whole days from one step to the next, of all who reached both; 0 where the next came first."""
    both = reached.keys() & later.keys()
    return median(Counter(max((later[one] - reached[one]).days, 0) for one in both), at_least)


def _at(spread: Mapping[int, int], place: int) -> int:
    seen = 0
    for days in sorted(spread):
        seen += spread[days]
        if place < seen:
            return days
    raise IndexError(place)
