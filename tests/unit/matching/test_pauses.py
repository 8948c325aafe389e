"""What is left of a deadline when a pause begins is left when it ends (S2.29)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.pauses import Pauses
from tests.unit.matching.examples import DEADLINE, NOW

DAY = timedelta(days=1)


@pytest.mark.requirement("S2.29")
@pytest.mark.parametrize(
    ("spans", "moved"),
    [
        ((), DEADLINE),
        (((NOW - 9 * DAY, NOW - 2 * DAY),), DEADLINE),
        (((NOW + 2 * DAY, NOW + 5 * DAY),), DEADLINE + 3 * DAY),
        (((NOW + 2 * DAY, NOW + 5 * DAY), (NOW + 6 * DAY, NOW + 7 * DAY)), DEADLINE + 4 * DAY),
        (((DEADLINE - DAY, DEADLINE + 99 * DAY), (DEADLINE + 99 * DAY, DEADLINE + 100 * DAY)), DEADLINE + 101 * DAY),
        (((DEADLINE + DAY, DEADLINE + 2 * DAY),), DEADLINE),
        (((NOW - DAY, NOW + DAY),), DEADLINE + DAY),
        (((NOW + DAY, None),), None),
        (((DEADLINE, None),), DEADLINE),
    ],
)
def test_a_deadline_moves_by_the_paused_time_since_it_was_set(spans: tuple[object, ...], moved: object) -> None:
    assert Pauses(spans).moved(NOW, DEADLINE) == moved  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), max_size=5))
def test_outside_of_pauses_exactly_the_days_it_was_given_go_by(lengths: list[tuple[int, int]]) -> None:
    spans, at = [], NOW
    for between, length in lengths:
        at += between * DAY
        spans.append((at, at + length * DAY))
        at += length * DAY
    moved = Pauses(tuple(spans)).moved(NOW, DEADLINE)
    assert moved is not None
    paused = sum((min(end, moved) - begin for begin, end in spans if begin < moved), timedelta())
    assert moved - NOW - paused == DEADLINE - NOW
