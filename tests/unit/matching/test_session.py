"""What a session decides, as sentences."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from chassis.refusal import Refusal
from chassis.testing import given
from services.matching.domain.session import Session, session
from services.matching.domain.session_commands import (
    AlreadyCounted,
    AnsweredAlready,
    BeginsInThePast,
    CallOff,
    Command,
    EndsBeforeItBegins,
    Full,
    HoldSession,
    NotBegun,
    NotHeld,
    NotPublished,
    NotSignedUp,
    SessionBegun,
    SessionNotFound,
    SessionOver,
    SignUp,
    WithdrawSignUp,
)
from tests.unit.matching.activities import (
    BEGINS,
    ENDS,
    called_off,
    enrolled,
    feedback,
    feedback_given,
    schedule,
    scheduled,
    session_held,
    sign_up,
    withdrawn,
)

HOLD = HoldSession(14, ENDS)


@pytest.mark.requirement("S1.19")
def test_a_session_is_scheduled_signed_up_for_and_held() -> None:
    assert given(session).when(schedule()) == [scheduled()]
    assert given(session, scheduled()).when(sign_up("a")) == [enrolled("a")]
    assert given(session, scheduled(), enrolled("a")).when(HOLD) == [session_held()]


@pytest.mark.parametrize(
    ("different", "refusal"),
    [
        ({"ends_at": BEGINS}, EndsBeforeItBegins),
        ({"ends_at": BEGINS + timedelta(days=2)}, EndsBeforeItBegins),
        ({"is_published": False}, NotPublished),
        ({"now": BEGINS}, BeginsInThePast),
    ],
)
def test_a_session_is_not_scheduled_by_rule(different: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        given(session).when(schedule(**different))


@pytest.mark.requirement("S1.19")
def test_who_finds_no_place_hears_of_other_ways() -> None:
    with pytest.raises(Full) as refused:
        given(session, scheduled(), enrolled("a"), enrolled("b")).when(sign_up("c"))
    assert refused.value.options == ("other-session", "ask-coordinator")
    assert given(session, scheduled(places=None), enrolled("a"), enrolled("b")).when(sign_up("c")) == [enrolled("c")]


@pytest.mark.requirement("S3.69")
def test_withdrawing_is_free_and_gives_the_place_to_somebody_else() -> None:
    taken = given(session, scheduled(places=1), enrolled("a"))
    assert taken.when(WithdrawSignUp("a")) == [withdrawn("a")]
    free = given(session, scheduled(places=1), enrolled("a"), withdrawn("a"))
    assert free.when(WithdrawSignUp("a")) == []
    assert free.when(sign_up("b")) == [enrolled("b")]
    assert free.when(sign_up("a")) == [enrolled("a")]


def test_who_signs_up_twice_takes_one_place() -> None:
    assert given(session, scheduled(places=1), enrolled("a")).when(sign_up("a")) == []


def test_sign_up_ends_when_it_begins() -> None:
    with pytest.raises(SessionBegun):
        given(session, scheduled()).when(SignUp("a", BEGINS))


@pytest.mark.requirement("S3.16")
def test_more_may_come_than_had_signed_up_and_they_are_only_counted() -> None:
    assert given(session, scheduled(places=1), enrolled("a")).when(HOLD) == [session_held(14)]
    held = given(session, scheduled(), session_held())
    assert held.when(HOLD) == []
    with pytest.raises(AlreadyCounted):
        held.when(HoldSession(15, ENDS))


def test_heads_are_not_counted_before_it_begins() -> None:
    with pytest.raises(NotBegun):
        given(session, scheduled()).when(HoldSession(0, BEGINS - timedelta(seconds=1)))


@pytest.mark.requirement("S1.23")
def test_two_short_answers_are_given_afterwards_by_who_had_signed_up() -> None:
    held = given(session, scheduled(), enrolled("a"), session_held())
    assert held.when(feedback()) == [feedback_given()]
    with pytest.raises(NotSignedUp):
        held.when(feedback(person_id="stranger"))
    assert held.when(feedback("paper-1", None)) == [feedback_given("paper-1")]
    with pytest.raises(NotHeld):
        given(session, scheduled(), enrolled("a")).when(feedback())


@pytest.mark.requirement("S1.23")
def test_each_answers_once_and_nobody_is_named_in_it() -> None:
    answered = given(session, scheduled(), enrolled("a"), session_held(), feedback_given())
    assert answered.when(feedback()) == []
    with pytest.raises(AnsweredAlready):
        answered.when(feedback(good=False))
    assert "person_id" not in type(feedback_given()).model_fields


def test_a_session_is_called_off_once_and_not_after_it_was_held() -> None:
    assert given(session, scheduled()).when(CallOff()) == [called_off()]
    off = given(session, scheduled(), enrolled("a"), called_off())
    assert off.when(CallOff()) == []
    for command in (sign_up("b"), WithdrawSignUp("a"), HOLD):
        with pytest.raises(SessionOver):
            off.when(command)
    with pytest.raises(SessionOver):
        given(session, scheduled(), session_held()).when(CallOff())


def test_what_was_never_scheduled_is_absent() -> None:
    for command in (sign_up("a"), WithdrawSignUp("a"), HOLD, feedback(), CallOff()):
        with pytest.raises(SessionNotFound):
            given(session).when(command)


COMMANDS: list[Command] = [
    schedule(),
    *(sign_up(name) for name in "abcd"),
    *(WithdrawSignUp(name) for name in "abcd"),
    HOLD,
    CallOff(),
]


@for_all(st.lists(st.sampled_from(COMMANDS), max_size=40))
def test_never_more_have_signed_up_than_there_are_places(commands: list[Command]) -> None:
    state = Session()
    for command in commands:
        try:
            state = session.fold(session.decide(command, state), state)
        except Refusal:
            continue
        assert state.places is None or len(state.enrolled) <= state.places
