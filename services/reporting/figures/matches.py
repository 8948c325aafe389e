"""Pairings, how long people waited for them and how they went (S2.1, S2.4, S2.30, S2.31). Words: matches.yaml."""

from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source
from services.reporting.figures.quality import quality
from services.reporting.figures.spread import bands, median

LIMITS = (30, 90, 180)

_COUNT: JsonObject = {"$group": {"_id": None, "count": {"$sum": 1}}}
_NUMBER: JsonObject = {"$group": {"_id": None, "number": {"$max": "$number"}}}
_WAITED: JsonObject = {"$group": {"_id": "$days_waited", "count": {"$sum": 1}}}


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    """Never the number alone: how it went is part of the same answer (S2.30)."""
    rows = source.rows
    waited = {row["_id"]: row["count"] for row in await rows(("match-made",), _WAITED)}
    ended = sum(row["count"] for row in await rows(("match-ended",), _COUNT))
    number = max((row["number"] for row in await rows(("match-counted",), _NUMBER)), default=0)
    made = sum(waited.values())
    return {
        "made": made,
        "ended": ended,
        "running": made - ended,
        "latest_number": number,
        "days_waited_median": median(waited, asked.min_cell),
        "made_by_days_waited": breakdown(bands(waited, LIMITS), asked.min_cell),
        **await quality(rows, asked),
    }


figure = Figure("matches", 1, compute)
