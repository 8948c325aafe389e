"""What waits for a coordinator in a programme? Rows that are counted; each folds one stream, none tells who."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import (
    AnswerOverdue,
    HandOverAccepted,
    HandOverAsked,
    HandOverBounced,
    RequestMet,
    RequestParked,
    RequestTakenUp,
    RequestWithdrawn,
)
from contracts.matching import CheckInGiven, MatchEnded, MatchReviewed, ReviewDue
from contracts.notifications import Counts
from contracts.topics import INTAKE, MATCHING
from services.notifications.projections.tenders import waiting_tenders

Kind = Literal["unwell", "talks", "reviews", "answers", "hand_overs"]

# These nobody ticks off: each is told once, on the morning after. The others are told until somebody has seen to them.
_TOLD_ONCE: tuple[Kind, ...] = ("unwell", "talks")
_TOLD_WHILE_OPEN: tuple[Kind, ...] = ("reviews", "answers", "hand_overs")
_OF_A_MATCH: tuple[Kind, ...] = ("unwell", "talks", "reviews")
_OF_A_REQUEST: tuple[Kind, ...] = ("answers", "hand_overs")


def _begins(event: Event) -> Iterable[tuple[str, Kind]]:
    """What begins to wait with this event, and in which programme."""
    match event:
        case CheckInGiven(programme=programme, well=well, wants_talk=wants_talk):
            if not well:
                yield programme, "unwell"
            if wants_talk:
                yield programme, "talks"
        case ReviewDue(programme=programme):
            yield programme, "reviews"
        case AnswerOverdue(programme=programme):
            yield programme, "answers"
        case HandOverAsked(programme=programme):
            yield programme, "hand_overs"
        case _:
            return


def _ends(event: Event) -> tuple[Kind, ...]:
    match event:
        case MatchEnded() | MatchReviewed():
            return _OF_A_MATCH
        case RequestTakenUp():
            return ("answers",)
        case HandOverAccepted() | HandOverBounced():
            return ("hand_overs",)
        case RequestMet() | RequestParked() | RequestWithdrawn():
            return _OF_A_REQUEST
        case _:
            return ()


def _keys(recorded: RecordedEvent) -> list[str]:
    kinds = [*(kind for _, kind in _begins(recorded.event)), *_ends(recorded.event)]
    return [f"{recorded.tenant}/{recorded.stream.id}-{kind}" for kind in kinds]


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    for programme, kind in _begins(recorded.event):
        if key.endswith(f"-{kind}"):
            return {"programme": programme, "kind": kind, "since": recorded.origin.occurred_at}
    return None if any(key.endswith(f"-{kind}") for kind in _ends(recorded.event)) else body


waiting = Projection(
    name="waiting",
    version=1,
    topics=(INTAKE, MATCHING),
    handles=(
        AnswerOverdue,
        HandOverAsked,
        HandOverAccepted,
        HandOverBounced,
        RequestTakenUp,
        RequestMet,
        RequestParked,
        RequestWithdrawn,
        CheckInGiven,
        ReviewDue,
        MatchReviewed,
        MatchEnded,
    ),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "kind", "since")),),
)


async def what_waits(reading: ReadModels, tenant: str, programme: str, *, since: datetime) -> Counts:
    """`since` is when the coordinator was told last."""
    counts: dict[Kind, int] = {}
    for kind in (*_TOLD_ONCE, *_TOLD_WHILE_OPEN):
        query: JsonObject = {"programme": programme, "kind": kind}
        if kind in _TOLD_ONCE:
            query["since"] = {"$gt": since}
        counts[kind] = await reading.count(waiting, tenant, query)
    offers, lapsed = await waiting_tenders(reading, tenant, programme)
    return Counts(**counts, offers=offers, lapsed=lapsed)
