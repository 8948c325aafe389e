"""What happens while a match runs: needs that change, company, check-ins, lone visits, reviews (S2.18-2.20, S4.13)."""

from collections.abc import Sequence
from datetime import timedelta

from contracts.base import Event
from contracts.matching import (
    AccompanimentAgreed,
    CheckInGiven,
    LoneVisitBegan,
    LoneVisitEnded,
    MatchMade,
    MatchReviewed,
    SupportAmended,
)
from services.matching.domain.approval import ProgrammePaused
from services.matching.domain.match_commands import (
    AccompanimentInPast,
    AgreeAccompaniment,
    AmendSupport,
    BeginVisit,
    CheckInBeforeStart,
    CheckInInFuture,
    EndVisit,
    ExtendMatch,
    FollowUp,
    GiveCheckIn,
    MatchRests,
    MaxLength,
    NoLastDay,
    ReviewMatch,
    SupportFormUnknown,
    VisitNotFound,
    VisitTooLong,
    VisitUnderWay,
)
from services.matching.domain.match_state import Match

LONGEST_VISIT = timedelta(hours=24)
# What stays open to two who may not have longer.
AFTER_THE_END = ("end-with-closing-talk", "private-contact", "new-request")


def follow_up(command: FollowUp, state: Match, made: MatchMade) -> Sequence[Event]:
    """Of a live match only."""
    match command:
        case AmendSupport():
            return _amend(command, state, made)
        case AgreeAccompaniment():
            return _agree(command, state, made)
        case GiveCheckIn():
            return _check_in(command, state, made)
        case BeginVisit():
            return _begin_visit(command, state, made)
        case ReviewMatch():
            return _review(command, state, made)
        case ExtendMatch():
            raise NoLastDay() if made.ends_on is None else MaxLength(options=AFTER_THE_END)


def _amend(command: AmendSupport, state: Match, made: MatchMade) -> Sequence[Event]:
    if not set(command.support_forms) <= set(command.offered):
        raise SupportFormUnknown()
    forms = tuple(sorted(set(command.support_forms), key=command.offered.index))
    if forms == state.support_forms:
        return []
    return [
        SupportAmended(
            match_id=made.match_id,
            programme=made.programme,
            support_forms=forms,
            amended_by=command.by,
            amended_at=command.now,
        )
    ]


def _agree(command: AgreeAccompaniment, state: Match, made: MatchMade) -> Sequence[Event]:
    if command.accompaniment_id in state.known:
        return []
    if command.happens_at <= command.now:
        raise AccompanimentInPast()
    _require_meeting_allowed(state, programme_paused=command.programme_paused)
    return [
        AccompanimentAgreed(
            match_id=made.match_id,
            programme=made.programme,
            accompaniment_id=command.accompaniment_id,
            when=command.when,
            where=command.where,
            agreed_by=command.by,
            agreed_at=command.now,
        )
    ]


def _check_in(command: GiveCheckIn, state: Match, made: MatchMade) -> Sequence[Event]:
    if command.check_in_id in state.known:
        return []
    today = command.rhythm.day_of(command.now)
    if command.happened_on > today:
        raise CheckInInFuture()
    if command.happened_on < made.starts_on:
        raise CheckInBeforeStart()
    return [
        CheckInGiven(
            match_id=made.match_id,
            programme=made.programme,
            check_in_id=command.check_in_id,
            given_by=command.given_by,
            form=command.form,
            well=command.well,
            wants_talk=command.wants_talk,
            benefits=command.benefits,
            happened_on=command.happened_on,
            # Counted from the day it was given: who has just told is not asked again tomorrow.
            check_in_at=command.rhythm.check_in_at(today),
        )
    ]


def _begin_visit(command: BeginVisit, state: Match, made: MatchMade) -> Sequence[Event]:
    if command.visit_id in state.known:
        return []
    if not command.now < command.until <= command.now + LONGEST_VISIT:
        raise VisitTooLong()
    _require_meeting_allowed(state, programme_paused=command.programme_paused)
    if state.visit is not None:
        raise VisitUnderWay()
    return [
        LoneVisitBegan(
            match_id=made.match_id,
            programme=made.programme,
            helper_id=made.helper_id,
            visit_id=command.visit_id,
            until=command.until,
        )
    ]


def end_visit(command: EndVisit, state: Match, made: MatchMade) -> Sequence[Event]:
    """Also when it was overdue, and when the match has ended meanwhile: that somebody is safe is always heard."""
    if state.visit is None or state.visit.visit_id != command.visit_id:
        if command.visit_id in state.known:
            return []
        raise VisitNotFound()
    return [
        LoneVisitEnded(
            match_id=made.match_id, programme=made.programme, visit_id=command.visit_id, ended_at=command.now
        )
    ]


def _review(command: ReviewMatch, state: Match, made: MatchMade) -> Sequence[Event]:
    today, due = command.rhythm.day_of(command.now), state.review_counted_to
    if state.reviewed == (today, command.goes_on):
        return []
    return [
        MatchReviewed(
            match_id=made.match_id,
            programme=made.programme,
            reviewed_by=command.reviewed_by,
            reviewed_on=today,
            goes_on=command.goes_on,
            was_due_on=None if due is None else command.rhythm.day_of(due),
            review_at=command.rhythm.review_at(today),
        )
    ]


def _require_meeting_allowed(state: Match, *, programme_paused: bool) -> None:
    if programme_paused:
        raise ProgrammePaused()
    if state.paused_for:
        raise MatchRests()
