"""How did a request come to where it stands? Its story, step by step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from contracts.base import Event
from contracts.intake import (
    AnswerOverdue,
    HandOverAccepted,
    HandOverAsked,
    HandOverBounced,
    RequestAmended,
    RequestEscalated,
    RequestMet,
    RequestParked,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
)

Happened = Literal[
    "posted",
    "declined",
    "taken-up",
    "parked",
    "resumed",
    "amended",
    "withdrawn",
    "ended",
    "met",
    "answer-overdue",
    "hand-over-asked",
    "hand-over-accepted",
    "hand-over-declined",
    "hand-over-unanswered",
    "escalated",
]


class Step(BaseModel):
    """What happened to a request. `staff` is the subject of who took it up, took it over or was asked to."""

    what: Happened
    at: AwareDatetime
    staff: str | None = None

    @property
    def is_among_staff(self) -> bool:
        return self.what.startswith("hand-over-") or self.what in ("answer-overdue", "escalated")


def step_of(event: Event, at: datetime) -> Step:
    """What a request that is there already goes through, at that instant."""
    match event:
        case RequestTakenUp(owner=owner):
            return Step(what="taken-up", at=at, staff=owner)
        case HandOverAsked(to=to):
            return Step(what="hand-over-asked", at=at, staff=to)
        case HandOverAccepted(owner=owner):
            return Step(what="hand-over-accepted", at=at, staff=owner)
        case HandOverBounced(to=to, reason="declined"):
            return Step(what="hand-over-declined", at=at, staff=to)
        case HandOverBounced(to=to):
            return Step(what="hand-over-unanswered", at=at, staff=to)
        case RequestWithdrawn(rule=str()):
            return Step(what="ended", at=at)
        case _:
            return Step(what=_STEPS[type(event)], at=at)


_STEPS: Mapping[type[Event], Happened] = {
    RequestParked: "parked",
    RequestResumed: "resumed",
    RequestAmended: "amended",
    RequestWithdrawn: "withdrawn",
    RequestMet: "met",
    AnswerOverdue: "answer-overdue",
    RequestEscalated: "escalated",
}
