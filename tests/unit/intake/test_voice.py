"""What a person answers when asked, and takes back."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound, Refusal
from chassis.testing import given
from contracts.intake import AnswersGiven, VoiceRedacted
from contracts.sealed import Sealed
from services.intake.domain.voice import (
    AnsweredInFuture,
    AnswersOffScale,
    Command,
    GiveAnswers,
    InstrumentNotInUse,
    InstrumentVersionUnknown,
    RedactVoice,
    voice,
)
from services.intake.instruments import INSTRUMENTS
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

TODAY, NOW = date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=UTC)
ASKED = GiveAnswers(
    person_id="p1",
    programme="oslo",
    instrument="loneliness",
    instrument_version="three-questions",
    moment="start",
    answered_on=TODAY,
    items=(3, 2, 3),
    sealed_items=Sealed("p1", "first"),
    own_words=None,
    in_use=("loneliness",),
    scales=INSTRUMENTS["loneliness"],
    today=TODAY,
)
AGAIN = replace(ASKED, items=(1, 1, 1), sealed_items=Sealed("p1", "second"), own_words=Sealed("p1", "words"))
LATER = replace(ASKED, moment="later", instrument_version="direct-question", items=(5,), answered_on=date(2026, 3, 1))
BACK = RedactVoice("p1", ASKED.answer_id, NOW)
GIVEN = AnswersGiven(
    person_id="p1",
    answer_id=ASKED.answer_id,
    programme="oslo",
    instrument="loneliness",
    instrument_version="three-questions",
    moment="start",
    items=Sealed("p1", "first"),
    least=1,
    most=3,
    answered_on=TODAY,
)
REDACTED = VoiceRedacted(person_id="p1", answer_id=ASKED.answer_id, redacted_at=NOW)
COMMANDS: list[Command] = [ASKED, AGAIN, LATER, BACK, RedactVoice("p1", LATER.answer_id, NOW), replace(ASKED, items=())]


def test_answers_are_kept_under_the_seal_and_the_numbers_go_into_no_event() -> None:
    assert given(voice).when(ASKED) == [GIVEN]


def test_a_second_answer_on_that_day_replaces_the_first_and_one_of_another_moment_or_day_does_not() -> None:
    [replacing] = given(voice, GIVEN).when(AGAIN)
    [beside] = given(voice, GIVEN).when(LATER)
    [next_day] = given(voice, GIVEN).when(replace(ASKED, answered_on=date(2026, 3, 1)))
    assert [*given(voice, GIVEN, replacing).state.answers.values()] == [replacing]
    assert len({*given(voice, GIVEN, replacing, beside, next_day).state.answers}) == 3


@pytest.mark.parametrize("items", [(), (1, 1), (1, 1, 1, 1), (0, 1, 1), (1, 4, 1)])
def test_answers_off_the_scale_are_refused(items: tuple[int, ...]) -> None:
    with pytest.raises(AnswersOffScale):
        given(voice).when(replace(ASKED, items=items))


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(ASKED, in_use=()), InstrumentNotInUse),
        (replace(ASKED, scales={}), InstrumentNotInUse),
        (replace(ASKED, instrument_version="ten-questions"), InstrumentVersionUnknown),
        (replace(ASKED, answered_on=date(2026, 3, 3)), AnsweredInFuture),
    ],
)
def test_an_instrument_that_is_not_asked_with_or_a_day_to_come_is_refused(
    command: Command, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        given(voice).when(command)


def test_what_was_taken_back_is_gone_and_may_be_said_again() -> None:
    assert given(voice, GIVEN).when(BACK) == [REDACTED]
    assert given(voice, GIVEN, REDACTED).when(BACK) == []
    assert given(voice, GIVEN, REDACTED).when(ASKED) == [GIVEN]
    assert given(voice, GIVEN, REDACTED, GIVEN).when(BACK) == [REDACTED]


def test_what_was_never_said_cannot_be_taken_back() -> None:
    with pytest.raises(NotFound):
        given(voice).when(BACK)


@trying(commands=lists(sampled_from(COMMANDS)))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(voice, commands)


@trying(commands=lists(sampled_from(COMMANDS)))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(voice, commands)


def test_every_scale_we_know_has_items_and_a_way_to_go() -> None:
    scales = [scale for versions in INSTRUMENTS.values() for scale in versions.values()]
    assert [scale for scale in scales if scale.items < 1 or scale.least >= scale.most] == []


def test_the_numbers_are_left_out_where_a_command_is_written_out() -> None:
    assert "(3, 2, 3)" not in repr(ASKED)
