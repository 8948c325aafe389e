"""Charts say what the numbers say, and hide what is hidden."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.pages.charts import bar_chart, line_chart

COUNTS = st.lists(st.tuples(st.text(min_size=1, max_size=60), st.none() | st.integers(0, 10**6)), max_size=20)


@given(COUNTS)
def test_bars_are_as_long_as_their_counts(counts: list[tuple[str, int | None]]) -> None:
    chart = bar_chart(counts)
    shown = [(bar.count, bar.width) for bar in chart.bars if bar.count]
    assert [bar.count for bar in chart.bars] == [count for _, count in counts]
    assert all(
        abs(width * shown[0][0] - shown[0][1] * count) < 1e-6 * count * shown[0][0] + 1e-6 for count, width in shown
    )
    assert all(bar.width >= 0 and chart.x + bar.width <= chart.width for bar in chart.bars)
    assert all(bar.width == 0 for bar in chart.bars if not bar.count)


def test_bars_do_not_overlap_and_stay_inside() -> None:
    chart = bar_chart([(str(number), number) for number in range(5)])
    tops = [bar.y for bar in chart.bars]
    assert all(below - above > chart.bar_height for above, below in itertools.pairwise(tops))
    assert tops[-1] + chart.bar_height <= chart.height


def test_a_long_label_is_cut_in_the_chart_only() -> None:
    bar = bar_chart([("a" * 60, 1)]).bars[0]
    assert (len(bar.short), bar.label) == (26, "a" * 60)


@given(st.lists(st.none() | st.floats(0, 10**6), min_size=1, max_size=24))
def test_a_line_goes_through_every_known_value_and_no_other(values: list[float | None]) -> None:
    chart = line_chart([(str(place), value) for place, value in enumerate(values)])
    drawn = [point for line in chart.lines for point in line.split(" ")]
    assert len(drawn) == sum(value is not None for value in values)
    assert all(chart.upper - 0.1 <= point.y <= chart.base + 0.1 for point in chart.points)
    assert chart.top >= max((value for value in values if value is not None), default=0)


def test_a_value_that_is_not_known_breaks_the_line() -> None:
    assert [len(line.split(" ")) for line in line_chart([("a", 1), ("b", 2), ("c", None), ("d", 4)]).lines] == [2, 1]


def test_more_is_higher() -> None:
    first, second = line_chart([("a", 1.0), ("b", 3.0)]).points
    assert (second.y < first.y, line_chart([("a", 37.0)]).top) == (True, 50.0)
