from datetime import timedelta

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import (
    ConsentGiven,
    ConsentWithdrawn,
    ContactGiven,
    LanguageSkill,
    PersonRegistered,
    ProfileDescribed,
)
from services.intake.domain.person import (
    Command,
    DescribeProfile,
    GiveConsent,
    GiveContact,
    RegisterPerson,
    WithdrawConsent,
    person,
)
from tests.unit.intake.oslo import NOW, PERSON, TODAY, sealed
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

REGISTER = RegisterPerson(person_id=PERSON, channel="phone", name=sealed("name"), entered_by="staff-1")
REGISTERED = PersonRegistered(person_id=PERSON, channel="phone", name=sealed("name"), entered_by="staff-1")
PROFILE = DescribeProfile(stated_on=TODAY, gives=("baking",), languages=(LanguageSkill(code="nb", level="b2"),))
DESCRIBED = ProfileDescribed(
    person_id=PERSON, stated_on=TODAY, gives=("baking",), languages=(LanguageSkill(code="nb", level="b2"),)
)
CONTACT = ContactGiven(person_id=PERSON, language="nn", email=sealed("email"))
CONSENT = ConsentGiven(person_id=PERSON, purpose="enrolment", controller="gladsaxe", given_at=NOW)

COMMANDS: list[Command] = [
    REGISTER,
    RegisterPerson(person_id=PERSON, channel="referral", name=sealed("other"), entered_by="shelter"),
    PROFILE,
    DescribeProfile(stated_on=TODAY + timedelta(days=90), hopes=sealed("hopes")),
    GiveContact(language="nn", email=sealed("email")),
    GiveContact(language="da", phone=sealed("phone")),
    GiveConsent(purpose="enrolment", controller="gladsaxe", now=NOW),
    GiveConsent(purpose="enrolment", controller="rudersdal", now=NOW),
    WithdrawConsent(purpose="enrolment", controller="gladsaxe", now=NOW),
]


def test_staff_register_somebody_who_phones_and_it_is_kept_who_entered_it() -> None:
    assert given(person).when(REGISTER) == [REGISTERED]


def test_a_person_is_registered_once() -> None:
    assert given(person, REGISTERED).when(COMMANDS[1]) == []


def test_a_profile_replaces_the_one_before() -> None:
    assert given(person, REGISTERED).when(PROFILE) == [DESCRIBED]
    assert given(person, REGISTERED, DESCRIBED).when(PROFILE) == []


def test_contact_is_given_in_the_language_the_person_reads() -> None:
    assert given(person, REGISTERED).when(GiveContact(language="nn", email=sealed("email"))) == [CONTACT]


def test_consent_is_for_one_purpose_and_one_controller() -> None:
    history = given(person, REGISTERED, CONSENT)
    assert history.when(GiveConsent(purpose="enrolment", controller="gladsaxe", now=NOW)) == []
    assert history.when(GiveConsent(purpose="enrolment", controller="rudersdal", now=NOW)) == [
        ConsentGiven(person_id=PERSON, purpose="enrolment", controller="rudersdal", given_at=NOW)
    ]


def test_consent_is_taken_back_at_any_time() -> None:
    withdraw = WithdrawConsent(purpose="enrolment", controller="gladsaxe", now=NOW)
    assert given(person, REGISTERED, CONSENT).when(withdraw) == [
        ConsentWithdrawn(person_id=PERSON, purpose="enrolment", controller="gladsaxe", withdrawn_at=NOW)
    ]
    assert given(person, REGISTERED).when(withdraw) == []


@pytest.mark.parametrize("command", COMMANDS[2:])
def test_nothing_is_kept_about_somebody_who_is_not_registered(command: Command) -> None:
    with pytest.raises(NotFound):
        given(person).when(command)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(person, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(person, commands)
