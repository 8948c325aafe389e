"""Where people who want to help heard of it (S2.10). Words: recruitment.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source

UNKNOWN = "unknown"

_APPLIED = {"$eq": ["$kind", "volunteer-applied"]}
_APPROVED = {"$eq": ["$kind", "volunteer-approved"]}
# The first application tells the source: documents are compared field by field, the position first.
_BY_SOURCE: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": "$subject",
            "first": {"$min": {"$cond": [_APPLIED, {"position": "$position", "source": "$source"}, "$$REMOVE"]}},
            "applied": {"$max": _APPLIED},
            "approved": {"$max": _APPROVED},
        }
    },
    {
        "$group": {
            "_id": {"$ifNull": ["$first.source", UNKNOWN]},
            "applied": {"$sum": {"$cond": ["$applied", 1, 0]}},
            "approved": {"$sum": {"$cond": ["$approved", 1, 0]}},
        }
    },
)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    applied: Counter[str] = Counter()
    approved: Counter[str] = Counter()
    for row in await source.rows(("volunteer-applied", "volunteer-approved"), *_BY_SOURCE):
        applied[row["_id"]] += row["applied"]
        approved[row["_id"]] += row["approved"]
    return {
        "applied_by_source": breakdown(applied, asked.min_cell),
        "approved_by_source": breakdown(approved, asked.min_cell),
    }


figure = Figure("recruitment", 1, compute)
