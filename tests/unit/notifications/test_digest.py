"""A coordinator's digest: on working mornings, once, and never after it was unwanted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis.strategies import builds, datetimes, just, lists, one_of, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.notifications import Counts, DigestLooked, DigestUnwanted, DigestWanted
from contracts.sealed import Sealed
from services.notifications.domain.digest import Command, LookAround, UnwantDigest, WantDigest, digest
from services.notifications.domain.mornings import next_morning
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

FRIDAY = datetime(2026, 3, 27, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 30, 6, tzinfo=UTC)  # the clocks went forward in between
TUESDAY = MONDAY + timedelta(days=1)
MAIL: Sealed[str] = Sealed("c", "x")
AFTER_EASTER = datetime(2026, 4, 7, 6, tzinfo=UTC)  # Maundy Thursday to Easter Monday are holidays
WANT = WantDigest(FRIDAY, "c", "oslo", "nb", MAIL, "Europe/Oslo", "NO")
WANTED = DigestWanted(recipient_id="c", programme="oslo", language="nb", email=MAIL, wanted_at=FRIDAY, next_at=MONDAY)
UNWANTED = DigestUnwanted(recipient_id="c", programme="oslo", unwanted_at=FRIDAY)


def look(now: datetime) -> LookAround:
    return LookAround(now, Counts(talks=1), "Europe/Oslo", "NO")


def looked(at: datetime, next_at: datetime) -> DigestLooked:
    return DigestLooked(recipient_id="c", programme="oslo", looked_at=at, counts=Counts(talks=1), next_at=next_at)


def test_the_first_digest_comes_on_the_next_working_morning() -> None:
    assert given(digest).when(WANT) == [WANTED]


def test_wanting_the_same_twice_changes_nothing() -> None:
    assert given(digest, WANTED).when(WANT) == []


def test_it_looks_once_in_a_morning() -> None:
    assert given(digest, WANTED).when(look(MONDAY)) == [looked(MONDAY, TUESDAY)]
    assert given(digest, WANTED, looked(MONDAY, TUESDAY)).when(look(MONDAY)) == []


def test_it_does_not_look_before_the_morning() -> None:
    assert given(digest, WANTED).when(look(MONDAY - timedelta(seconds=1))) == []


def test_mornings_that_passed_unseen_are_not_made_up_for() -> None:
    late = MONDAY + timedelta(days=2, hours=3)
    assert given(digest, WANTED).when(look(late)) == [looked(late, AFTER_EASTER)]


def test_unwanted_it_looks_no_more() -> None:
    assert given(digest, WANTED).when(UnwantDigest(FRIDAY)) == [UNWANTED]
    assert given(digest, WANTED, UNWANTED).when(look(MONDAY)) == []
    assert given(digest, WANTED, UNWANTED).when(UnwantDigest(FRIDAY)) == []
    assert given(digest, WANTED, UNWANTED).when(WANT) == [WANTED]


def test_what_nobody_wanted_is_not_there() -> None:
    for command in (UnwantDigest(FRIDAY), look(MONDAY)):
        with pytest.raises(NotFound):
            given(digest).when(command)


@pytest.mark.parametrize(
    ("country", "zone", "after", "morning"),
    [
        ("NO", "Europe/Oslo", "2026-05-15T12:00:00+00:00", "2026-05-18T06:00:00+00:00"),  # over 17 May, a Sunday
        ("NO", "Europe/Oslo", "2027-05-14T12:00:00+00:00", "2027-05-18T06:00:00+00:00"),  # 17 May is Whit Monday
        ("DK", "Europe/Copenhagen", "2027-05-14T12:00:00+00:00", "2027-05-18T06:00:00+00:00"),
        ("DK", "Europe/Copenhagen", "2028-05-16T12:00:00+00:00", "2028-05-17T06:00:00+00:00"),
        ("NO", "Europe/Oslo", "2028-05-16T12:00:00+00:00", "2028-05-18T06:00:00+00:00"),
        ("NO", "Europe/Oslo", "2026-10-23T12:00:00+00:00", "2026-10-26T07:00:00+00:00"),  # the clocks went back
        ("NO", "Europe/Oslo", "2026-10-26T06:59:00+00:00", "2026-10-26T07:00:00+00:00"),
        ("NO", "Europe/Oslo", "2026-10-26T07:00:00+00:00", "2026-10-27T07:00:00+00:00"),
    ],
)
def test_a_working_morning_is_eight_oclock_where_the_programme_is(
    country: str, zone: str, after: str, morning: str
) -> None:
    found = next_morning(datetime.fromisoformat(after), zone=zone, country=country)  # type: ignore[arg-type]
    assert found.isoformat() == morning


_INSTANTS = datetimes(min_value=datetime(2026, 3, 27), max_value=datetime(2026, 4, 10), timezones=just(UTC))  # noqa: DTZ001
_COMMANDS = one_of(
    builds(
        WantDigest,
        now=_INSTANTS,
        recipient_id=just("c"),
        programme=just("oslo"),
        language=sampled_from(["nb", "da"]),
        email=just(MAIL),
        zone=just("Europe/Oslo"),
        country=just("NO"),
    ),
    builds(LookAround, now=_INSTANTS, counts=builds(Counts), zone=just("Europe/Oslo"), country=just("NO")),
    builds(UnwantDigest, now=_INSTANTS),
)


@for_all(lists(_COMMANDS, max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(digest, [WANT, *commands])


@for_all(lists(_COMMANDS, max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(digest, [WANT, *commands])
