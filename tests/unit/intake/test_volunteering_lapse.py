from dataclasses import replace
from datetime import date, timedelta

import pytest

from chassis.testing import given
from contracts.intake import (
    ApprovalLapsed,
    TrainingAttended,
    VolunteerApproved,
    VolunteerReinstated,
)
from services.intake.domain.volunteering import Reassess, Reinstate, Suspend, volunteering
from services.intake.domain.volunteering_approving import IsSuspended, LivesElsewhere
from tests.unit.intake.oslo import NOW, TODAY, adopted, policy, programme_after
from tests.unit.intake.volunteers import (
    APPLIED,
    APPROVE,
    APPROVED,
    DUE,
    FIRST_EVENING,
    LAPSED,
    NEW_TEXT,
    READY,
    SIGN,
    SIGNED,
    SUSPENDED,
    V1,
    V2,
    WHOSE,
)


def test_an_approval_holds_against_a_new_policy_that_asks_nothing_new() -> None:
    wider = programme_after(adopted(), adopted(policy(capacity=2), version=2))
    again = APPROVED.model_copy(update={"policy_version": 2})
    assert given(volunteering, *READY, APPROVED).when(Reassess(programme=wider, now=NOW)) == [again]


def test_a_new_text_is_signed_within_its_days_or_the_approval_lapses() -> None:
    history = given(volunteering, *READY, APPROVED)
    assert history.when(Reassess(programme=V2, now=NOW)) == [DUE]
    asked = given(volunteering, *READY, APPROVED, DUE)
    assert asked.when(Reassess(programme=V2, now=NOW + timedelta(days=30))) == []
    assert asked.when(Reassess(programme=V2, now=NOW + timedelta(days=31))) == [LAPSED]
    assert history.when(Reassess(programme=V2, now=NOW + timedelta(days=31))) == [LAPSED]


@pytest.mark.requirement("S2.24")
def test_a_day_to_sign_that_was_told_does_not_move_when_the_policy_changes_again() -> None:
    wider = policy(**{**NEW_TEXT.model_dump(), "capacity": 2})
    later = programme_after(adopted(), adopted(NEW_TEXT, version=2), adopted(wider, version=3, on=date(2026, 3, 20)))
    asked = given(volunteering, *READY, APPROVED, DUE)
    assert asked.when(Reassess(programme=later, now=NOW + timedelta(days=30))) == []
    assert asked.when(Reassess(programme=later, now=NOW + timedelta(days=31))) == [LAPSED]


@pytest.mark.requirement("S2.24", "S2.27")
def test_the_approval_is_an_old_one_until_the_text_is_signed_and_then_a_new_one_at_once() -> None:
    asked = given(volunteering, *READY, APPROVED, DUE)
    assert asked.state.approval == APPROVED
    signed, again = asked.when(replace(SIGN, programme=V2, text_version="v2"))
    assert again == APPROVED.model_copy(update={"policy_version": 2})
    assert given(volunteering, *READY, APPROVED, DUE, signed, again).state.due is None


def test_signing_the_new_text_renews_the_approval_also_after_it_lapsed() -> None:
    sign = replace(SIGN, programme=V2, text_version="v2")
    signed = SIGNED.model_copy(update={"text_version": "v2"})
    again = APPROVED.model_copy(update={"policy_version": 2})
    assert given(volunteering, *READY, APPROVED).when(sign) == [signed, again]
    assert given(volunteering, *READY, APPROVED, LAPSED).when(sign) == [signed, again]


def test_an_approval_lapses_on_the_day_after_the_certificate_ran_out() -> None:
    history = given(volunteering, *READY, APPROVED)
    assert history.when(Reassess(programme=V1, now=NOW.replace(year=2027))) == []
    assert history.when(Reassess(programme=V1, now=NOW.replace(year=2027) + timedelta(days=1))) == [
        ApprovalLapsed(**WHOSE, roles=("friend",), rule="certificate")
    ]


def test_where_one_of_two_roles_lapses_the_other_is_said_again() -> None:
    both = APPROVED.model_copy(update={"roles": ("friend", "guide")})
    applied = APPLIED.model_copy(update={"roles": ("friend", "guide")})
    history = given(volunteering, applied, *READY[1:], both)
    assert history.when(Reassess(programme=V2, now=NOW + timedelta(days=31))) == [
        LAPSED,
        VolunteerApproved(
            **WHOSE,
            roles=("guide",),
            policy_version=2,
            approved_by="staff-1",
            approved_at=NOW + timedelta(days=31),
        ),
    ]


