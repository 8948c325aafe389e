"""What happened, when, and when did we know? A row per counted thing; figures are asked of these rows alone."""

from datetime import UTC, date, datetime, time
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from chassis.projection import IndexSpec, Projection
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
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
from contracts.topics import INTAKE, MATCHING

Kind = Literal[
    "request-posted",
    "request-declined",
    "request-parked",
    "request-resumed",
    "request-withdrawn",
    "request-met",
    "volunteer-applied",
    "training-attended",
    "volunteer-approved",
    "match-made",
    "match-ended",
    "match-counted",
]


class Fact(BaseModel):
    """`subject` is a pseudonym, `about` the request, match or course session, `position` the order in its stream.

    `happened_at` is an instant. A day without an hour is noon UTC of that day, which is that day in every zone from
    twelve hours west to eleven hours east. `recorded_at` is when the platform knew. Days waited are whole days.
    """

    programme: str
    kind: Kind
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    position: int
    subject: str | None = None
    about: str | None = None
    rule: str | None = None
    source: str | None = None
    hours: float | None = None
    number: int | None = None
    needed_since: AwareDatetime | None = None
    days_waited: int | None = None


def fact_of(recorded: RecordedEvent) -> Fact | None:
    """The fact an event tells, or None when it tells none."""
    event = recorded.event
    match event:
        case RequestPosted():
            needed_since = noon(event.needed_since)
            return _request(recorded, event, "request-posted", event.posted_at, needed_since=needed_since)
        case RequestDeclined():
            return _request(recorded, event, "request-declined", event.declined_at, rule=event.rule)
        case RequestParked():
            return _request(recorded, event, "request-parked", event.parked_at)
        case RequestResumed():
            return _request(recorded, event, "request-resumed", event.resumed_at)
        case RequestWithdrawn():
            return _request(recorded, event, "request-withdrawn", event.withdrawn_at)
        case RequestMet():
            return _request(recorded, event, "request-met", event.met_at)
        case VolunteerApplied() | TrainingAttended() | VolunteerApproved():
            return _volunteer(recorded, event)
        case MatchMade() | MatchEnded() | MatchCounted():
            return _match(recorded, event)
        case _:
            return None


def noon(day: date) -> datetime:
    """The instant that stands for a day without an hour."""
    return datetime.combine(day, time(12), tzinfo=UTC)


_Request = RequestPosted | RequestDeclined | RequestParked | RequestResumed | RequestWithdrawn | RequestMet


def _request(recorded: RecordedEvent, event: _Request, kind: Kind, happened_at: datetime, **more: Any) -> Fact:
    subject = event.person_id if isinstance(event, RequestPosted | RequestDeclined) else None
    return _fact(recorded, event.programme, kind, happened_at, subject=subject, about=event.request_id, **more)


def _volunteer(recorded: RecordedEvent, event: VolunteerApplied | TrainingAttended | VolunteerApproved) -> Fact:
    programme, subject = event.programme, event.person_id
    match event:
        case VolunteerApplied(applied_at=at, recruitment_source=source):
            return _fact(recorded, programme, "volunteer-applied", at, subject=subject, source=source)
        case TrainingAttended(attended_on=day, session=session, hours=hours):
            attended = {"subject": subject, "about": session, "hours": hours}
            return _fact(recorded, programme, "training-attended", noon(day), **attended)
        case VolunteerApproved(approved_at=at):
            return _fact(recorded, programme, "volunteer-approved", at, subject=subject)


def _match(recorded: RecordedEvent, event: MatchMade | MatchEnded | MatchCounted) -> Fact:
    programme, about = event.programme, event.match_id
    match event:
        case MatchMade(starts_on=day, needed_since=since, requester_id=subject):
            waited = max((day - since).days, 0)
            return _fact(recorded, programme, "match-made", noon(day), about=about, subject=subject, days_waited=waited)
        case MatchEnded(ended_on=day):
            return _fact(recorded, programme, "match-ended", noon(day), about=about)
        case MatchCounted(number=number):
            at = recorded.origin.occurred_at
            return _fact(recorded, programme, "match-counted", at, about=about, number=number)


def _fact(recorded: RecordedEvent, programme: str, kind: Kind, happened_at: datetime, **more: Any) -> Fact:
    return Fact(
        programme=programme,
        kind=kind,
        happened_at=happened_at,
        recorded_at=recorded.origin.recorded_at,
        position=recorded.position,
        **more,
    )


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.event_id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    fact = fact_of(recorded)
    return None if fact is None else fact.model_dump(exclude_none=True)


COUNTED: tuple[type[Event], ...] = (
    RequestPosted,
    RequestDeclined,
    RequestParked,
    RequestResumed,
    RequestWithdrawn,
    RequestMet,
    VolunteerApplied,
    TrainingAttended,
    VolunteerApproved,
    MatchMade,
    MatchEnded,
    MatchCounted,
)

facts = Projection(
    name="facts",
    version=1,
    topics=(INTAKE, MATCHING),
    handles=COUNTED,
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "kind", "happened_at")),),
)
