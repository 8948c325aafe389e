from datetime import date

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import PlaceDelisted, PlaceListed, PlaceNamed, PlaceOpened
from services.intake.domain.place import (
    AlreadyListed,
    AlreadyOpen,
    Command,
    Country,
    DelistPlace,
    ListPlace,
    NamePlace,
    OpenPlace,
    OrganisationNumberInvalid,
    PostcodeInvalid,
    is_organisation_number,
    place,
)
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

TODAY = date(2026, 3, 2)
CENTRE = ListPlace(kind="centre", name="Huset", sector="civil", country="DK", zone="Europe/Copenhagen", postcode="6000")
LISTED = PlaceListed(
    kind="centre", name="Huset", sector="civil", country="DK", zone="Europe/Copenhagen", postcode="6000"
)
OPENED = PlaceOpened(opens_on=TODAY)

COMMANDS: list[Command] = [
    CENTRE,
    ListPlace(kind="firm", name="Værkstedet", sector="private", country="NO", zone="Europe/Oslo"),
    OpenPlace(opens_on=date(2026, 3, 1), today=TODAY),
    OpenPlace(opens_on=date(2026, 4, 1), today=TODAY),
    NamePlace(audience="young", name="Mødestedet"),
    NamePlace(audience="young", name="Huset", collective="mødesteder"),
    DelistPlace(),
]


def test_a_centre_comes_into_the_directory() -> None:
    assert given(place).when(CENTRE) == [LISTED]


def test_listing_it_again_changes_nothing() -> None:
    assert given(place, LISTED).when(CENTRE) == []


def test_other_particulars_for_a_listed_place_are_a_conflict() -> None:
    with pytest.raises(AlreadyListed):
        given(place, LISTED).when(COMMANDS[1])


def test_a_delisted_place_may_come_back() -> None:
    assert given(place, LISTED, PlaceDelisted()).when(CENTRE) == [LISTED]


@pytest.mark.parametrize("postcode", ["600", "60000", "60x0", "٦٠٠٠"])
def test_a_postcode_has_four_digits(postcode: str) -> None:
    with pytest.raises(PostcodeInvalid):
        given(place).when(
            ListPlace(kind="centre", name="A", sector="civil", country="DK", zone="Europe/Oslo", postcode=postcode)
        )


def test_an_organisation_number_with_a_wrong_check_digit_is_refused() -> None:
    wrong = ListPlace(
        kind="tenant",
        name="A",
        sector="civil",
        country="NO",
        zone="Europe/Oslo",
        organisation_number="123456789",
    )
    with pytest.raises(OrganisationNumberInvalid):
        given(place).when(wrong)


@pytest.mark.parametrize(
    ("number", "country", "holds"),
    [
        ("123456785", "NO", True),
        ("123456784", "NO", False),
        ("12345678", "NO", False),
        ("12345674", "DK", True),
        ("12345675", "DK", False),
        ("1234567x", "DK", False),
    ],
)
def test_organisation_numbers_carry_a_check_digit(number: str, country: Country, holds: bool) -> None:
    assert is_organisation_number(number, country) is holds


def test_the_opening_day_may_move_until_it_has_come() -> None:
    later = OpenPlace(opens_on=date(2026, 5, 1), today=date(2026, 3, 1))
    assert given(place, LISTED, OPENED).when(later) == [PlaceOpened(opens_on=date(2026, 5, 1))]


def test_a_place_that_has_opened_keeps_its_opening_day() -> None:
    with pytest.raises(AlreadyOpen):
        given(place, LISTED, OPENED).when(OpenPlace(opens_on=date(2026, 5, 1), today=TODAY))


def test_each_audience_has_its_own_name_for_a_place() -> None:
    young = PlaceNamed(audience="young", name="Mødestedet")
    history = given(place, LISTED, young)
    assert history.when(NamePlace(audience="regulars", name="Værestedet")) == [
        PlaceNamed(audience="regulars", name="Værestedet")
    ]
    assert history.when(NamePlace(audience="young", name="Mødestedet")) == []


@pytest.mark.parametrize("command", COMMANDS[2:])
def test_what_is_not_listed_can_be_neither_opened_nor_named_nor_delisted(command: Command) -> None:
    with pytest.raises(NotFound):
        given(place).when(command)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(place, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(place, commands)
