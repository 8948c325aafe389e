"""People who have somebody, one to one, and the volunteers who are there for them (S4.24). Words: support.yaml."""

from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source
from services.reporting.figures.standing import active_volunteers

_MATCHES: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": "$about",
            "subject": {"$max": "$subject"},
            "helper": {"$max": "$helper"},
            "ended": {"$max": {"$eq": ["$kind", "match-ended"]}},
        }
    },
    {"$match": {"subject": {"$ne": None}}},
)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    """A person counts once, however many matches (S4.24)."""
    matches = await source.rows(("match-made", "match-ended"), *_MATCHES)
    running = [match for match in matches if not match["ended"]]
    return {
        "one_to_one": _persons(matches, "subject"),
        "one_to_one_now": _persons(running, "subject"),
        "volunteers_active": len(await active_volunteers(source.rows, asked)),
        "volunteers_matched": _persons(matches, "helper"),
        "volunteers_matched_now": _persons(running, "helper"),
    }


def _persons(matches: list[JsonObject], side: str) -> int:
    return len({match[side] for match in matches})


figure = Figure("support", 1, compute)
