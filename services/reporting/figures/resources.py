"""What people stand ready to give, and what of it nobody ever asked for (S1.10). Words: resources.yaml."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source

_STANDING: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": "$about",
            "last": {"$top": {"output": "$kind", "sortBy": {"position": -1}}},
            "helper": {"$max": "$helper"},
            "category": {"$max": "$category"},
            "at": {"$max": "$happened_at"},
        }
    },
    {"$match": {"last": "offer-made"}},
)
_CATEGORIES: tuple[JsonObject, ...] = ({"$group": {"_id": "$about", "category": {"$max": "$category"}}},)
_ASKED: tuple[JsonObject, ...] = (
    {"$group": {"_id": {"about": "$about", "helper": "$helper"}, "at": {"$max": "$happened_at"}}},
)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    """Asked for: somebody proposed or chose that person for a wish of that kind, since they stand ready for it."""
    standing = await source.rows(("offer-made", "offer-taken-back"), *_STANDING)
    category = {row["_id"]: row.get("category") for row in await source.rows(("request-posted",), *_CATEGORIES)}
    last_asked: dict[tuple[str, str | None], datetime] = {}
    for row in await source.rows(("helper-proposed",), *_ASKED):
        key = row["_id"]["helper"], category.get(row["_id"]["about"])
        last_asked[key] = max(row["at"], last_asked.get(key, row["at"]))
    unused = [row for row in standing if not _is_asked_for(row, last_asked)]
    never = Counter(row["category"] for row in unused)
    return {
        "standing": len(standing),
        "asked_for": len(standing) - len(unused),
        "never_asked_for": len(unused),
        "never_asked_for_by_category": breakdown(never, asked.min_cell),
    }


def _is_asked_for(offer: JsonObject, last_asked: Mapping[tuple[str, str | None], datetime]) -> bool:
    at = last_asked.get((offer["helper"], offer["category"]))
    return at is not None and bool(at >= offer["at"])


figure = Figure("resources", 1, compute)
