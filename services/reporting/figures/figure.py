"""What a figure is: a named, versioned way from facts to values, as of a day and as known at a day."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from contracts.base import JsonObject
from services.reporting.figures.cells import Breakdown
from services.reporting.figures.score import Score
from services.reporting.telling.fact import Kind

FigureValue = int | float | None | Breakdown
Aggregate = Callable[[list[JsonObject]], Awaitable[list[JsonObject]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is asked of: one programme, all that happened up to and including the day `on`.

    `known_before` leaves out what was recorded at or after that instant. `min_cell` is the smallest group of people
    that may be shown, `training_hours` what makes somebody trained; both come from the programme's rules.
    """

    programme: str
    on: date
    zone: str
    min_cell: int
    training_hours: float = 0
    known_before: datetime | None = None

    @property
    def before(self) -> datetime:
        """The instant at which the day `on` is over."""
        return day_after(self.on, self.zone)

    def day_of(self, instant: datetime) -> date:
        """The day it was in the programme's zone."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def matching(self, kinds: Sequence[Kind]) -> JsonObject:
        """The stage that picks the facts; the index on programme, kind and happened_at serves it."""
        picked: JsonObject = {
            "programme": self.programme,
            "kind": {"$in": list(kinds)},
            "happened_at": {"$lt": self.before},
        }
        if self.known_before is not None:
            picked["recorded_at"] = {"$lt": self.known_before}
        return {"$match": picked}


def day_after(day: date, zone: str) -> datetime:
    """The instant at which the day is over in the zone."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))


class Rows(Protocol):
    async def __call__(self, kinds: Sequence[Kind], *stages: JsonObject) -> list[JsonObject]:
        """The facts of these kinds that were asked for, sent through the stages of an aggregation."""


def rows_of(aggregate: Aggregate, asked: Asked) -> Rows:
    """`aggregate` runs a pipeline over the facts of one tenant."""

    async def rows(kinds: Sequence[Kind], *stages: JsonObject) -> list[JsonObject]:
        return await aggregate([asked.matching(kinds), *stages])

    return rows


class Told(Protocol):
    async def __call__(self, persons: Collection[str]) -> int:
        """How many of these persons told of lived experience so that figures may count it (S2.13)."""


class Scores(Protocol):
    async def __call__(self, instrument: str) -> Sequence[Score]:
        """What the programme's people scored by that instrument and have not taken back (S2.5)."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure gets what it counts: the facts, and what is sealed and may only be counted."""

    rows: Rows
    told: Told
    scores: Scores


@dataclass(frozen=True, slots=True)
class Figure:
    """`version` goes up with every change of what a value means; the words are in `<name>.yaml`."""

    name: str
    version: int
    compute: Callable[[Source, Asked], Awaitable[Mapping[str, FigureValue]]]