def test_a_role_that_the_programme_gave_up_lapses() -> None:
    without = programme_after(adopted(), adopted(policy(roles={"guide": {"hours": 3}}), version=2))
    assert given(volunteering, *READY, APPROVED).when(Reassess(programme=without, now=NOW + timedelta(days=31))) == [
        ApprovalLapsed(**WHOSE, roles=("friend",), rule="role_unknown")
    ]


def test_a_suspension_stops_approval_until_it_is_taken_back() -> None:
    assert given(volunteering, *READY, APPROVED).when(Suspend(suspended_by="staff-1")) == [SUSPENDED]
    assert given(volunteering, *READY, APPROVED, SUSPENDED).when(Suspend(suspended_by="staff-1")) == []
    with pytest.raises(IsSuspended):
        given(volunteering, *READY, SUSPENDED).when(APPROVE)


def test_reinstating_says_an_approval_that_holds_once_more() -> None:
    reinstate = Reinstate(programme=V1, reinstated_by="staff-2", now=NOW)
    reinstated = VolunteerReinstated(**WHOSE, reinstated_by="staff-2")
    assert given(volunteering, *READY, APPROVED, SUSPENDED).when(reinstate) == [reinstated, APPROVED]
    assert given(volunteering, *READY, SUSPENDED).when(reinstate) == [reinstated]
    assert given(volunteering, *READY).when(reinstate) == []


def test_reinstating_after_the_certificate_ran_out_ends_the_approval() -> None:
    late = Reinstate(programme=V1, reinstated_by="staff-2", now=NOW.replace(year=2028))
    assert given(volunteering, *READY, APPROVED, SUSPENDED).when(late) == [
        VolunteerReinstated(**WHOSE, reinstated_by="staff-2"),
        ApprovalLapsed(**WHOSE, roles=("friend",), rule="certificate"),
    ]


@pytest.mark.requirement("S2.24", "S2.27")
def test_who_signs_while_suspended_is_approved_under_the_new_rules_at_the_reinstatement() -> None:
    sign = replace(SIGN, programme=V2, text_version="v2")
    signed = SIGNED.model_copy(update={"text_version": "v2"})
    assert given(volunteering, *READY, APPROVED, DUE, SUSPENDED).when(sign) == [signed]
    back = Reinstate(programme=V2, reinstated_by="staff-2", now=NOW)
    assert given(volunteering, *READY, APPROVED, DUE, SUSPENDED, signed).when(back) == [
        VolunteerReinstated(**WHOSE, reinstated_by="staff-2"),
        APPROVED.model_copy(update={"policy_version": 2}),
    ]


@pytest.mark.requirement("S1.24")
def test_who_moves_away_is_approved_for_the_days_of_grace_and_no_longer() -> None:
    last_day = TODAY + timedelta(days=30)
    moved = Reassess(programme=V1, now=NOW, resident_until=last_day)
    limited = APPROVED.model_copy(update={"valid_until": last_day})
    assert given(volunteering, *READY, APPROVED).when(moved) == [limited]
    history = given(volunteering, *READY, limited)
    assert history.when(replace(moved, now=NOW + timedelta(days=30))) == []
    lapsed = ApprovalLapsed(**WHOSE, roles=("friend",), rule="residents_only")
    assert history.when(replace(moved, now=NOW + timedelta(days=31))) == [lapsed]


@pytest.mark.requirement("S1.24")
def test_who_comes_back_is_approved_again_and_showing_something_from_elsewhere_changes_nothing() -> None:
    lapsed = ApprovalLapsed(**WHOSE, roles=("friend",), rule="residents_only")
    history = given(volunteering, *READY, APPROVED, lapsed)
    assert history.when(Reassess(programme=V1, now=NOW)) == [APPROVED]
    away = TODAY - timedelta(days=1)
    shown = history.when(replace(FIRST_EVENING, session="evening-3", resident_until=away))
    assert [type(event) for event in shown] == [TrainingAttended]
    with pytest.raises(LivesElsewhere):
        history.when(replace(APPROVE, resident_until=away))
    back = Reinstate(programme=V1, reinstated_by="staff-2", now=NOW, resident_until=away)
    reinstated = VolunteerReinstated(**WHOSE, reinstated_by="staff-2")
    assert given(volunteering, *READY, APPROVED, SUSPENDED).when(back) == [reinstated, lapsed]
