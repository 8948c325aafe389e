"""What is due in a match: each is asked or said once, and what comes too early or too late makes nothing new."""

from collections.abc import Sequence

from contracts.base import Event
from contracts.matching import CheckInAsked, EndNear, LoneVisitOverdue, MatchLetGo, MatchMade, ReviewDue
from services.matching.domain.match_commands import AskCheckIn, AskReview, Due, LetGo, MissVisit, WarnOfEnd
from services.matching.domain.match_state import Match


def due(command: Due, state: Match, made: MatchMade) -> Sequence[Event]:
    """A timer's question; a match that rests is asked nothing, but its end is never a surprise (S2.16)."""
    match command:
        case AskCheckIn():
            return _check_in(command, state, made)
        case AskReview():
            return _review(command, state, made)
        case WarnOfEnd():
            return _end_near(command, state, made)
        case MissVisit():
            return _overdue(command, state, made)
        case LetGo(now=now):
            if state.let_go_at is None or now < state.let_go_at:
                return []
            return [MatchLetGo(match_id=made.match_id, programme=made.programme, let_go_at=now)]


def _check_in(command: AskCheckIn, state: Match, made: MatchMade) -> Sequence[Event]:
    if not _is_awake(state) or state.check_in_at is None or command.now < state.check_in_at:
        return []
    return [
        CheckInAsked(
            match_id=made.match_id,
            programme=made.programme,
            requester_id=made.requester_id,
            helper_id=made.helper_id,
            asked_on=command.rhythm.day_of(command.now),
        )
    ]


def _review(command: AskReview, state: Match, made: MatchMade) -> Sequence[Event]:
    if not _is_awake(state) or state.review_at is None or command.now < state.review_at:
        return []
    return [
        ReviewDue(
            match_id=made.match_id,
            programme=made.programme,
            requester_id=made.requester_id,
            helper_id=made.helper_id,
            due_on=command.rhythm.day_of(state.review_at),
        )
    ]


def _end_near(command: WarnOfEnd, state: Match, made: MatchMade) -> Sequence[Event]:
    if not state.is_live or made.ends_on is None or state.warn_at is None or command.now < state.warn_at:
        return []
    return [
        EndNear(
            match_id=made.match_id,
            programme=made.programme,
            requester_id=made.requester_id,
            helper_id=made.helper_id,
            ends_on=made.ends_on,
        )
    ]


def _overdue(command: MissVisit, state: Match, made: MatchMade) -> Sequence[Event]:
    """Whatever else rests or has ended: somebody may be in danger (S4.13)."""
    visit = state.visit
    if visit is None or visit.visit_id != command.visit_id or visit.is_overdue or command.now < visit.until:
        return []
    return [
        LoneVisitOverdue(
            match_id=made.match_id,
            programme=made.programme,
            helper_id=made.helper_id,
            visit_id=visit.visit_id,
            until=visit.until,
        )
    ]


def _is_awake(state: Match) -> bool:
    return state.is_live and not state.paused_for
