"""Random histories of a programme, and the same figures counted by hand: slowly, in plain Python, from the events."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    builds,
    composite,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
)

from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId
from contracts.intake import (
    RequestDeclined,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestWithdrawn,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
)
from contracts.matching import MatchCounted, MatchEnded, MatchMade

ZONE = ZoneInfo("Europe/Oslo")
# Late evenings around midnight in Oslo, on both sides of a night on which the clocks change.
START = datetime(2020, 3, 26, 21, 30, tzinfo=UTC)
SOURCES = ("friend", "web", None)


@dataclass(frozen=True, slots=True)
class Question:
    on: date
    known_at: date | None
    min_cell: int
    training_hours: float


@composite
def _instants(draw: DrawFn) -> datetime:
    return START + timedelta(days=draw(integers(0, 5)), minutes=30 * draw(integers(0, 6)))


_DAYS = builds(lambda instant: instant.astimezone(ZONE).date(), _instants())

questions: SearchStrategy[Question] = builds(
    Question,
    on=_DAYS,
    known_at=one_of(none(), _DAYS),
    min_cell=sampled_from((1, 2, 3)),
    training_hours=sampled_from((0.0, 4.0)),
)


def _made(event: type[Event], **fields: Any) -> Event:
    """Only what figures look at; the rest of the event is left out."""
    return event.model_construct(programme="oslo", **fields)


@composite
def _request(draw: DrawFn, request_id: str) -> list[Event]:
    common = {"request_id": request_id}
    if draw(integers(0, 3)) == 0:
        rule = draw(sampled_from(("not_concrete", "acute_over", "min_age")))
        return [_made(RequestDeclined, person_id="p", rule=rule, declined_at=draw(_instants()), **common)]
    events = [_made(RequestPosted, person_id="p", posted_at=draw(_instants()), needed_since=draw(_DAYS), **common)]
    for _ in range(draw(integers(0, 3))):
        at = draw(_instants())
        events.append(
            draw(
                sampled_from(
                    (
                        _made(RequestParked, parked_at=at, **common),
                        _made(RequestResumed, resumed_at=at, **common),
                        _made(RequestWithdrawn, withdrawn_at=at, **common),
                        _made(RequestMet, met_at=at, how="by-match", **common),
                    )
                )
            )
        )
    return events


@composite
def _volunteering(draw: DrawFn, person_id: str) -> list[Event]:
    person = {"person_id": person_id}
    applied = builds(
        lambda at, source: _made(VolunteerApplied, applied_at=at, recruitment_source=source, **person),
        _instants(),
        sampled_from(SOURCES),
    )
    attended = builds(
        lambda day, session, hours: _made(TrainingAttended, attended_on=day, session=session, hours=hours, **person),
        _DAYS,
        sampled_from(("evening", "weekend")),
        sampled_from((0.0, 2.0)),
    )
    approved = builds(lambda at: _made(VolunteerApproved, approved_at=at, **person), _instants())
    return draw(lists(one_of(applied, attended, approved), min_size=1, max_size=5))


@composite
def _match(draw: DrawFn, match_id: str) -> list[Event]:
    starts_on, waited = draw(_DAYS), draw(integers(0, 200))
    made = _made(
        MatchMade,
        match_id=match_id,
        requester_id="p",
        starts_on=starts_on,
        needed_since=starts_on - timedelta(days=waited),
    )
    ended = just(_made(MatchEnded, match_id=match_id, ended_on=draw(_DAYS)))
    return [made, *draw(lists(ended, max_size=1))]


@composite
def histories(draw: DrawFn) -> list[RecordedEvent]:
    """Requests, volunteerings, matches and the tally of a programme; recorded when it happened or days after."""
    many = integers(0, 5)
    streams = [("request", f"r{number}", draw(_request(f"r{number}"))) for number in range(draw(many))]
    streams += [("volunteering", f"v{number}", draw(_volunteering(f"v{number}"))) for number in range(draw(many))]
    matches = draw(many)
    streams += [("match", f"m{number}", draw(_match(f"m{number}"))) for number in range(matches)]
    counted = [_made(MatchCounted, match_id=f"m{number}", number=number + 1) for number in range(matches)]
    streams.append(("tally", "oslo", counted))
    recorded: list[RecordedEvent] = []
    for category, name, events in streams:
        for position, event in enumerate(events, 1):
            at = draw(_instants())
            origin = Origin(at, at + timedelta(hours=12 * draw(integers(0, 4))), "c", "tests")
            recorded.append(RecordedEvent(StreamId("t", category, name), position, event, origin))
    return recorded


# by hand --------------------------------------------------------------------------------------------------------------


def counted_by_hand(history: Iterable[RecordedEvent], asked: Question) -> dict[str, dict[str, Any]]:
    """Every plain value of every figure, and the breakdowns before small groups are hidden."""
    seen = [one for one in history if _day_of(one) <= asked.on and _is_known(one, asked)]
    return {
        "requests": _requests(seen, asked),
        "volunteers": _volunteers(seen, asked),
        "recruitment": _recruitment(seen),
        "matches": _matches(seen),
    }


def _is_known(one: RecordedEvent, asked: Question) -> bool:
    return asked.known_at is None or one.origin.recorded_at.astimezone(ZONE).date() <= asked.known_at


def _day_of(one: RecordedEvent) -> date:
    """The day it happened in Oslo."""
    fields = ("posted_at", "declined_at", "parked_at", "resumed_at", "withdrawn_at", "met_at", "applied_at")
    for name in (*fields, "approved_at", "attended_on", "starts_on", "ended_on"):
        when = getattr(one.event, name, None)
        if when is not None:
            return when.astimezone(ZONE).date() if isinstance(when, datetime) else when
    return one.origin.occurred_at.astimezone(ZONE).date()


def _streams(seen: list[RecordedEvent], category: str) -> Iterator[list[Any]]:
    """The events of each stream of a category, in their order."""
    names = {one.stream.id for one in seen if one.stream.category == category}
    for name in sorted(names):
        mine = [one for one in seen if one.stream.category == category and one.stream.id == name]
        yield [one.event for one in sorted(mine, key=lambda one: one.position)]


def _requests(seen: list[RecordedEvent], asked: Question) -> dict[str, Any]:
    values: dict[str, Any] = {"posted": 0, "met": 0, "waiting": 0, "parked": 0, "withdrawn": 0}
    rules: Counter[str] = Counter()
    days: list[int] = []
    for events in _streams(seen, "request"):
        if isinstance(events[0], RequestDeclined):
            rules[events[0].rule] += 1
        if not isinstance(events[0], RequestPosted):
            continue
        values["posted"] += 1
        match events[-1]:
            case RequestMet():
                values["met"] += 1
            case RequestParked():
                values["parked"] += 1
            case RequestWithdrawn():
                values["withdrawn"] += 1
            case _:
                values["waiting"] += 1
                days.append(max((asked.on - events[0].needed_since).days, 0))
    middle = median(days) if days else None
    return {**values, "waiting_days_median": middle, "declined": rules.total(), "declined_by_rule": rules}


def _volunteers(seen: list[RecordedEvent], asked: Question) -> dict[str, Any]:
    values: dict[str, Any] = {"applied": 0, "trained": 0, "approved": 0, "training_hours": 0.0}
    for events in _streams(seen, "volunteering"):
        sessions = {event.session: event.hours for event in events if isinstance(event, TrainingAttended)}
        hours = sum(sessions.values())
        values["training_hours"] += hours
        values["trained"] += hours > 0 and hours >= asked.training_hours
        values["applied"] += any(isinstance(event, VolunteerApplied) for event in events)
        values["approved"] += any(isinstance(event, VolunteerApproved) for event in events)
    return values


def _recruitment(seen: list[RecordedEvent]) -> dict[str, Any]:
    applied: Counter[str] = Counter()
    approved: Counter[str] = Counter()
    for events in _streams(seen, "volunteering"):
        sources = [event.recruitment_source for event in events if isinstance(event, VolunteerApplied)]
        source = (sources[0] if sources else None) or "unknown"
        applied[source] += bool(sources)
        approved[source] += any(isinstance(event, VolunteerApproved) for event in events)
    return {"applied_by_source": applied, "approved_by_source": approved}


def _matches(seen: list[RecordedEvent]) -> dict[str, Any]:
    made = [one.event for one in seen if isinstance(one.event, MatchMade)]
    ended = [one.event for one in seen if isinstance(one.event, MatchEnded)]
    numbers = [one.event.number for one in seen if isinstance(one.event, MatchCounted)]
    waited = [(match.starts_on - match.needed_since).days for match in made]
    bands: Counter[str] = Counter()
    for days in waited:
        bands["0-30" if days <= 30 else "31-90" if days <= 90 else "91-180" if days <= 180 else "181+"] += 1
    return {
        "made": len(made),
        "ended": len(ended),
        "running": len(made) - len(ended),
        "latest_number": max(numbers, default=0),
        "days_waited_median": median(waited) if waited else None,
        "made_by_days_waited": bands,
    }
