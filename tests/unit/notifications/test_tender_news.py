"""How a member wants to hear of tasks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given as for_all
from hypothesis.strategies import builds, just, lists, sampled_from

from chassis.testing import given
from contracts.notifications import TenderNews, TenderNewsWanted
from services.notifications.domain.mornings import next_eight
from services.notifications.domain.tender_news import Command, WantTenderNews, tender_news
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

NOW = datetime(2013, 4, 2, 12, tzinfo=UTC)


def want(how: TenderNews) -> WantTenderNews:
    return WantTenderNews(NOW, "b", "bank", how)


def wanted(how: TenderNews) -> TenderNewsWanted:
    return TenderNewsWanted(person_id="b", programme="bank", how=how, wanted_at=NOW)


def test_a_member_says_how_to_hear() -> None:
    assert given(tender_news).when(want("digest")) == [wanted("digest")]
    assert given(tender_news, wanted("digest")).when(want("at-once")) == [wanted("at-once")]


def test_saying_the_same_twice_changes_nothing() -> None:
    assert given(tender_news, wanted("none")).when(want("none")) == []


@pytest.mark.parametrize(
    ("after", "morning"),
    [
        ("2013-03-30T06:59:59+00:00", "2013-03-30T07:00:00+00:00"),  # a Saturday: members are not at work
        ("2013-03-30T07:00:00+00:00", "2013-03-31T06:00:00+00:00"),  # the clocks went forward in the night
        ("2013-03-30T23:30:00+00:00", "2013-03-31T06:00:00+00:00"),  # past midnight in Copenhagen
    ],
)
def test_a_morning_is_eight_oclock_on_any_day(after: str, morning: str) -> None:
    assert next_eight(datetime.fromisoformat(after), zone="Europe/Copenhagen").isoformat() == morning


_COMMANDS = builds(
    WantTenderNews,
    now=just(NOW),
    person_id=just("b"),
    programme=just("bank"),
    how=sampled_from(("at-once", "digest", "none")),
)


@for_all(lists(_COMMANDS, max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(tender_news, commands)


@for_all(lists(_COMMANDS, max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(tender_news, commands)
