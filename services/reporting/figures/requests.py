"""Wishes for help: how many came, and what became of each (S2.31). Words: requests.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source
from services.reporting.figures.spread import bands, median
from services.reporting.telling.fact import Kind

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
            "needed_since": {"$max": "$needed_since"},
        }
    },
    {"$match": {"needed_since": {"$ne": None}}},
    {"$group": {"_id": {"last": "$last", "needed_since": "$needed_since"}, "count": {"$sum": 1}}},
)
_DECLINED: tuple[JsonObject, ...] = (
    {"$group": {"_id": "$about", "rule": {"$top": {"output": "$rule", "sortBy": {"position": -1}}}}},
    {"$group": {"_id": "$rule", "count": {"$sum": 1}}},
)
_LIMITS = (30, 90, 180)
_WAITING = ("request-posted", "request-resumed")


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    stands: Counter[str] = Counter()
    waiting_days: Counter[int] = Counter()
    for row in await source.rows(_LIFE, *_STANDS):
        stands[row["_id"]["last"]] += row["count"]
        if row["_id"]["last"] in _WAITING:
            waiting_days[max((asked.on - row["_id"]["needed_since"].date()).days, 0)] += row["count"]
    declined = {row["_id"]: row["count"] for row in await source.rows(("request-declined",), *_DECLINED)}
    unmet = waiting_days.total() + stands["request-parked"] + stands["request-withdrawn"] + sum(declined.values())
    return {
        "posted": stands.total(),
        "met": stands["request-met"],
        "waiting": waiting_days.total(),
        "waiting_days_median": median(waiting_days, asked.min_cell),
        "waiting_by_days": breakdown(bands(waiting_days, _LIMITS), asked.min_cell),
        "parked": stands["request-parked"],
        "withdrawn": stands["request-withdrawn"],
        "declined": sum(declined.values()),
        "declined_by_rule": breakdown(declined, asked.min_cell),
        "unmet": unmet,
    }


figure = Figure("requests", 1, compute)
