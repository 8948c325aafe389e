"""Charts as SVG that stands in a page: drawn from numbers, readable in the dark, in print and aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_BAR, _GAP, _LABELS, _WIDTH, _NUMBERS = 22, 10, 190, 640, 60
_CHARACTERS = 26
_LEFT, _TOP, _HEIGHT = 46, 14, 220


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `y`, `width`, `height` in the chart's units; `count` None: not shown, and drawn as an empty bar."""

    label: str
    count: int | None
    y: int
    width: float

    @property
    def short(self) -> str:
        """The label as it fits beside the bar; the table has the whole."""
        return self.label if len(self.label) <= _CHARACTERS else f"{self.label[: _CHARACTERS - 1]}…"


@dataclass(frozen=True, slots=True)
class BarChart:
    bars: Sequence[Bar]

    x, bar_height, width = _LABELS, _BAR, _WIDTH

    @property
    def height(self) -> int:
        return len(self.bars) * (_BAR + _GAP) + _GAP


@dataclass(frozen=True, slots=True)
class Point:
    """`value` None: not known or not shown; the line is broken there."""

    label: str
    value: float | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """`lines` are the unbroken parts, as SVG reads points; `top` is the value at the upper edge."""

    points: Sequence[Point]
    lines: Sequence[str]
    top: float

    left, upper, width, height = _LEFT, _TOP, _WIDTH, _HEIGHT

    @property
    def base(self) -> int:
        return _TOP + _HEIGHT


def bar_chart(counts: Sequence[tuple[str, int | None]]) -> BarChart:
    """Bars as long as their counts, the longest as long as there is room."""
    most = max((count for _, count in counts if count is not None), default=0)
    room = _WIDTH - _LABELS - _NUMBERS
    bars = [
        Bar(label, count, _GAP + row * (_BAR + _GAP), room * (count or 0) / most if most else 0.0)
        for row, (label, count) in enumerate(counts)
    ]
    return BarChart(bars)


def line_chart(values: Sequence[tuple[str, float | None]]) -> LineChart:
    """From left to right, from nought to a round number that is not passed."""
    top = _round_up(max((value for _, value in values if value is not None), default=0))
    step = (_WIDTH - _LEFT - 20) / max(len(values) - 1, 1)
    points = [
        Point(label, value, round(_LEFT + place * step, 1), round(_TOP + _HEIGHT * (1 - (value or 0) / top), 1))
        for place, (label, value) in enumerate(values)
    ]
    return LineChart(points, _unbroken(points), top)


def _unbroken(points: Sequence[Point]) -> list[str]:
    lines: list[list[str]] = [[]]
    for point in points:
        if point.value is None:
            lines.append([])
        else:
            lines[-1].append(f"{point.x},{point.y}")
    return [" ".join(line) for line in lines if line]


def _round_up(most: float) -> float:
    """1, 2 or 5 times a power of ten, or 10."""
    size = 1.0
    while size * 10 < most:
        size *= 10
    return next(size * step for step in (1, 2, 5, 10) if size * step >= most)
