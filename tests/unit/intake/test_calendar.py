from datetime import UTC, date, datetime, timedelta

import pytest

from services.intake.domain.calendar import Country, after_working_days, age_on, day_in, days_of, end_of


def test_the_days_of_a_duration_are_the_most_it_can_take() -> None:
    durations = ("PT2H", "P3D", "P2W", "P1M", "P1Y", "P1Y2M3DT4H")
    assert [days_of(duration) for duration in durations] == [0, 3, 14, 31, 366, 431]


def test_somebody_turns_eighteen_on_the_birthday_and_not_a_day_before() -> None:
    born = date(2008, 6, 15)
    assert [age_on(date(2026, 6, 14), born_on=born), age_on(date(2026, 6, 15), born_on=born)] == [17, 18]


def test_who_is_born_on_29_february_has_birthday_on_the_28th_in_other_years() -> None:
    born = date(2004, 2, 29)
    assert [age_on(date(2022, 2, 27), born_on=born), age_on(date(2022, 2, 28), born_on=born)] == [17, 18]


@pytest.mark.parametrize(
    ("country", "start", "last"),
    [
        ("NO", date(2026, 3, 2), date(2026, 3, 16)),  # two ordinary weeks
        ("NO", date(2026, 3, 30), date(2026, 4, 16)),  # over Maundy Thursday, Good Friday and Easter Monday
        ("NO", date(2026, 5, 8), date(2026, 5, 26)),  # over Ascension Day and Whit Monday; 17 May is a Sunday
        ("DK", date(2026, 5, 8), date(2026, 5, 26)),
        ("NO", date(2025, 5, 15), date(2025, 5, 30)),  # 29 May is Ascension Day, 17 May a Saturday
        ("DK", date(2026, 12, 21), date(2027, 1, 6)),  # 25 December and New Year's Day
    ],
)
def test_ten_working_days_skip_weekends_and_the_holidays_of_the_country(
    country: Country, start: date, last: date
) -> None:
    assert after_working_days(start, 10, country=country) == last


def test_a_day_begins_at_midnight_where_the_programme_is() -> None:
    assert day_in("Europe/Oslo", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("zone", "day", "ended_at"),
    [
        ("Europe/Oslo", date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Oslo", date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # summer time began that night
        ("Europe/Copenhagen", date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # a day of 25 hours
        ("Europe/Oslo", date(2026, 12, 31), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_day_is_over_at_midnight_where_it_is(zone: str, day: date, ended_at: datetime) -> None:
    assert end_of(day, zone=zone) == ended_at
    assert [day_in(zone, ended_at), day_in(zone, ended_at - timedelta(milliseconds=1))] == [
        day + timedelta(days=1),
        day,
    ]
