"""What happens to a request on its way: amended, overdue, handed over, passed up (S2.20, S2.31, S3.3, S3.17)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.testing import given
from contracts.base import Event
from contracts.intake import (
    AnswerOverdue,
    HandOverAccepted,
    HandOverAsked,
    HandOverBounced,
    ProgrammePaused,
    RequestAmended,
    RequestEscalated,
)
from services.intake.domain.eligibility import LatestDatePassed, NotConcrete
from services.intake.domain.request import NoteOverdue, RequestIsOver, ResumeRequest, request
from services.intake.domain.request_amending import AmendRequest
from services.intake.domain.request_hand_over import (
    AcceptHandOver,
    AskHandOver,
    DeclineHandOver,
    ExpireHandOver,
    HandOverOpen,
    HandOverToOwner,
    NoHandOver,
    NoOwnerYet,
    NotTheOwner,
)
from services.intake.domain.request_posting import SupportFormUnknown
from tests.unit.intake.oslo import NOW, TODAY, adopted, policy, programme_after, sealed, sealed_wishes
from tests.unit.intake.test_request import MET, PARKED, POST, POSTED, TAKEN_UP, WITHDRAWN

V1 = POST.programme
TASKS = programme_after(adopted(policy(categories=["garden"], gates=[])))
WISHES = sealed_wishes()
AMEND = AmendRequest(programme=V1, now=NOW, what=sealed("more"), wishes=WISHES)
AMENDED = RequestAmended(request_id="request-1", programme="oslo", what=sealed("more"), wishes=WISHES, amended_at=NOW)

ANSWERED_UNTIL = datetime(2026, 3, 16, 23, tzinfo=UTC)
OVERDUE = AnswerOverdue(request_id="request-1", programme="oslo", answer_by=date(2026, 3, 16))
NOTE = NoteOverdue(programme=V1, now=ANSWERED_UNTIL)

UNTIL = datetime(2026, 3, 4, 23, tzinfo=UTC)
ASK = AskHandOver(programme=V1, asked_by="staff-1", to="staff-2", now=NOW)
ASKED = HandOverAsked(
    request_id="request-1", programme="oslo", asked_by="staff-1", to="staff-2", asked_at=NOW, until=UNTIL
)
ACCEPT = AcceptHandOver(accepted_by="staff-2", now=NOW)
ACCEPTED = HandOverAccepted(request_id="request-1", programme="oslo", owner="staff-2", accepted_at=NOW)
DECLINE = DeclineHandOver(programme=V1, declined_by="staff-2", now=NOW)
EXPIRE = ExpireHandOver(programme=V1, now=UNTIL)
ESCALATED = RequestEscalated(request_id="request-1", programme="oslo", rule="bounces", escalated_at=NOW)


def bounced(count: int) -> HandOverBounced:
    return HandOverBounced(request_id="request-1", programme="oslo", to="staff-2", reason="declined", bounces=count)


@pytest.mark.requirement("S2.20", "S2.31")
@pytest.mark.parametrize("history", [(POSTED,), (POSTED, TAKEN_UP), (POSTED, PARKED)])
def test_needs_change_until_the_end_and_what_is_not_said_stays(history: tuple[Event, ...]) -> None:
    assert given(request, *history).when(AMEND) == [AMENDED]
    assert given(request, *history, AMENDED).when(AMEND) == []
    last = replace(AMEND, what=None, wishes=None, latest_date=date(2026, 6, 1))
    changed = AMENDED.model_copy(update={"what": None, "latest_date": date(2026, 6, 1)})
    assert given(request, *history, AMENDED).when(last) == [changed]


@pytest.mark.parametrize("end", [MET, WITHDRAWN])
def test_what_has_ended_is_not_amended(end: Event) -> None:
    with pytest.raises(RequestIsOver):
        given(request, POSTED, end).when(AMEND)


def test_an_amended_request_is_as_concrete_as_a_new_one() -> None:
    dated = POSTED.model_copy(update={"category": "garden", "latest_date": date(2026, 4, 1)})
    with pytest.raises(NotConcrete):
        given(request, dated).when(AmendRequest(programme=TASKS, now=NOW, clears_latest_date=True))
    with pytest.raises(LatestDatePassed):
        given(request, dated).when(AmendRequest(programme=TASKS, now=NOW, latest_date=TODAY - timedelta(days=1)))
    named = programme_after(adopted(policy(support_forms=["talk"])))
    with pytest.raises(SupportFormUnknown):
        given(request, POSTED).when(replace(AMEND, programme=named, support_forms=("guide",)))


@pytest.mark.requirement("S2.31")
def test_an_answer_is_overdue_when_its_last_day_is_over_and_not_a_moment_before() -> None:
    assert given(request, POSTED).when(replace(NOTE, now=ANSWERED_UNTIL - timedelta(milliseconds=1))) == []
    assert given(request, POSTED).when(NOTE) == [OVERDUE]
    assert given(request, POSTED, OVERDUE).when(NOTE) == []


@pytest.mark.requirement("S3.17")
@pytest.mark.parametrize("then", [TAKEN_UP, PARKED, WITHDRAWN, MET])
def test_nothing_is_overdue_that_is_taken_up_or_waits_for_its_person(then: Event) -> None:
    assert given(request, POSTED, then).when(NOTE) == []


def test_a_programme_on_pause_holds_the_days_for_an_answer() -> None:
    paused = programme_after(adopted(), ProgrammePaused(programme="oslo", paused_at=NOW))
    assert given(request, POSTED).when(replace(NOTE, programme=paused)) == []


@pytest.mark.requirement("S3.17")
def test_who_waited_by_choice_is_answered_as_somebody_who_asks_now() -> None:
    after = NOW + timedelta(days=400)
    [resumed] = given(request, POSTED, PARKED).when(ResumeRequest(programme=V1, now=after))
    assert given(request, POSTED, PARKED, resumed).when(replace(NOTE, now=after)) == []
    [overdue] = given(request, POSTED, OVERDUE, PARKED, resumed).when(replace(NOTE, now=after + timedelta(days=30)))
    assert isinstance(overdue, AnswerOverdue)
    assert overdue.answer_by == date(2027, 4, 20)


@pytest.mark.requirement("S3.3")
def test_a_request_changes_hands_when_the_other_says_yes() -> None:
    assert given(request, POSTED, TAKEN_UP).when(ASK) == [ASKED]
    assert given(request, POSTED, TAKEN_UP, ASKED).state.owner == "staff-1"
    assert given(request, POSTED, TAKEN_UP, ASKED).when(ACCEPT) == [ACCEPTED]
    assert given(request, POSTED, TAKEN_UP, ASKED, ACCEPTED).state.owner == "staff-2"


@pytest.mark.requirement("S3.3")
def test_only_the_owner_asks_and_one_at_a_time() -> None:
    with pytest.raises(NoOwnerYet):
        given(request, POSTED).when(ASK)
    with pytest.raises(NotTheOwner):
        given(request, POSTED, TAKEN_UP).when(replace(ASK, asked_by="staff-3"))
    with pytest.raises(HandOverToOwner):
        given(request, POSTED, TAKEN_UP).when(replace(ASK, to="staff-1"))
    with pytest.raises(HandOverOpen):
        given(request, POSTED, TAKEN_UP, ASKED).when(replace(ASK, to="staff-3"))
    assert given(request, POSTED, TAKEN_UP, ASKED).when(ASK) == []


@pytest.mark.requirement("S3.3")
def test_nobody_answers_for_another_nor_too_late() -> None:
    for command in (
        replace(ACCEPT, accepted_by="staff-3"),
        replace(ACCEPT, now=UNTIL),
        replace(DECLINE, declined_by="staff-3"),
        replace(DECLINE, now=UNTIL),
    ):
        with pytest.raises(NoHandOver):
            given(request, POSTED, TAKEN_UP, ASKED).when(command)


@pytest.mark.requirement("S3.3")
def test_no_answer_is_an_answer_and_the_owner_stays() -> None:
    unanswered = bounced(1).model_copy(update={"reason": "unanswered"})
    history = (POSTED, TAKEN_UP, ASKED)
    assert given(request, *history).when(replace(EXPIRE, now=UNTIL - timedelta(milliseconds=1))) == []
    assert given(request, *history).when(EXPIRE) == [unanswered]
    assert given(request, *history, unanswered).state.owner == "staff-1"
    assert given(request, *history, ACCEPTED).when(EXPIRE) == []
    assert given(request, *history, WITHDRAWN).when(EXPIRE) == []


@pytest.mark.requirement("S3.3")
def test_the_third_bounce_goes_up_in_the_same_commit_and_only_once() -> None:
    history: tuple[Event, ...] = (POSTED, TAKEN_UP)
    for count, expected in enumerate(([bounced(1)], [bounced(2)], [bounced(3), ESCALATED], [bounced(4)]), 1):
        assert given(request, *history, ASKED).when(DECLINE) == expected, count
        history = (*history, ASKED, *expected)
    assert given(request, *history).state.owner == "staff-1"


@pytest.mark.requirement("S3.3")
def test_whoever_takes_it_over_ends_the_matter_until_it_bounces_again() -> None:
    history = (POSTED, TAKEN_UP, ASKED, bounced(3), ESCALATED, ASKED, ACCEPTED)
    assert given(request, *history).state.is_escalated is False
    back = ASKED.model_copy(update={"asked_by": "staff-2", "to": "staff-3"})
    [again, up] = given(request, *history, back).when(replace(DECLINE, declined_by="staff-3"))
    assert (again, up) == (bounced(4).model_copy(update={"to": "staff-3"}), ESCALATED)


def test_a_parked_request_changes_hands_too_and_stays_parked() -> None:
    history = (POSTED, TAKEN_UP, PARKED)
    assert given(request, *history).when(ASK) == [ASKED]
    state = given(request, *history, ASKED, ACCEPTED).state
    assert (state.status.value, state.owner) == ("parked", "staff-2")
