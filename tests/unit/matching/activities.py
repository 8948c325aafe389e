"""An invented talk and its evening, which the tests of activities and sessions share."""

from datetime import timedelta
from typing import Any

from contracts import matching as events
from contracts.sealed import Sealed
from services.matching.domain.activity import ProposeActivity, SupportActivity
from services.matching.domain.session_commands import GiveFeedback, ScheduleSession, SignUp
from tests.unit.matching.examples import HELPER, NOW, PROGRAMME, REQUESTER

ACTIVITY, SESSION = "activity-1", "session-1"
LEAD, SUPPORTER = REQUESTER, HELPER
BEGINS = NOW + timedelta(days=7)
ENDS = BEGINS + timedelta(hours=2)
WORDS: Sealed[str] = Sealed(LEAD, "v1.invented")
TITLE: Sealed[str] = Sealed(LEAD, "v1.title")
NAMES = {"session_id": SESSION, "activity_id": ACTIVITY, "programme": PROGRAMME}


def propose_activity(**different: Any) -> ProposeActivity:
    usual = {
        "activity_id": ACTIVITY,
        "programme": PROGRAMME,
        "kind": "lecture",
        "title": TITLE,
        "what_we_do": WORDS,
        "lead_id": LEAD,
        "category": "workshops",
        "offer_id": None,
        "kinds": frozenset({"lecture", "meal"}),
        "categories": frozenset({"workshops"}),
        "identifies": (),
        "is_talk_only": False,
        "now": NOW,
    }
    return ProposeActivity(**{**usual, **different})


def support(supporter_id: str = SUPPORTER, **different: Any) -> SupportActivity:
    return SupportActivity(**{"supporter_id": supporter_id, "is_ready": True, "now": NOW, **different})


def activity_proposed(**different: Any) -> events.ActivityProposed:
    usual = {
        "activity_id": ACTIVITY,
        "programme": PROGRAMME,
        "kind": "lecture",
        "title": TITLE,
        "what_we_do": WORDS,
        "lead_id": LEAD,
        "category": "workshops",
        "proposed_at": NOW,
    }
    return events.ActivityProposed(**{**usual, **different})


def supported(supporter_id: str = SUPPORTER) -> events.ActivitySupported:
    return events.ActivitySupported(
        activity_id=ACTIVITY, programme=PROGRAMME, supporter_id=supporter_id, supported_at=NOW
    )


def published() -> events.ActivityPublished:
    return events.ActivityPublished(
        activity_id=ACTIVITY, programme=PROGRAMME, approved_by="coordinator-k", published_at=NOW
    )


def activity_closed() -> events.ActivityClosed:
    return events.ActivityClosed(activity_id=ACTIVITY, programme=PROGRAMME, closed_at=NOW)


def schedule(**different: Any) -> ScheduleSession:
    usual = {
        **NAMES,
        "begins_at": BEGINS,
        "ends_at": ENDS,
        "room": "Room 2",
        "places": 2,
        "is_published": True,
        "now": NOW,
    }
    return ScheduleSession(**{**usual, **different})


def scheduled(**different: Any) -> events.SessionScheduled:
    usual = {**NAMES, "begins_at": BEGINS, "ends_at": ENDS, "room": "Room 2", "places": 2}
    return events.SessionScheduled(**{**usual, **different})


def sign_up(person_id: str) -> SignUp:
    return SignUp(person_id, NOW)


def enrolled(person_id: str) -> events.Enrolled:
    return events.Enrolled(**NAMES, person_id=person_id, enrolled_at=NOW)


def withdrawn(person_id: str) -> events.EnrolmentWithdrawn:
    return events.EnrolmentWithdrawn(**NAMES, person_id=person_id)


def session_held(heads: int = 14) -> events.SessionHeld:
    return events.SessionHeld(**NAMES, heads=heads, held_at=ENDS)


def called_off() -> events.SessionClosed:
    return events.SessionClosed(**NAMES, reason="called-off")


def feedback(feedback_id: str = "f1", person_id: str | None = "a", *, good: bool = True) -> GiveFeedback:
    return GiveFeedback(feedback_id, person_id, was_good=good, would_come_again=True)


def feedback_given(feedback_id: str = "f1", *, good: bool = True) -> events.FeedbackGiven:
    return events.FeedbackGiven(**NAMES, feedback_id=feedback_id, was_good=good, would_come_again=True)
