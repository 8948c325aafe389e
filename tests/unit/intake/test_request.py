from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.base import Event
from contracts.intake import (
    Option,
    ProgrammePaused,
    ReferralReceived,
    RequestDeclined,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
)
from services.intake.domain.eligibility import ProgrammeOnPause, Wish
from services.intake.domain.request import (
    Command,
    MeetRequest,
    NoteOverdue,
    ParkRequest,
    ReassessResidence,
    RequestIsOver,
    RequestIsParked,
    RequestIsTakenUp,
    ResumeRequest,
    TakeUpRequest,
    WithdrawRequest,
    request,
)
from services.intake.domain.request_amending import AmendRequest
from services.intake.domain.request_hand_over import AcceptHandOver, AskHandOver, DeclineHandOver, ExpireHandOver
from services.intake.domain.request_posting import NeededInFuture, PostRequest, Referred, SupportFormUnknown
from services.intake.domain.request_state import Status
from tests.unit.intake.oslo import NOW, PERSON, TODAY, adopted, policy, programme_after, sealed, sealed_wishes
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

LATER = NOW + timedelta(hours=3)
WISH = Wish(origin="staff", today=TODAY, age=40, gates={"acute_over": True})
POST = PostRequest(
    request_id="request-1",
    person_id=PERSON,
    programme=programme_after(adopted()),
    wish=WISH,
    what=sealed("what"),
    entered_by="staff-1",
    now=NOW,
    wording={"acute-help": "Acute help, day and night", "civil-society": "A voluntary organisation near you"},
)
REFERRED = replace(
    POST,
    wish=replace(WISH, origin="referral"),
    referred=Referred(sender="/shelter", referral_id=sealed("number")),
)
TOO_EARLY = replace(REFERRED, wish=replace(REFERRED.wish, gates={"acute_over": False}))
ON_PAUSE = programme_after(adopted(), ProgrammePaused(programme="oslo", paused_at=NOW))

RECEIVED = ReferralReceived(
    request_id="request-1",
    person_id=PERSON,
    programme="oslo",
    sender="/shelter",
    referral_id=sealed("number"),
    received_at=NOW,
)
POSTED = RequestPosted(
    request_id="request-1",
    person_id=PERSON,
    programme="oslo",
    origin="staff",
    entered_by="staff-1",
    posted_at=NOW,
    needed_since=TODAY,
    answer_by=date(2026, 3, 16),
    answer_until=datetime(2026, 3, 16, 23, tzinfo=UTC),
    policy_version=1,
    what=sealed("what"),
)
DECLINED = RequestDeclined(
    request_id="request-1",
    person_id=PERSON,
    programme="oslo",
    rule="gate_not_confirmed",
    gate="acute_over",
    options=(
        Option(code="acute-help", text="Acute help, day and night"),
        Option(code="ask-later", text="ask later"),
        Option(code="civil-society", text="A voluntary organisation near you"),
    ),
    declined_at=NOW,
)
TAKEN_UP = RequestTakenUp(request_id="request-1", owner="staff-1", taken_up_at=LATER)
PARKED = RequestParked(request_id="request-1", programme="oslo", parked_at=LATER)
RESUMED = RequestResumed(
    request_id="request-1",
    programme="oslo",
    resumed_at=LATER,
    answer_by=date(2026, 3, 16),
    answer_until=datetime(2026, 3, 16, 23, tzinfo=UTC),
)
WITHDRAWN = RequestWithdrawn(request_id="request-1", programme="oslo", withdrawn_at=LATER)
MET = RequestMet(request_id="request-1", programme="oslo", how="by-match", met_at=LATER, match_id="match-1")

TAKE_UP = TakeUpRequest(owner="staff-1", now=LATER)
RESUME = ResumeRequest(programme=POST.programme, now=LATER)
MEET = MeetRequest(how="by-match", now=LATER, match_id="match-1")
COMMANDS: list[Command] = [
    POST,
    REFERRED,
    TOO_EARLY,
    replace(POST, programme=ON_PAUSE),
    TAKE_UP,
    TakeUpRequest(owner="staff-2", now=LATER),
    ParkRequest(now=LATER),
    RESUME,
    WithdrawRequest(now=LATER),
    ReassessResidence(programme=POST.programme, now=LATER, resident_until=TODAY - timedelta(days=1)),
    MEET,
    AmendRequest(programme=POST.programme, now=LATER, latest_date=date(2026, 6, 1)),
    AmendRequest(programme=POST.programme, now=LATER, clears_latest_date=True),
    AmendRequest(programme=POST.programme, now=LATER, what=sealed("more"), wishes=sealed_wishes()),
    NoteOverdue(programme=POST.programme, now=NOW + timedelta(days=30)),
    AskHandOver(programme=POST.programme, asked_by="staff-1", to="staff-2", now=LATER),
    AskHandOver(programme=POST.programme, asked_by="staff-2", to="staff-1", now=LATER),
    AcceptHandOver(accepted_by="staff-2", now=LATER),
    DeclineHandOver(programme=POST.programme, declined_by="staff-2", now=LATER),
    DeclineHandOver(programme=POST.programme, declined_by="staff-1", now=LATER),
    ExpireHandOver(programme=POST.programme, now=NOW + timedelta(days=30)),
]


def test_a_wish_that_meets_every_rule_is_posted_with_the_day_by_which_it_is_answered() -> None:
    assert given(request).when(POST) == [POSTED]


def test_waiting_began_when_it_was_needed_not_when_it_was_typed_in() -> None:
    since = date(2026, 1, 15)
    assert given(request).when(replace(POST, needed_since=since)) == [POSTED.model_copy(update={"needed_since": since})]


