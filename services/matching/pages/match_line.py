"""A match's year on a line: where on it each thing stands that happened or will."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from chassis.web.forms import ZONE

Kind = Literal["start", "check-in", "unwell", "review", "now", "review-next", "last-day", "ended"]

WIDTH = 1000
"""The line goes from 0 to this."""

_WITHOUT_END = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a day; `x` is its place on the line."""

    kind: Kind
    day: date
    x: int


@dataclass(frozen=True, slots=True)
class Rest:
    """A time in which the two rested from it. `until` is None while it goes on."""

    since: date
    until: date | None
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Line:
    """`marks` by day; `walked` is how far it has come, 0 to WIDTH."""

    marks: tuple[Mark, ...]
    rests: tuple[Rest, ...]
    walked: int


def line_of(match: Mapping[str, Any], today: date) -> Line:
    """From the match as the operation shows it."""
    begins = date.fromisoformat(match["starts_on"])
    last = date.fromisoformat(match["ends_on"]) if match["ends_on"] else max(begins + _WITHOUT_END, today)
    ended = date.fromisoformat(match["ended"]["ended_on"]) if match["ended"] else None

    def place(day: date) -> int:
        whole = max((last - begins).days, 1)
        return round(WIDTH * min(max((day - begins).days, 0), whole) / whole)

    marks = [Mark(kind, day, place(day)) for kind, day in _happened(match, ended, begins=begins, today=today)]
    rests = []
    for rest in match["rests"]:
        since = _day(rest["began_at"])
        until = _day(rest["ended_at"]) if rest["ended_at"] else None
        end = place(until or ended or today)
        rests.append(Rest(since, until, place(since), max(end - place(since), 4)))
    return Line(tuple(sorted(marks, key=lambda mark: (mark.day, mark.x))), tuple(rests), place(ended or today))


def _happened(
    match: Mapping[str, Any], ended: date | None, *, begins: date, today: date
) -> Iterable[tuple[Kind, date]]:
    yield "start", begins
    for one in match["check_ins"]:
        yield "check-in" if one["well"] else "unwell", date.fromisoformat(one["happened_on"])
    for one in match["reviews"]:
        yield "review", date.fromisoformat(one["reviewed_on"])
    if ended is not None:
        yield "ended", ended
        return
    yield "now", today
    if match["review_at"]:
        yield "review-next", _day(match["review_at"])
    if match["ends_on"]:
        yield "last-day", date.fromisoformat(match["ends_on"])


def _day(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(ZONE).date()
