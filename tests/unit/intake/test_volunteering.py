from dataclasses import replace
from datetime import date, timedelta

import pytest

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.base import Event
from contracts.intake import (
    ApprovalLapsed,
    ProgrammeClosed,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerDeclined,
    VolunteerLeft,
)
from services.intake.domain.programme import ProgrammeIsClosed
from services.intake.domain.showing import (
    CertificateExpired,
    CertificateNotAsked,
    NotHappenedYet,
    TextNotInForce,
)
from services.intake.domain.volunteering import Command, Leave, Suspend, volunteering
from services.intake.domain.volunteering_approving import (
    AlreadyApproved,
    Decline,
    FewerThanTwoOptions,
    IsSuspended,
    LivesElsewhere,
    NotApplied,
    OwnApproval,
    RequirementsMissing,
    RoleUnknown,
)
from tests.unit.intake.oslo import NOW, PERSON, TODAY, adopted, policy, programme_after
from tests.unit.intake.volunteers import (
    APPLIED,
    APPLY,
    APPROVE,
    APPROVED,
    CERTIFICATE,
    EVENING,
    FIRST_EVENING,
    HALF_HOUR,
    OPEN,
    OPTIONS,
    READY,
    SHOWN,
    SIGN,
    SIGNED,
    SUSPENDED,
    TALK,
    TALKED,
    V2,
    WHOSE,
)


def missing_after(*history: Event) -> tuple[str, ...]:
    with pytest.raises(RequirementsMissing) as refused:
        given(volunteering, *history).when(APPROVE)
    return refused.value.missing


def test_somebody_applies_and_it_is_kept_where_they_heard_of_it() -> None:
    heard = replace(APPLY, recruitment_source="friend")
    assert given(volunteering).when(heard) == [APPLIED.model_copy(update={"recruitment_source": "friend"})]
    assert given(volunteering, APPLIED).when(APPLY) == []


def test_a_second_role_is_added_to_the_first() -> None:
    both = VolunteerApplied(**WHOSE, roles=("friend", "guide"), applied_at=NOW)
    assert given(volunteering, APPLIED).when(replace(APPLY, roles=("guide",))) == [both]


@pytest.mark.parametrize("roles", [(), ("pilot",), ("friend", "pilot")])
def test_a_role_the_programme_does_not_have_is_refused(roles: tuple[str, ...]) -> None:
    with pytest.raises(RoleUnknown):
        given(volunteering).when(replace(APPLY, roles=roles))


def test_nobody_applies_to_a_closed_programme() -> None:
    closed = programme_after(adopted(), ProgrammeClosed(programme="oslo", closed_on=TODAY, reason="merged"))
    with pytest.raises(ProgrammeIsClosed):
        given(volunteering).when(replace(APPLY, programme=closed))


def test_residents_only_holds_for_those_who_help_too() -> None:
    local = programme_after(adopted(policy(residence={"municipality": "Rudersdal"})))
    with pytest.raises(LivesElsewhere) as refused:
        given(volunteering).when(replace(APPLY, programme=local, resident_until=date.min))
    assert refused.value.options == ("own-municipality", "civil-society")
    assert given(volunteering).when(replace(APPLY, programme=local, resident_until=TODAY)) == [APPLIED]


def test_training_counts_although_nobody_applied() -> None:
    assert given(volunteering).when(FIRST_EVENING) == [EVENING]
    assert missing_after(EVENING, HALF_HOUR, SIGNED, SHOWN, APPLIED) == ("talk",)


def test_eleven_and_a_half_hours_are_not_twelve() -> None:
    with pytest.raises(RequirementsMissing) as refused:
        given(volunteering, APPLIED, EVENING, SIGNED, TALKED).when(APPROVE)
    assert refused.value.missing == ("hours", "certificate")
    assert refused.value.detail == "2 missing; hours attended: 11.5 of 12"


def test_hours_of_several_sessions_add_up_and_everything_shown_leads_to_approval() -> None:
    assert given(volunteering, *READY).when(APPROVE) == [APPROVED]
    assert given(volunteering, *READY, APPROVED).when(APPROVE) == []


def test_a_corrected_attendance_replaces_the_one_before() -> None:
    corrected = EVENING.model_copy(update={"hours": 4.0})
    assert given(volunteering, EVENING).when(replace(FIRST_EVENING, hours=4.0)) == [corrected]
    assert missing_after(*READY, corrected) == ("hours",)


def test_a_correction_that_takes_hours_away_ends_the_approval() -> None:
    corrected = EVENING.model_copy(update={"hours": 4.0})
    assert given(volunteering, *READY, APPROVED).when(replace(FIRST_EVENING, hours=4.0)) == [
        corrected,
        ApprovalLapsed(**WHOSE, roles=("friend",), rule="hours"),
    ]


def test_all_modules_are_needed() -> None:
    one_module = EVENING.model_copy(update={"modules": ("measure",)})
    assert missing_after(APPLIED, one_module, HALF_HOUR, SIGNED, SHOWN, TALKED) == ("modules",)


