from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.base import Event
from contracts.intake import (
    ApprovalLapsed,
    CertificateShown,
    ConfidentialitySigned,
    InterviewHeld,
    Option,
    ProgrammeClosed,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerDeclined,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from services.intake.domain.programme import ProgrammeIsClosed
from services.intake.domain.showing import (
    AttendTraining,
    CertificateExpired,
    CertificateNotAsked,
    HoldInterview,
    NotHappenedYet,
    ShowCertificate,
    SignConfidentiality,
    TextNotInForce,
)
from services.intake.domain.volunteering import (
    AlreadyApproved,
    Apply,
    Approve,
    Command,
    Decline,
    FewerThanTwoOptions,
    IsSuspended,
    Leave,
    LivesElsewhere,
    NotApplied,
    OwnApproval,
    Reassess,
    Reinstate,
    RequirementsMissing,
    RoleUnknown,
    Suspend,
    volunteering,
)
from tests.unit.intake.oslo import NOW, PAIRING, PERSON, TODAY, adopted, policy, programme_after
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

V1 = programme_after(adopted())
NEW_TEXT = policy(roles={**PAIRING["roles"], "friend": {**PAIRING["roles"]["friend"], "confidentiality": "v2"}})
V2 = programme_after(adopted(), adopted(NEW_TEXT, version=2))
OPEN = programme_after(adopted(policy(roles={"member": {"approval": "registration"}}, registration_reason="equals")))
WHOSE: Any = {"person_id": PERSON, "programme": "oslo"}
OPTIONS = (Option(code="civil-society", text="A club"), Option(code="ask-later", text="Ask later"))

APPLY = Apply(person_id=PERSON, programme=V1, roles=("friend",), now=NOW)
FIRST_EVENING = AttendTraining(
    **{**WHOSE, "programme": V1},
    session="evening-1",
    hours=11.5,
    modules=("measure", "role"),
    attended_on=TODAY,
    now=NOW,
)
SIGN = SignConfidentiality(person_id=PERSON, programme=V1, text_version="v1", signed_on=TODAY, now=NOW)
CERTIFICATE = ShowCertificate(
    person_id=PERSON,
    programme=V1,
    kind="police",
    purpose="volunteer with survivors",
    seen_by="staff-1",
    seen_on=TODAY,
    valid_until=date(2027, 3, 2),
    now=NOW,
)
TALK = HoldInterview(person_id=PERSON, programme=V1, held_by="staff-1", held_on=TODAY, outcome="suitable", now=NOW)
APPROVE = Approve(programme=V1, approved_by="staff-1", now=NOW)

APPLIED = VolunteerApplied(**WHOSE, roles=("friend",), applied_at=NOW)
EVENING = TrainingAttended(**WHOSE, session="evening-1", hours=11.5, modules=("measure", "role"), attended_on=TODAY)
HALF_HOUR = TrainingAttended(**WHOSE, session="evening-2", hours=0.5, attended_on=TODAY)
SIGNED = ConfidentialitySigned(**WHOSE, text_version="v1", signed_on=TODAY)
SHOWN = CertificateShown(
    **WHOSE,
    kind="police",
    purpose="volunteer with survivors",
    seen_by="staff-1",
    seen_on=TODAY,
    valid_until=date(2027, 3, 2),
)
TALKED = InterviewHeld(**WHOSE, held_by="staff-1", held_on=TODAY, outcome="suitable")
APPROVED = VolunteerApproved(
    **WHOSE,
    roles=("friend",),
    policy_version=1,
    approved_by="staff-1",
    approved_at=NOW,
    valid_until=date(2027, 3, 2),
)
READY: tuple[Event, ...] = (APPLIED, EVENING, HALF_HOUR, SIGNED, SHOWN, TALKED)
SUSPENDED = VolunteerSuspended(**WHOSE, suspended_by="staff-1")
LAPSED = ApprovalLapsed(**WHOSE, roles=("friend",), rule="confidentiality")


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
        given(volunteering).when(replace(APPLY, programme=local, municipality="Gentofte"))
    assert refused.value.options == ("own-municipality", "civil-society")
    assert given(volunteering).when(replace(APPLY, programme=local, municipality="Rudersdal")) == [APPLIED]


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


def test_an_approval_holds_against_a_new_policy_that_asks_nothing_new() -> None:
    wider = programme_after(adopted(), adopted(policy(capacity=2), version=2))
    again = APPROVED.model_copy(update={"policy_version": 2})
    assert given(volunteering, *READY, APPROVED).when(Reassess(programme=wider, now=NOW)) == [again]


def test_a_new_text_is_signed_within_its_days_or_the_approval_lapses() -> None:
    history = given(volunteering, *READY, APPROVED)
    assert history.when(Reassess(programme=V2, now=NOW + timedelta(days=29))) == []
    assert history.when(Reassess(programme=V2, now=NOW + timedelta(days=30))) == [LAPSED]


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
    assert history.when(Reassess(programme=V2, now=NOW + timedelta(days=30))) == [
        LAPSED,
        VolunteerApproved(
            **WHOSE,
            roles=("guide",),
            policy_version=2,
            approved_by="staff-1",
            approved_at=NOW + timedelta(days=30),
        ),
    ]


def test_a_role_that_the_programme_gave_up_lapses() -> None:
    without = programme_after(adopted(), adopted(policy(roles={"guide": {"hours": 3}}), version=2))
    assert given(volunteering, *READY, APPROVED).when(Reassess(programme=without, now=NOW + timedelta(days=30))) == [
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


COMMANDS: list[Command] = [
    APPLY,
    replace(APPLY, roles=("guide",)),
    replace(APPLY, programme=OPEN, roles=("member",)),
    FIRST_EVENING,
    replace(FIRST_EVENING, session="evening-2"),
    replace(FIRST_EVENING, session="evening-2", hours=0.5),
    SIGN,
    replace(SIGN, programme=V2, text_version="v2"),
    CERTIFICATE,
    replace(CERTIFICATE, valid_until=TODAY),
    TALK,
    replace(TALK, outcome="not-suitable"),
    APPROVE,
    replace(APPROVE, programme=V2),
    Decline(rule="not-suitable", options=OPTIONS),
    Suspend(suspended_by="staff-1"),
    Reinstate(programme=V1, reinstated_by="staff-2", now=NOW),
    Reinstate(programme=V2, reinstated_by="staff-2", now=NOW + timedelta(days=40)),
    Reassess(programme=V1, now=NOW.replace(year=2028)),
    Reassess(programme=V2, now=NOW),
    Reassess(programme=V2, now=NOW + timedelta(days=40)),
    Leave(left_on=TODAY),
]
READY_COMMANDS: list[Command] = [APPLY, FIRST_EVENING, COMMANDS[4], SIGN, CERTIFICATE, TALK, APPROVE]


@trying(commands=lists(sampled_from(COMMANDS), max_size=15))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(volunteering, commands)
    repeating_changes_nothing(volunteering, [*READY_COMMANDS, *commands])


@trying(commands=lists(sampled_from(COMMANDS), max_size=15))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(volunteering, commands)
    history_folds_from_storage(volunteering, [*READY_COMMANDS, *commands])
