"""What was told along the way, and whether the figures say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside what was told of it."""

    figure: str
    told: float
    shown: float | None

    @property
    def is_the_same(self) -> bool:
        return self.told == self.shown


@dataclass(slots=True)
class Told:
    """`counts` are kept by the name of the figure that should say the same: `matches.made`."""

    counts: Counter[str] = field(default_factory=Counter)
    hours: float = 0
    days_waited: list[int] = field(default_factory=list)

    def add(self, figure: str, count: int = 1) -> None:
        self.counts[figure] += count

    def expected(self) -> dict[str, float]:
        """What each figure should say."""
        told: dict[str, float] = dict(self.counts)
        told["volunteers.training_hours"] = self.hours
        told["matches.days_waited_median"] = median(self.days_waited)
        return told

    def beside(self, figures: Mapping[str, Json]) -> list[Line]:
        """Every line of the table, in the order in which things were first told."""
        shown = {name: value for figure, values in figures.items() for name, value in _flat(figure, values).items()}
        return [Line(figure, told, shown.get(figure)) for figure, told in self.expected().items()]


def figures_of(told: Told) -> list[str]:
    """The names of the figures that are asked."""
    return list(dict.fromkeys(name.partition(".")[0] for name in told.expected()))


def _flat(figure: str, values: Json) -> dict[str, float | None]:
    """`recruitment.applied_by_source.friend` for a group of a breakdown."""
    found: dict[str, float | None] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= {f"{figure}.{name}.{cell['group']}": cell["count"] for cell in value["cells"]}
        else:
            found[f"{figure}.{name}"] = value
    return found
