"""A match: made when both agreed and the slot is confirmed, ended at the latest on its last day (S2.16, S2.17).

Its commands and refusals are in match_commands.py, its state and `evolve` in match_state.py.
"""

from collections.abc import Sequence

from chassis.decider import Decider
from contracts.base import Event
from contracts.matching import MatchEnded, MatchLetGo, MatchMade
from services.matching.domain.match_commands import (
    AgreeAccompaniment,
    AmendSupport,
    AskCheckIn,
    AskReview,
    BeginVisit,
    Command,
    EndMatch,
    EndVisit,
    ExtendMatch,
    GiveCheckIn,
    LetGo,
    LiftPause,
    MakeMatch,
    MatchNotFound,
    MatchOver,
    MissVisit,
    PauseMatch,
    ResumeMatch,
    ReviewMatch,
    WarnOfEnd,
)
from services.matching.domain.match_course import end_visit, follow_up
from services.matching.domain.match_due import due
from services.matching.domain.match_pauses import pausing
from services.matching.domain.match_rhythm import day_is_over
from services.matching.domain.match_state import Match, Status, evolve

# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Match) -> Sequence[Event]:
    made = state.made
    if isinstance(command, MakeMatch):
        return [_made(command)] if made is None else []
    if made is None:
        raise MatchNotFound()
    match command:
        case EndMatch():
            return _ended(command, made) if state.is_live else []
        case EndVisit():
            return end_visit(command, state, made)
        case AskCheckIn() | AskReview() | WarnOfEnd() | LetGo() | MissVisit():
            return due(command, state, made)
        case _ if state.status is Status.ENDED:
            raise MatchOver()
        case PauseMatch() | ResumeMatch() | LiftPause():
            return pausing(command, state, made)
        case AmendSupport() | AgreeAccompaniment() | GiveCheckIn() | BeginVisit() | ReviewMatch() | ExtendMatch():
            return follow_up(command, state, made)


def _made(command: MakeMatch) -> MatchMade:
    rhythm, starts_on = command.rhythm, command.starts_on
    ends_on = rhythm.last_day(starts_on)
    return MatchMade(
        match_id=command.match_id,
        request_id=command.request_id,
        programme=command.programme,
        requester_id=command.requester_id,
        helper_id=command.helper_id,
        proposal_id=command.proposal_id,
        starts_on=starts_on,
        ends_on=ends_on,
        ends_at=None if ends_on is None else day_is_over(ends_on, rhythm.zone),
        needed_since=command.needed_since,
        policy_version=command.policy_version,
        support_forms=command.support_forms,
        warn_at=None if ends_on is None else rhythm.warn_at(starts_on, ends_on),
        check_in_at=rhythm.check_in_at(starts_on),
        review_at=rhythm.review_at(starts_on),
    )


def _ended(command: EndMatch, made: MatchMade) -> Sequence[Event]:
    # A timer that comes late must not make a match longer than it may be.
    today = command.rhythm.day_of(command.now)
    ended_on = today if made.ends_on is None else min(today, made.ends_on)
    let_go_at = command.rhythm.let_go_at(ended_on, command.now)
    ended = MatchEnded(
        match_id=made.match_id,
        request_id=made.request_id,
        programme=made.programme,
        requester_id=made.requester_id,
        helper_id=made.helper_id,
        proposal_id=made.proposal_id,
        reason=command.reason,
        closing_talk=command.closing_talk,
        ended_on=ended_on,
        let_go_at=let_go_at,
    )
    if let_go_at > command.now:
        return [ended]
    return [ended, MatchLetGo(match_id=made.match_id, programme=made.programme, let_go_at=command.now)]


pairing = Decider("match", Match(), decide, evolve)
