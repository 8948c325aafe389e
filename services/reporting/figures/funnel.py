"""The way of volunteers: recruited, trained, approved, matched (S4.18, S4.23). Words: funnel.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from contracts.base import JsonObject
from services.reporting.figures.cells import part_of
from services.reporting.figures.figure import Asked, Figure, FigureValue, Rows, Source
from services.reporting.figures.spread import days_between

Reached = Mapping[str, date]

_FIRST: tuple[JsonObject, ...] = ({"$group": {"_id": "$subject", "at": {"$min": "$happened_at"}}},)
_FIRST_MATCH: tuple[JsonObject, ...] = ({"$group": {"_id": "$helper", "at": {"$min": "$happened_at"}}},)
# A later entry for the same session replaces the one before it. In the order in which they were attended.
_SESSIONS: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": {"subject": "$subject", "session": "$about"},
            "last": {"$top": {"output": {"hours": "$hours", "at": "$happened_at"}, "sortBy": {"position": -1}}},
        }
    },
    {"$sort": {"_id.subject": 1, "last.at": 1}},
)


@dataclass(frozen=True, slots=True)
class Way:
    """The day on which each person reached each step."""

    recruited: Reached
    trained: Reached
    approved: Reached
    matched: Reached


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    way = await _way(source.rows, asked)
    volunteers = way.approved.keys() & way.trained.keys() if asked.training_hours else way.approved.keys()
    told = part_of(await source.told(volunteers), len(volunteers), asked.min_cell)
    matched = volunteers & way.matched.keys()
    of_trained = len(way.trained) if asked.training_hours else 0
    return {
        "recruited": len(way.recruited),
        "trained": len(way.trained),
        "volunteers": len(volunteers),
        "volunteers_percent": _percent(len(volunteers), of_trained),
        "lived_experience": told,
        "lived_experience_percent": None if told is None else _percent(told, len(volunteers)),
        "matched": len(matched),
        "matched_percent": _percent(len(matched), len(volunteers)),
        "days_recruited_to_trained_median": days_between(way.recruited, way.trained, asked.min_cell),
        "days_trained_to_approved_median": days_between(way.trained, way.approved, asked.min_cell),
        "days_approved_to_matched_median": days_between(way.approved, way.matched, asked.min_cell),
    }


async def _way(rows: Rows, asked: Asked) -> Way:
    sessions = await rows(("training-attended",), *_SESSIONS)
    by_person = groupby(sessions, key=lambda row: row["_id"]["subject"])
    trained = {person: _trained_on(mine, asked) for person, mine in by_person}
    return Way(
        recruited=_reached(await rows(("volunteer-applied",), *_FIRST), asked),
        trained={person: day for person, day in trained.items() if day is not None},
        approved=_reached(await rows(("volunteer-approved",), *_FIRST), asked),
        matched=_reached(await rows(("match-made",), *_FIRST_MATCH), asked),
    )


def _reached(found: Iterable[JsonObject], asked: Asked) -> Reached:
    return {row["_id"]: asked.day_of(row["at"]) for row in found}


def _trained_on(sessions: Iterable[JsonObject], asked: Asked) -> date | None:
    """When the hours were full; where no hours are needed, when the person first took part."""
    hours = 0.0
    for session in sessions:
        hours += session["last"]["hours"]
        if hours > 0 and hours >= asked.training_hours:
            return asked.day_of(session["last"]["at"])
    return None


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


figure = Figure("funnel", 1, compute)
