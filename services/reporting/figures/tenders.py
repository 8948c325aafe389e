"""Tasks that were put to the members, and how soon somebody came forward (S1.13). Words: tenders.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source
from services.reporting.figures.spread import bands, median

LIMITS = (1, 3, 7)

_FIRST: tuple[JsonObject, ...] = ({"$group": {"_id": "$about", "at": {"$min": "$happened_at"}}},)
_COUNT: tuple[JsonObject, ...] = ({"$group": {"_id": None, "count": {"$sum": 1}}},)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    rows = source.rows
    opened = {row["_id"]: row["at"] for row in await rows(("tender-opened",), *_FIRST)}
    offered = {row["_id"]: row["at"] for row in await rows(("help-offered",), *_FIRST)}
    days: Counter[int] = Counter()
    for tender_id in opened.keys() & offered.keys():
        elapsed = asked.day_of(offered[tender_id]) - asked.day_of(opened[tender_id])
        days[max(elapsed.days, 0)] += 1
    lapsed = {row["_id"] for row in await rows(("tender-lapsed",), *_FIRST)}
    completed = sum(row["count"] for row in await rows(("task-completed",), *_COUNT))
    return {
        "opened": len(opened),
        "answered": days.total(),
        # One also lapses when nobody is left of those who came forward; it was answered all the same.
        "lapsed": len((opened.keys() & lapsed) - offered.keys()),
        "completed": completed,
        "days_to_first_answer_median": median(days, asked.min_cell),
        "answered_by_days": breakdown(bands(days, LIMITS), asked.min_cell),
    }


figure = Figure("tenders", 1, compute)
