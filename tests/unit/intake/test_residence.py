from datetime import date, timedelta

import pytest

from services.intake.domain.residence import Lived, lives_elsewhere, may_stay_until, resident_until
from tests.unit.intake.oslo import policy

HERE = policy(residence={"municipality": "Fjordby", "grace_days": 30})
MOVED = date(2019, 5, 1)
HOME = Lived("Fjordby", date(2015, 1, 1))
AWAY = Lived("Elsewhere", MOVED)


def test_who_lives_here_or_has_not_said_may_take_part_without_end() -> None:
    assert resident_until(HERE, []) is None
    assert resident_until(HERE, [HOME]) is None
    assert resident_until(HERE, [Lived(" fjordby ", MOVED)]) is None
    assert resident_until(policy(), [AWAY]) is None


def test_who_never_lived_here_may_not() -> None:
    assert resident_until(HERE, [AWAY]) == date.min
    assert lives_elsewhere(resident_until(HERE, [AWAY]), MOVED)


@pytest.mark.requirement("S1.24")
def test_who_moves_away_may_take_part_on_day_30_and_not_on_day_31() -> None:
    last_day = resident_until(HERE, [HOME, AWAY])
    assert last_day == date(2019, 5, 31)
    assert [lives_elsewhere(last_day, MOVED + timedelta(days=day)) for day in (0, 30, 31)] == [False, False, True]


def test_the_days_of_grace_begin_with_the_first_day_elsewhere() -> None:
    further = Lived("Further", MOVED + timedelta(days=20))
    assert resident_until(HERE, [HOME, AWAY, further]) == date(2019, 5, 31)


def test_who_comes_back_may_take_part_again_and_who_leaves_again_has_new_days() -> None:
    back = Lived("Fjordby", date(2020, 1, 1))
    again = Lived("Elsewhere", date(2021, 1, 1))
    assert resident_until(HERE, [HOME, AWAY, back]) is None
    assert resident_until(HERE, [HOME, AWAY, back, again]) == date(2021, 1, 31)


def test_a_later_word_about_the_same_day_corrects_the_one_before() -> None:
    assert resident_until(HERE, [HOME, AWAY, Lived("Fjordby", MOVED)]) is None
    assert resident_until(HERE, [HOME, Lived("Fjordby", MOVED), AWAY]) == date(2019, 5, 31)


@pytest.mark.requirement("S1.24")
def test_whose_request_was_taken_before_anybody_said_where_they_live_has_the_days_of_grace() -> None:
    assert may_stay_until(HERE, []) is None
    assert may_stay_until(HERE, [HOME, AWAY]) == may_stay_until(HERE, [AWAY]) == date(2019, 5, 31)
    assert may_stay_until(HERE, [AWAY, Lived("Fjordby", date(2020, 1, 1))]) is None
    assert may_stay_until(policy(), [AWAY]) is None
