"""Pairings, and how long people waited for them (S2.1, S2.4, S2.31). Words: matches.yaml."""

from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Rows
from services.reporting.figures.spread import bands, median

LIMITS = (30, 90, 180)

_COUNT: JsonObject = {"$group": {"_id": None, "count": {"$sum": 1}}}
_NUMBER: JsonObject = {"$group": {"_id": None, "number": {"$max": "$number"}}}
_WAITED: JsonObject = {"$group": {"_id": "$days_waited", "count": {"$sum": 1}}}


async def compute(rows: Rows, asked: Asked) -> Mapping[str, FigureValue]:
    waited = {row["_id"]: row["count"] for row in await rows(("match-made",), _WAITED)}
    ended = sum(row["count"] for row in await rows(("match-ended",), _COUNT))
    number = max((row["number"] for row in await rows(("match-counted",), _NUMBER)), default=0)
    made = sum(waited.values())
    return {
        "made": made,
        "ended": ended,
        "running": made - ended,
        "latest_number": number,
        "days_waited_median": median(waited),
        "made_by_days_waited": breakdown(bands(waited, LIMITS), asked.min_cell),
    }


figure = Figure("matches", 1, compute)
