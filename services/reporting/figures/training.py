"""Hours of training and of guidance, attended and not booked (S2.21, S2.22). Words: training.yaml."""

from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.figure import Asked, Figure, FigureValue, Rows, Source
from services.reporting.telling.fact import Kind

# A later entry for the same person and session replaces the one before it; nobody attended a session of no hours.
_HOURS: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": {"subject": "$subject", "session": "$about"},
            "hours": {"$top": {"output": "$hours", "sortBy": {"position": -1}}},
        }
    },
    {"$match": {"hours": {"$gt": 0}}},
    {"$project": {"_id": 0, "subject": "$_id.subject", "session": "$_id.session", "hours": 1}},
)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    return {
        **await _attended(source.rows, "training-attended", "training"),
        **await _attended(source.rows, "guidance-given", "guidance"),
    }


async def _attended(rows: Rows, kind: Kind, name: str) -> Mapping[str, FigureValue]:
    found = await rows((kind,), *_HOURS)
    return {
        f"{name}_sessions": len({row["session"] for row in found}),
        f"{name}_persons": len({row["subject"] for row in found}),
        f"{name}_hours": float(sum(row["hours"] for row in found)),
    }


figure = Figure("training", 1, compute)