def test_waiting_does_not_begin_in_the_future() -> None:
    with pytest.raises(NeededInFuture):
        given(request).when(replace(POST, needed_since=TODAY + timedelta(days=1)))


@pytest.mark.requirement("S2.18")
def test_a_programme_that_names_its_support_gives_several_forms_and_no_other() -> None:
    named = programme_after(adopted(policy(support_forms=["talk", "norwegian", "guide", "friend"])))
    two = replace(POST, programme=named, wishes=sealed_wishes(), support_forms=("talk", "guide"))
    assert given(request).when(two) == [POSTED.model_copy(update={"wishes": two.wishes})]
    with pytest.raises(SupportFormUnknown):
        given(request).when(replace(two, support_forms=("talk", "therapy")))
    assert given(request).when(replace(two, programme=POST.programme)) != []


def test_a_referral_keeps_the_senders_number_under_the_seal() -> None:
    assert given(request).when(REFERRED) == [RECEIVED, POSTED.model_copy(update={"origin": "referral"})]


def test_the_same_referral_again_is_the_same_request() -> None:
    assert given(request, RECEIVED, POSTED).when(replace(REFERRED, now=LATER, what=sealed("other"))) == []


def test_a_decline_is_recorded_with_its_rule_and_the_ways_that_stay_open() -> None:
    assert given(request).when(TOO_EARLY) == [RECEIVED, DECLINED]


def test_a_declined_referral_that_comes_again_stays_declined() -> None:
    assert given(request, RECEIVED, DECLINED).when(REFERRED) == []


def test_a_pause_is_no_reason_to_record_anything_about_who_asks() -> None:
    with pytest.raises(ProgrammeOnPause):
        given(request).when(replace(POST, programme=ON_PAUSE))


def test_a_pause_still_answers_a_referral() -> None:
    events = given(request).when(replace(REFERRED, programme=ON_PAUSE))
    assert [(event.event_type, getattr(event, "rule", None)) for event in events] == [
        ("intake.referral-received", None),
        ("intake.request-declined", "programme_paused"),
    ]


def test_a_request_has_one_owner() -> None:
    assert given(request, POSTED).when(TAKE_UP) == [TAKEN_UP]
    assert given(request, POSTED, TAKEN_UP).when(TAKE_UP) == []
    with pytest.raises(RequestIsTakenUp):
        given(request, POSTED, TAKEN_UP).when(TakeUpRequest(owner="staff-2", now=LATER))


def test_a_parked_request_waits_for_the_person() -> None:
    assert given(request, POSTED).when(ParkRequest(now=LATER)) == [PARKED]
    assert given(request, POSTED, PARKED).when(ParkRequest(now=LATER)) == []
    with pytest.raises(RequestIsParked):
        given(request, POSTED, PARKED).when(TAKE_UP)


def test_a_resumed_request_has_the_owner_it_had() -> None:
    assert given(request, POSTED, TAKEN_UP, PARKED).when(RESUME) == [RESUMED]
    assert given(request, POSTED, TAKEN_UP, PARKED, RESUMED).state.status is Status.TAKEN_UP
    assert given(request, POSTED).when(RESUME) == []


def test_withdrawing_needs_no_reason_and_is_said_once() -> None:
    assert given(request, POSTED, PARKED).when(WithdrawRequest(now=LATER)) == [WITHDRAWN]
    assert given(request, POSTED, WITHDRAWN).when(WithdrawRequest(now=LATER)) == []


@pytest.mark.requirement("S1.24", "S3.40")
@pytest.mark.parametrize("history", [[POSTED], [POSTED, TAKEN_UP], [POSTED, PARKED]])
def test_an_open_request_ends_after_the_last_day_on_which_its_person_may_take_part(history: list[Event]) -> None:
    last_day = TODAY + timedelta(days=30)
    ask = ReassessResidence(programme=POST.programme, now=NOW + timedelta(days=30), resident_until=last_day)
    assert given(request, *history).when(ask) == []
    assert given(request, *history).when(replace(ask, now=NOW + timedelta(days=400), resident_until=None)) == []
    over = replace(ask, now=NOW + timedelta(days=31), wording=POST.wording)
    ended = RequestWithdrawn(
        request_id="request-1",
        programme="oslo",
        withdrawn_at=over.now,
        rule="residents_only",
        options=(
            Option(code="own-municipality", text="own municipality"),
            Option(code="civil-society", text="A voluntary organisation near you"),
        ),
    )
    assert given(request, *history).when(over) == [ended]
    assert given(request, *history, ended).when(over) == []
    state = given(request, *history, ended).state
    assert (state.status, state.rule, state.options) == (Status.WITHDRAWN, "residents_only", ended.options)


@pytest.mark.requirement("S1.24")
@pytest.mark.parametrize("end", [WITHDRAWN, MET, DECLINED])
def test_where_somebody_lives_changes_nothing_of_a_request_that_has_ended(end: Event) -> None:
    ask = ReassessResidence(programme=POST.programme, now=LATER, resident_until=TODAY - timedelta(days=1))
    assert given(request, POSTED, end).when(ask) == []


def test_a_match_meets_the_request_once() -> None:
    assert given(request, POSTED, TAKEN_UP).when(MEET) == [MET]
    assert given(request, POSTED, MET).when(MEET) == []


@pytest.mark.parametrize("command", [TAKE_UP, ParkRequest(now=LATER), RESUME, MEET])
def test_an_ended_request_stays_ended(command: Command) -> None:
    with pytest.raises(RequestIsOver):
        given(request, POSTED, WITHDRAWN).when(command)


@pytest.mark.parametrize("command", COMMANDS[4:])
def test_what_was_never_asked_can_be_neither_taken_up_nor_ended(command: Command) -> None:
    with pytest.raises(NotFound):
        given(request).when(command)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(request, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(request, commands)
