"""Who wants to help: applied, trained, approved (S2.22, S4.18, S4.23). Words: volunteers.yaml."""

from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source

_PERSONS: tuple[JsonObject, ...] = (
    {"$group": {"_id": {"kind": "$kind", "subject": "$subject"}}},
    {"$group": {"_id": "$_id.kind", "count": {"$sum": 1}}},
)
# A later entry for the same session replaces the one before it.
_HOURS: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": {"subject": "$subject", "session": "$about"},
            "hours": {"$top": {"output": "$hours", "sortBy": {"position": -1}}},
        }
    },
    {"$group": {"_id": "$_id.subject", "hours": {"$sum": "$hours"}}},
)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    persons = {
        row["_id"]: row["count"] for row in await source.rows(("volunteer-applied", "volunteer-approved"), *_PERSONS)
    }
    hours = [row["hours"] for row in await source.rows(("training-attended",), *_HOURS)]
    return {
        "applied": persons.get("volunteer-applied", 0),
        "trained": sum(attended > 0 and attended >= asked.training_hours for attended in hours),
        "approved": persons.get("volunteer-approved", 0),
        "training_hours": float(sum(hours)),
    }


figure = Figure("volunteers", 1, compute)
