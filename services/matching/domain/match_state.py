"""How a match stands, folded from its events."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto

from contracts.base import Event
from contracts.matching import (
    AccompanimentAgreed,
    CheckInAsked,
    CheckInGiven,
    EndNear,
    LoneVisitBegan,
    LoneVisitEnded,
    LoneVisitOverdue,
    MatchEnded,
    MatchLetGo,
    MatchMade,
    MatchPaused,
    MatchResumed,
    MatchReviewed,
    PauseLifted,
    ReviewDue,
    SupportAmended,
)
from services.matching.domain.match_commands import PauseReason


class Status(Enum):
    ABSENT = auto()
    LIVE = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Visit:
    visit_id: str
    until: datetime
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """`check_in_at` and `review_at` are None once asked, until they are counted anew; `let_go_at` once it is done.

    `review_counted_to` is when the next review falls due, or fell, also once asked.
    """

    status: Status = Status.ABSENT
    made: MatchMade | None = None
    support_forms: tuple[str, ...] = ()
    paused_for: frozenset[PauseReason] = frozenset()
    check_in_at: datetime | None = None
    review_at: datetime | None = None
    review_counted_to: datetime | None = None
    reviewed: tuple[date, bool] | None = None
    warn_at: datetime | None = None
    known: frozenset[str] = frozenset()
    visit: Visit | None = None
    ended_on: date | None = None
    let_go_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.status is Status.LIVE


def evolve(state: Match, event: Event) -> Match:
    match event:
        case MatchMade():
            return Match(
                status=Status.LIVE,
                made=event,
                support_forms=event.support_forms,
                check_in_at=event.check_in_at,
                review_at=event.review_at,
                review_counted_to=event.review_at,
                warn_at=event.warn_at,
            )
        case MatchPaused(reason=reason):
            return replace(state, paused_for=state.paused_for | {reason})
        case PauseLifted(reason=reason):
            return replace(state, paused_for=state.paused_for - {reason})
        case MatchResumed():
            return replace(
                state,
                paused_for=frozenset(),
                check_in_at=event.check_in_at,
                review_at=event.review_at,
                review_counted_to=event.review_at,
            )
        case MatchEnded(ended_on=ended_on, let_go_at=let_go_at):
            return replace(state, status=Status.ENDED, ended_on=ended_on, let_go_at=let_go_at)
        case MatchLetGo():
            return replace(state, let_go_at=None)
        case LoneVisitBegan() | LoneVisitEnded() | LoneVisitOverdue():
            return _visited(state, event)
        case _:
            return _followed_up(state, event)


def _followed_up(state: Match, event: Event) -> Match:
    match event:
        case SupportAmended(support_forms=support_forms):
            return replace(state, support_forms=support_forms)
        case AccompanimentAgreed(accompaniment_id=name):
            return replace(state, known=state.known | {name})
        case CheckInAsked():
            return replace(state, check_in_at=None)
        case CheckInGiven(check_in_id=name, check_in_at=check_in_at):
            return replace(state, known=state.known | {name}, check_in_at=check_in_at)
        case ReviewDue():
            return replace(state, review_at=None)
        case MatchReviewed(reviewed_on=day, goes_on=goes_on, review_at=review_at):
            return replace(state, reviewed=(day, goes_on), review_at=review_at, review_counted_to=review_at)
        case EndNear():
            return replace(state, warn_at=None)
        case _:
            return state


def _visited(state: Match, event: LoneVisitBegan | LoneVisitEnded | LoneVisitOverdue) -> Match:
    match event:
        case LoneVisitBegan(visit_id=name, until=until):
            return replace(state, known=state.known | {name}, visit=Visit(name, until))
        case LoneVisitEnded():
            return replace(state, visit=None)
        case LoneVisitOverdue(visit_id=name, until=until):
            return replace(state, visit=Visit(name, until, is_overdue=True))
