"""A counted thing: what happened, when, and when we knew."""

from datetime import UTC, date, datetime, time
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from contracts.envelope import RecordedEvent

Kind = Literal[
    "request-posted",
    "request-declined",
    "request-parked",
    "request-resumed",
    "request-withdrawn",
    "request-met",
    "volunteer-applied",
    "training-attended",
    "guidance-given",
    "volunteer-approved",
    "approval-lapsed",
    "volunteer-suspended",
    "volunteer-reinstated",
    "volunteer-left",
    "match-made",
    "match-ended",
    "match-counted",
    "closing-talk",
    "check-in",
    "review-due",
    "review-held",
    "tender-opened",
    "help-offered",
    "helper-chosen",
    "tender-lapsed",
    "helper-proposed",
    "task-completed",
    "offer-made",
    "offer-taken-back",
    "activity-published",
    "session-held",
    "session-closed",
    "feedback",
]


class Fact(BaseModel):
    """`subject` and `helper` are pseudonyms, `position` the order in the stream. `about` is the request, match, tender,
    offer, activity or course session.

    `happened_at` is an instant. A day without an hour is noon UTC of that day, which is that day in every zone from
    twelve hours west to eleven hours east. `recorded_at` is when the platform knew. Days waited are whole days.

    What two people in a match told while it was followed up has neither `subject` nor `about`, from the beginning: it
    counts, and nothing is left to take away when the platform lets go of them (S2.17).
    """

    programme: str
    kind: Kind
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    position: int
    subject: str | None = None
    about: str | None = None
    helper: str | None = None
    rule: str | None = None
    source: str | None = None
    hours: float | None = None
    number: int | None = None
    needed_since: AwareDatetime | None = None
    days_waited: int | None = None
    until: AwareDatetime | None = None
    well: bool | None = None
    wants_talk: bool | None = None
    benefits: str | None = None
    category: str | None = None
    again: bool | None = None


def noon(day: date) -> datetime:
    """The instant that stands for a day without an hour."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def noon_or_none(day: date | None) -> datetime | None:
    return None if day is None else noon(day)


def told(recorded: RecordedEvent, programme: str, kind: Kind, happened_at: datetime, **more: Any) -> Fact:
    return Fact(
        programme=programme,
        kind=kind,
        happened_at=happened_at,
        recorded_at=recorded.origin.recorded_at,
        position=recorded.position,
        **more,
    )
