"""Rests in a match: chosen ones, and those that nobody chose. The last possible day never moves (S2.29, S3.30)."""

from collections.abc import Sequence

from contracts.base import Event
from contracts.matching import MatchMade, MatchPaused, MatchResumed, PauseLifted
from services.matching.domain.match_commands import (
    LiftPause,
    NeedsCoordinator,
    PauseMatch,
    PauseReason,
    Pausing,
    ResumeMatch,
)
from services.matching.domain.match_state import Match

CHOSEN: frozenset[PauseReason] = frozenset({"requester", "helper", "coordinator"})


def pausing(command: Pausing, state: Match, made: MatchMade) -> Sequence[Event]:
    """Of a live match only."""
    match command:
        case PauseMatch():
            return _pause(command, state, made)
        case ResumeMatch(by=by):
            if state.paused_for - CHOSEN:
                raise NeedsCoordinator()
            return _lift(CHOSEN if by == "coordinator" else frozenset({by}), command, state, made)
        case LiftPause(reason=reason):
            return _lift(frozenset({reason}), command, state, made)


def _pause(command: PauseMatch, state: Match, made: MatchMade) -> Sequence[Event]:
    if command.reason in state.paused_for:
        return []
    return [
        MatchPaused(
            match_id=made.match_id,
            programme=made.programme,
            requester_id=made.requester_id,
            helper_id=made.helper_id,
            reason=command.reason,
            paused_at=command.now,
        )
    ]


def _lift(
    causes: frozenset[PauseReason], command: ResumeMatch | LiftPause, state: Match, made: MatchMade
) -> Sequence[Event]:
    lifted = state.paused_for & causes
    if not lifted:
        return []
    if lifted == state.paused_for:
        today = command.rhythm.day_of(command.now)
        return [
            MatchResumed(
                match_id=made.match_id,
                programme=made.programme,
                resumed_at=command.now,
                check_in_at=command.rhythm.check_in_at(today),
                review_at=command.rhythm.review_at(today),
            )
        ]
    return [
        PauseLifted(match_id=made.match_id, programme=made.programme, reason=reason, lifted_at=command.now)
        for reason in sorted(lifted)
    ]
