"""Wishes by the kind of help: those that were met, and those that are not (S1.18, S2.31). Words: categories.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source
from services.reporting.telling.fact import Kind

NO_CATEGORY = "none"

_LIFE: tuple[Kind, ...] = (
    "request-posted",
    "request-parked",
    "request-resumed",
    "request-withdrawn",
    "request-met",
)
# What happened last to each request; a fact about a request nobody posted tells nothing.
_STANDS: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": "$about",
            "last": {"$top": {"output": "$kind", "sortBy": {"position": -1}}},
            "category": {"$max": "$category"},
            "needed_since": {"$max": "$needed_since"},
        }
    },
    {"$match": {"needed_since": {"$ne": None}}},
    {
        "$group": {
            "_id": {"category": "$category", "is_met": {"$eq": ["$last", "request-met"]}},
            "count": {"$sum": 1},
        }
    },
)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    """Met and unmet never stand beside their sum in a category: a hidden one could be worked out from the others."""
    met: Counter[str] = Counter()
    unmet: Counter[str] = Counter()
    for row in await source.rows(_LIFE, *_STANDS):
        side = met if row["_id"]["is_met"] else unmet
        side[row["_id"].get("category") or NO_CATEGORY] += row["count"]
    return {
        "posted": met.total() + unmet.total(),
        "met": met.total(),
        "met_by_category": breakdown(met, asked.min_cell),
        "unmet": unmet.total(),
        "unmet_by_category": breakdown(unmet, asked.min_cell),
    }


figure = Figure("categories", 1, compute)
