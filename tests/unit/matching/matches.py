"""A match on the leap day of 2020 in Oslo, its events and what is asked of it; each builder takes what differs."""

from datetime import UTC, date, datetime
from typing import Any

from contracts import matching as events
from contracts.sealed import Sealed
from services.matching.domain import match_commands as ask
from services.matching.domain.match_rhythm import Rhythm
from tests.unit.matching.examples import HELPER, MATCH, PROGRAMME, PROPOSAL, REQUEST, REQUESTER

OSLO = Rhythm(zone="Europe/Oslo", max_length="P1Y", warn_days=30, review="P3M", least_rhythm="P1M")
PAIR = {"match_id": MATCH, "programme": PROGRAMME}
BOTH = {**PAIR, "requester_id": REQUESTER, "helper_id": HELPER}
TWO = {**BOTH, "request_id": REQUEST, "proposal_id": PROPOSAL}
OFFERED = ("talk", "norwegian", "guide", "friend")


def at(month: int, day: int, hour: int = 12, *, year: int = 2020) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


MAKE = ask.MakeMatch(
    match_id=MATCH,
    request_id=REQUEST,
    programme=PROGRAMME,
    requester_id=REQUESTER,
    helper_id=HELPER,
    proposal_id=PROPOSAL,
    needed_since=date(2019, 12, 1),
    starts_on=date(2020, 2, 29),
    rhythm=OSLO,
    policy_version=1,
    support_forms=("talk",),
)


def made(**different: Any) -> events.MatchMade:
    usual = {
        **TWO,
        "starts_on": date(2020, 2, 29),
        "ends_on": date(2021, 2, 28),
        "ends_at": at(2, 28, 23, year=2021),
        "needed_since": date(2019, 12, 1),
        "policy_version": 1,
        "support_forms": ("talk",),
        "warn_at": at(1, 29, 8, year=2021),
        "check_in_at": at(3, 29, 7),
        "review_at": at(5, 29, 7),
    }
    return events.MatchMade(**{**usual, **different})


def ended(**different: Any) -> events.MatchEnded:
    usual = {**TWO, "reason": "both", "closing_talk": True, "ended_on": date(2020, 6, 1), "let_go_at": at(6, 1)}
    return events.MatchEnded(**{**usual, **different})


def let_go(now: datetime) -> events.MatchLetGo:
    return events.MatchLetGo(**PAIR, let_go_at=now)


def end(**different: Any) -> ask.EndMatch:
    usual = {"reason": "both", "closing_talk": True, "now": at(6, 1), "rhythm": OSLO}
    return ask.EndMatch(**{**usual, **different})


def check_in(**different: Any) -> ask.GiveCheckIn:
    usual = {
        "check_in_id": "check-in-1",
        "given_by": "helper",
        "form": "met",
        "well": True,
        "wants_talk": False,
        "benefits": ("support", "pleasant"),
        "happened_on": date(2020, 3, 10),
        "now": at(3, 11),
        "rhythm": OSLO,
    }
    return ask.GiveCheckIn(**{**usual, **different})


def given(**different: Any) -> events.CheckInGiven:
    usual = {
        **PAIR,
        "check_in_id": "check-in-1",
        "given_by": "helper",
        "form": "met",
        "well": True,
        "wants_talk": False,
        "benefits": ("support", "pleasant"),
        "happened_on": date(2020, 3, 10),
        "check_in_at": at(4, 11, 7),
    }
    return events.CheckInGiven(**{**usual, **different})


def amend(*forms: str) -> ask.AmendSupport:
    return ask.AmendSupport(forms, OFFERED, REQUESTER, at(3, 11))


def agree(**different: Any) -> ask.AgreeAccompaniment:
    usual = {
        "accompaniment_id": "accompaniment-1",
        "happens_at": at(3, 20),
        "when": Sealed(REQUESTER, "v1.when"),
        "where": Sealed(REQUESTER, "v1.where"),
        "by": HELPER,
        "now": at(3, 11),
        "programme_paused": False,
    }
    return ask.AgreeAccompaniment(**{**usual, **different})


def begin_visit(**different: Any) -> ask.BeginVisit:
    usual = {"visit_id": "visit-1", "until": at(3, 11, 15), "now": at(3, 11), "programme_paused": False}
    return ask.BeginVisit(**{**usual, **different})


def visit_began(**different: Any) -> events.LoneVisitBegan:
    usual = {**PAIR, "helper_id": HELPER, "visit_id": "visit-1", "until": at(3, 11, 15)}
    return events.LoneVisitBegan(**{**usual, **different})


def visit_overdue() -> events.LoneVisitOverdue:
    return events.LoneVisitOverdue(**PAIR, helper_id=HELPER, visit_id="visit-1", until=at(3, 11, 15))


def visit_ended(now: datetime) -> events.LoneVisitEnded:
    return events.LoneVisitEnded(**PAIR, visit_id="visit-1", ended_at=now)


def paused(reason: Any, now: datetime) -> events.MatchPaused:
    return events.MatchPaused(**BOTH, reason=reason, paused_at=now)


def resumed(now: datetime, *, check_in_at: datetime, review_at: datetime) -> events.MatchResumed:
    return events.MatchResumed(**PAIR, resumed_at=now, check_in_at=check_in_at, review_at=review_at)
