"""Few reminders in a week."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis.strategies import builds, datetimes, just, lists, sampled_from

from chassis.testing import given
from contracts.notifications import NudgeCounted
from services.notifications.domain.nudges import CountNudge, EnoughNudges, nudges
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

NOON = datetime(2020, 2, 29, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def counted(message_id: str, at: datetime = NOON) -> NudgeCounted:
    return NudgeCounted(message_id=message_id, counted_at=at)


THREE = [counted("a"), counted("b"), counted("c", NOON + timedelta(days=1))]


def test_a_reminder_is_counted() -> None:
    assert given(nudges).when(CountNudge("a", NOON)) == [counted("a")]


def test_the_same_reminder_again_is_not_another() -> None:
    assert given(nudges, *THREE).when(CountNudge("a", NOON + timedelta(days=1))) == []


def test_a_fourth_in_the_same_week_is_too_many() -> None:
    with pytest.raises(EnoughNudges):
        given(nudges, *THREE).when(CountNudge("d", NOON + WEEK - timedelta(seconds=1)))


def test_after_a_week_there_is_room_again() -> None:
    assert given(nudges, *THREE).when(CountNudge("d", NOON + WEEK)) == [counted("d", NOON + WEEK)]


_COMMANDS = builds(
    CountNudge,
    message_id=sampled_from("abcdef"),
    now=datetimes(min_value=datetime(2020, 2, 20), max_value=datetime(2020, 3, 20), timezones=just(UTC)),  # noqa: DTZ001
)


@for_all(lists(_COMMANDS, max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[CountNudge]) -> None:
    repeating_changes_nothing(nudges, commands)


@for_all(lists(_COMMANDS, max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[CountNudge]) -> None:
    history_folds_from_storage(nudges, commands)