@pytest.mark.parametrize("outcome", ["not-now", "not-suitable"])
def test_a_talk_counts_when_it_went_well(outcome: str) -> None:
    assert missing_after(*READY, TALKED.model_copy(update={"outcome": outcome})) == ("talk",)


def test_a_certificate_is_good_through_its_last_day() -> None:
    ends_today = SHOWN.model_copy(update={"valid_until": TODAY})
    ended = SHOWN.model_copy(update={"valid_until": TODAY - timedelta(days=1)})
    until_today = APPROVED.model_copy(update={"valid_until": TODAY})
    assert given(volunteering, *READY, ends_today).when(APPROVE) == [until_today]
    assert missing_after(*READY, ended) == ("certificate",)


def test_nobody_looks_at_a_certificate_that_no_role_asks_for() -> None:
    with pytest.raises(CertificateNotAsked):
        given(volunteering).when(replace(CERTIFICATE, kind="health"))


def test_a_certificate_that_had_run_out_when_it_was_seen_does_not_count() -> None:
    with pytest.raises(CertificateExpired):
        given(volunteering).when(replace(CERTIFICATE, valid_until=TODAY - timedelta(days=1)))


def test_only_the_newest_text_is_signed() -> None:
    with pytest.raises(TextNotInForce):
        given(volunteering).when(replace(SIGN, programme=V2))


@pytest.mark.parametrize(
    "command",
    [
        replace(FIRST_EVENING, attended_on=date(2026, 3, 3)),
        replace(SIGN, signed_on=date(2026, 3, 3)),
        replace(CERTIFICATE, seen_on=date(2026, 3, 3)),
        replace(TALK, held_on=date(2026, 3, 3)),
    ],
)
def test_what_lies_in_the_future_does_not_count(command: Command) -> None:
    with pytest.raises(NotHappenedYet):
        given(volunteering).when(command)


def test_a_role_by_registration_is_approved_when_somebody_registers() -> None:
    assert given(volunteering).when(replace(APPLY, programme=OPEN, roles=("member",))) == [
        VolunteerApplied(**WHOSE, roles=("member",), applied_at=NOW),
        VolunteerApproved(**WHOSE, roles=("member",), policy_version=1, approved_by="registration", approved_at=NOW),
    ]


@pytest.mark.parametrize(
    "command", [APPROVE, Decline(rule="full", options=OPTIONS), Suspend(suspended_by="staff-1"), Leave(left_on=TODAY)]
)
def test_nothing_is_decided_about_somebody_nobody_knows(command: Command) -> None:
    with pytest.raises(NotFound):
        given(volunteering).when(command)


@pytest.mark.parametrize("history", [(EVENING,), (APPLIED, VolunteerLeft(**WHOSE, left_on=TODAY))])
def test_who_has_not_applied_is_not_approved(history: tuple[Event, ...]) -> None:
    with pytest.raises(NotApplied):
        given(volunteering, *history).when(APPROVE)


def test_nobody_is_approved_for_a_role_they_did_not_apply_for() -> None:
    with pytest.raises(NotApplied):
        given(volunteering, *READY).when(replace(APPROVE, roles=("guide",)))


def test_nobody_approves_themselves() -> None:
    with pytest.raises(OwnApproval):
        given(volunteering, *READY).when(replace(APPROVE, approver_person_id=PERSON))


def test_leaving_does_not_lift_a_suspension() -> None:
    history = (*READY, APPROVED, SUSPENDED, VolunteerLeft(**WHOSE, left_on=TODAY), APPLIED)
    with pytest.raises(IsSuspended):
        given(volunteering, *history).when(APPROVE)


def test_who_is_declined_gets_two_other_ways() -> None:
    declined = VolunteerDeclined(**WHOSE, rule="not-suitable", options=OPTIONS)
    assert given(volunteering, APPLIED).when(Decline(rule="not-suitable", options=OPTIONS)) == [declined]
    assert given(volunteering, APPLIED, declined).when(Decline(rule="not-suitable", options=OPTIONS)) == []
    with pytest.raises(FewerThanTwoOptions):
        given(volunteering, APPLIED).when(Decline(rule="not-suitable", options=OPTIONS[:1]))


def test_who_is_approved_is_suspended_and_not_declined() -> None:
    with pytest.raises(AlreadyApproved):
        given(volunteering, *READY, APPROVED).when(Decline(rule="not-suitable", options=OPTIONS))


def test_leaving_costs_nothing_and_what_was_shown_stays() -> None:
    left = VolunteerLeft(**WHOSE, left_on=TODAY)
    assert given(volunteering, *READY, APPROVED).when(Leave(left_on=TODAY)) == [left]
    assert given(volunteering, *READY, APPROVED, left).when(Leave(left_on=TODAY)) == []
    assert given(volunteering, *READY, APPROVED, left, APPLIED).when(APPROVE) == [APPROVED]
