"""How lonely people say they are, at the start and later (S0.4, S2.5). Words: loneliness.yaml."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from statistics import median

from services.reporting.figures.figure import Asked, Figure, FigureValue, Source
from services.reporting.figures.score import Score


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    scores = await source.scores("loneliness")
    changes = _changes(scores, asked.min_cell)
    return {
        "answered_start": _people(scores, "start", asked.min_cell),
        "answered_later": _people(scores, "later", asked.min_cell),
        "compared": len(changes) or None,
        "change_mean": round(float(sum(changes) / len(changes)), 1) if changes else None,
        "change_median": round(float(median(changes)), 1) if changes else None,
    }


def _people(scores: Iterable[Score], moment: str, min_cell: int) -> int | None:
    count = len({score.person_id for score in scores if score.moment == moment})
    return count if count >= min_cell else None


def _changes(scores: Iterable[Score], min_cell: int) -> list[Fraction]:
    """From each person's first start to their last later by the same questions, in the order of the days.

    Who does not fill a group of `min_cell` waits for others: a mean of one more person, less the mean before, would
    tell what that person answered.
    """
    start: dict[str, Score] = {}
    later: dict[str, Score] = {}
    for score in sorted(scores, key=lambda one: (one.answered_on, one.moment == "later")):
        if score.moment == "start":
            start.setdefault(score.person_id, score)
        elif score.person_id in start and score.version == start[score.person_id].version:
            later[score.person_id] = score
    found = sorted((*_change(start[person_id], last), person_id) for person_id, last in later.items())
    return [points for _, points, _ in found[: len(found) - len(found) % min_cell]]


def _change(start: Score, later: Score) -> tuple[date, Fraction]:
    return later.answered_on, later.points - start.points


figure = Figure("loneliness", 1, compute)
