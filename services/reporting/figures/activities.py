"""What is done together: gatherings held, heads, and what people thought (S1.22, S1.23). Words: activities.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source

_COUNT: tuple[JsonObject, ...] = ({"$group": {"_id": None, "count": {"$sum": 1}, "heads": {"$sum": "$number"}}},)
_ANSWERS: tuple[JsonObject, ...] = ({"$group": {"_id": {"well": "$well", "again": "$again"}, "count": {"$sum": 1}}},)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    rows = source.rows
    held = await rows(("session-held",), *_COUNT)
    good: Counter[str] = Counter()
    again: Counter[str] = Counter()
    for row in await rows(("feedback",), *_ANSWERS):
        good["good" if row["_id"]["well"] else "not-good"] += row["count"]
        again["again" if row["_id"]["again"] else "not-again"] += row["count"]
    return {
        "published": sum(row["count"] for row in await rows(("activity-published",), *_COUNT)),
        "held": sum(row["count"] for row in held),
        "heads": sum(row["heads"] for row in held),
        "called_off": sum(row["count"] for row in await rows(("session-closed",), *_COUNT)),
        "answers": good.total(),
        "answers_by_good": breakdown(good, asked.min_cell),
        "answers_by_again": breakdown(again, asked.min_cell),
    }


figure = Figure("activities", 1, compute)
