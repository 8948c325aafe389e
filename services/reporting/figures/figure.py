"""What a figure is: a named, versioned way from facts to values, as of a day and as known at a day."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from contracts.base import JsonObject
from services.reporting.figures.cells import Breakdown
from services.reporting.projections.facts import Kind

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

    def matching(self, kinds: Sequence[Kind]) -> JsonObject:
        """The stage that picks the facts; the index on programme, kind and happened_at serves it."""
        picked: JsonObject = {
            "programme": self.programme,
            "kind": {"$in": list(kinds)},
            "happened_at": {"$lt": day_after(self.on, self.zone)},
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


@dataclass(frozen=True, slots=True)
class Figure:
    """`version` goes up with every change of what a value means; the words are in `<name>.yaml`."""

    name: str
    version: int
    compute: Callable[[Rows, Asked], Awaitable[Mapping[str, FigureValue]]]
