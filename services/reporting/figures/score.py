"""What one person scored by an instrument, once."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from contracts.intake import Moment


@dataclass(frozen=True, slots=True)
class Score:
    """`points` go from 0, the least there is on the scale of that version, to 100, the most."""

    person_id: str
    version: str
    moment: Moment
    answered_on: date
    points: Fraction


def points_of(items: tuple[int, ...], *, least: int, most: int) -> Fraction:
    """Exact, so that no order of adding matters."""
    return Fraction(100 * sum(item - least for item in items), len(items) * (most - least))
