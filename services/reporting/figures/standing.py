"""Which volunteers are approved on a day, and neither suspended nor gone."""

from datetime import datetime

from contracts.base import JsonObject
from services.reporting.figures.figure import Asked, Rows
from services.reporting.telling.fact import Kind

_APPROVAL: tuple[Kind, ...] = ("volunteer-approved", "approval-lapsed", "volunteer-left")
_SUSPENSION: tuple[Kind, ...] = ("volunteer-suspended", "volunteer-reinstated", "volunteer-left")
_LAST: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": "$subject",
            "last": {"$top": {"output": {"kind": "$kind", "until": "$until"}, "sortBy": {"position": -1}}},
        }
    },
)


async def active_volunteers(rows: Rows, asked: Asked) -> set[str]:
    """The last day of an approval counts. Who left is gone, also when suspended before."""
    approved = {row["_id"]: row["last"] for row in await rows(_APPROVAL, *_LAST)}
    suspension = {row["_id"]: row["last"]["kind"] for row in await rows(_SUSPENSION, *_LAST)}
    return {
        person
        for person, last in approved.items()
        if last["kind"] == "volunteer-approved"
        and _holds(last.get("until"), asked)
        and suspension.get(person) != "volunteer-suspended"
    }


def _holds(until: datetime | None, asked: Asked) -> bool:
    return until is None or asked.day_of(until) >= asked.on
