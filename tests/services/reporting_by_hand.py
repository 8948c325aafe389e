"""Every figure counted by hand: slowly, in plain Python, from the events."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any

from contracts.envelope import RecordedEvent
from contracts.intake import (
    ApprovalLapsed,
    GuidanceGiven,
    LivedExperienceTold,
    RequestDeclined,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestWithdrawn,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from contracts.matching import CheckInGiven, MatchCounted, MatchEnded, MatchMade, MatchReviewed, ReviewDue
from services.reporting.figures.cells import breakdown
from tests.services.reporting_answers import loneliness
from tests.services.reporting_history import ZONE, Question
from tests.services.reporting_tasks_by_hand import activities, categories, chances, resources, tenders

Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """A number that is told only when as many as that are in it, and outside it; with its per cent."""

    part: int
    whole: int

    def told(self, min_cell: int) -> tuple[int | None, float | None]:
        if self.part < min_cell or self.whole - self.part < min_cell:
            return None, None
        return self.part, percent(self.part, self.whole)


def percent(part: int, whole: int) -> float | None:
    return round(part / whole * 100, 1) if whole else None


def counted_by_hand(history: Iterable[RecordedEvent], asked: Question) -> dict[str, dict[str, Any]]:
    """Every plain value of every figure, and the breakdowns before small groups are hidden."""
    seen = [one for one in history if _day_of(one) <= asked.on and _is_known(one, asked)]
    events = [one.event for one in seen]
    return {
        "requests": _requests(seen, asked),
        "categories": categories(list(_streams(seen, "request"))),
        "tenders": tenders(events, asked.min_cell),
        "chances": chances(events),
        "resources": resources(events),
        "activities": activities(events),
        "volunteers": _volunteers(seen, asked),
        "recruitment": _recruitment(seen),
        "training": _training(seen),
        "funnel": _funnel(seen, asked),
        "matches": {**_matches(seen, asked), **_quality(seen)},
        "support": _support(seen, asked),
        "loneliness": loneliness(list(_streams(seen, "voice")), asked.min_cell),
    }


def _is_known(one: RecordedEvent, asked: Question) -> bool:
    return asked.known_at is None or one.origin.recorded_at.astimezone(ZONE).date() <= asked.known_at


def _day_of(one: RecordedEvent) -> date:
    """The day it happened in Oslo."""
    fields = ("posted_at", "declined_at", "parked_at", "resumed_at", "withdrawn_at", "met_at", "applied_at")
    more = (
        "approved_at",
        "attended_on",
        "given_on",
        "left_on",
        "told_at",
        "taken_back_at",
        "answered_on",
        "redacted_at",
        "opens_at",
        "offered_at",
        "proposed_at",
        "made_at",
        "published_at",
        "held_at",
        "completed_at",
    )
    for name in (*fields, *more, "starts_on", "happened_on", "due_on", "reviewed_on", "ended_on"):
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
            rules[events[0].gate or events[0].rule] += 1
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
    middle = _middle(days, asked)
    unmet = values["waiting"] + values["parked"] + values["withdrawn"] + rules.total()
    return {
        **values,
        "waiting_days_median": middle,
        "waiting_by_days": Counter(_band(one) for one in days),
        "declined": rules.total(),
        "declined_by_rule": rules,
        "unmet": unmet,
    }


def _band(days: int) -> str:
    return "0-30" if days <= 30 else "31-90" if days <= 90 else "91-180" if days <= 180 else "181+"


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


def _matches(seen: list[RecordedEvent], asked: Question) -> dict[str, Any]:
    made = [one.event for one in seen if isinstance(one.event, MatchMade)]
    ended = [one.event for one in seen if isinstance(one.event, MatchEnded)]
    numbers = [one.event.number for one in seen if isinstance(one.event, MatchCounted)]
    waited = [(match.starts_on - match.needed_since).days for match in made]
    return {
        "made": len(made),
        "ended": len(ended),
        "running": len(made) - len(ended),
        "latest_number": max(numbers, default=0),
        "days_waited_median": _middle(waited, asked),
        "made_by_days_waited": Counter(_band(days) for days in waited),
    }


def _quality(seen: list[RecordedEvent]) -> dict[str, Any]:
    lengths: Counter[str] = Counter()
    well: Counter[str] = Counter()
    talk: Counter[str] = Counter()
    benefits: Counter[str] = Counter()
    events = [one.event for one in seen]
    until = {event.match_id: event.ends_on for event in events if isinstance(event, MatchMade)}
    for event in events:
        match event:
            case MatchEnded(match_id=match_id, ended_on=day):
                last = until.get(match_id)
                lengths["no-length" if last is None else "full-length" if day >= last else "before"] += 1
            case CheckInGiven():
                well["well" if event.well else "not-well"] += 1
                talk["wants-talk" if event.wants_talk else "content"] += 1
                benefits["both" if len(event.benefits) == 2 else (*event.benefits, "neither")[0]] += 1
            case _:
                pass
    return {
        "ended_by_length": lengths,
        "closing_talks": sum(isinstance(event, MatchEnded) and event.closing_talk for event in events),
        "reviews_due": sum(isinstance(event, ReviewDue) for event in events),
        "reviews_held": sum(isinstance(event, MatchReviewed) for event in events),
        "reviews_in_time": sum(isinstance(event, MatchReviewed) and not _is_late(event) for event in events),
        "check_ins": well.total(),
        "check_ins_by_wellbeing": well,
        "check_ins_by_wish_to_talk": talk,
        "check_ins_by_benefit": benefits,
    }


def _is_late(review: MatchReviewed) -> bool:
    return review.was_due_on is not None and (review.reviewed_on - review.was_due_on).days > 14


def _training(seen: list[RecordedEvent]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, kind in (("training", TrainingAttended), ("guidance", GuidanceGiven)):
        sessions: set[str] = set()
        persons, hours = 0, 0.0
        for events in _streams(seen, "volunteering"):
            mine = {event.session: event.hours for event in events if isinstance(event, kind)}
            sessions |= {session for session, attended in mine.items() if attended}
            persons += any(mine.values())
            hours += sum(mine.values())
        values |= {f"{name}_sessions": len(sessions), f"{name}_persons": persons, f"{name}_hours": hours}
    return values


def _funnel(seen: list[RecordedEvent], asked: Question) -> dict[str, Any]:
    recruited: dict[str, date] = {}
    trained: dict[str, date] = {}
    approved: dict[str, date] = {}
    for events in _streams(seen, "volunteering"):
        who = events[0].person_id
        sessions: dict[str, TrainingAttended] = {}
        for event in events:
            match event:
                case VolunteerApplied(applied_at=at):
                    recruited[who] = min(recruited.get(who, date.max), at.astimezone(ZONE).date())
                case VolunteerApproved(approved_at=at):
                    approved[who] = min(approved.get(who, date.max), at.astimezone(ZONE).date())
                case TrainingAttended():
                    sessions[event.session] = event
                case _:
                    pass
        for day in sorted({session.attended_on for session in sessions.values()}):
            hours = sum(session.hours for session in sessions.values() if session.attended_on <= day)
            if hours and hours >= asked.training_hours:
                trained.setdefault(who, day)
    matched: dict[str, date] = {}
    for one in seen:
        if isinstance(one.event, MatchMade):
            who = one.event.helper_id
            matched[who] = min(matched.get(who, date.max), one.event.starts_on)
    volunteers = {who for who in approved if who in trained or not asked.training_hours}
    both = {who for who in volunteers if who in matched}
    return {
        "recruited": len(recruited),
        "trained": len(trained),
        "volunteers": len(volunteers),
        "volunteers_percent": percent(len(volunteers), len(trained) if asked.training_hours else 0),
        "lived_experience": Part(len(volunteers & _told(seen)), len(volunteers)),
        "matched": len(both),
        "matched_percent": percent(len(both), len(volunteers)),
        "days_recruited_to_trained_median": _between(recruited, trained, asked),
        "days_trained_to_approved_median": _between(trained, approved, asked),
        "days_approved_to_matched_median": _between(approved, matched, asked),
    }


def _told(seen: list[RecordedEvent]) -> set[str]:
    """Those whose last word was telling it for figures."""
    last = {events[0].person_id: events[-1] for events in _streams(seen, "person")}
    return {who for who, word in last.items() if isinstance(word, LivedExperienceTold) and "fig" in word.purposes.token}


def _middle(days: list[int], asked: Question) -> float | None:
    """Of fewer people than may be shown, it would show one."""
    return median(days) if days and len(days) >= asked.min_cell else None


def _between(first: dict[str, date], then: dict[str, date], asked: Question) -> float | None:
    days = [max((then[who] - day).days, 0) for who, day in first.items() if who in then]
    return _middle(days, asked)


def _support(seen: list[RecordedEvent], asked: Question) -> dict[str, Any]:
    events = [one.event for one in seen]
    over = {event.match_id for event in events if isinstance(event, MatchEnded)}
    made = [event for event in events if isinstance(event, MatchMade)]
    running = [match for match in made if match.match_id not in over]
    return {
        "one_to_one": len({match.requester_id for match in made}),
        "one_to_one_now": len({match.requester_id for match in running}),
        "volunteers_active": sum(_is_active(events, asked) for events in _streams(seen, "volunteering")),
        "volunteers_matched": len({match.helper_id for match in made}),
        "volunteers_matched_now": len({match.helper_id for match in running}),
    }


def _is_active(events: list[Any], asked: Question) -> bool:
    approval: VolunteerApproved | None = None
    suspended = False
    for event in events:
        match event:
            case VolunteerApproved():
                approval = event
            case ApprovalLapsed():
                approval = None
            case VolunteerSuspended():
                suspended = True
            case VolunteerReinstated():
                suspended = False
            case VolunteerLeft():
                approval, suspended = None, False
            case _:
                pass
    return approval is not None and not suspended and (approval.valid_until or asked.on) >= asked.on


def as_answered(figures: Figures, min_cell: int) -> Figures:
    """The same with small groups hidden."""
    return {name: _values(values, min_cell) for name, values in figures.items()}


def _values(values: dict[str, Any], min_cell: int) -> dict[str, Any]:
    answered: dict[str, Any] = {}
    for name, value in values.items():
        match value:
            case Counter():
                answered[name] = breakdown(value, min_cell)
            case Part():
                answered[name], answered[f"{name}_percent"] = value.told(min_cell)
            case _:
                answered[name] = value
    return answered
