from dataclasses import replace
from datetime import time, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import (
    AddressProtected,
    AddressProtectionEnded,
    ConsentGiven,
    ConsentWithdrawn,
    ContactGiven,
    CounterpartBlocked,
    CounterpartUnblocked,
    GateMet,
    LivedExperienceTakenBack,
    LivedExperienceTold,
    ModeChosen,
    PersonRegistered,
    ProfileDescribed,
    ResidenceChanged,
    SafeContactAgreed,
)
from contracts.sealed import Sealed
from services.intake.domain.person import LivesThereInFuture, QuietHoursIncomplete, person
from services.intake.domain.person_commands import (
    AgreeSafeContact,
    BlockCounterpart,
    ChangeResidence,
    ChooseMode,
    Command,
    DescribeProfile,
    EndAddressProtection,
    GiveConsent,
    GiveContact,
    MeetGate,
    ProtectAddress,
    RegisterPerson,
    TakeBackLivedExperience,
    TellLivedExperience,
    UnblockCounterpart,
    WithdrawConsent,
)
from tests.unit.intake.oslo import NOW, PERSON, TODAY, sealed, sealed_profile, sealed_scope
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

REGISTER = RegisterPerson(person_id=PERSON, channel="phone", name=sealed("name"), entered_by="staff-1")
REGISTERED = PersonRegistered(person_id=PERSON, channel="phone", name=sealed("name"), entered_by="staff-1")
PROFILE = DescribeProfile(
    stated_on=TODAY, told=sealed_profile(), told_without_area=sealed_profile("profile without area")
)
DESCRIBED = ProfileDescribed(person_id=PERSON, stated_on=TODAY, told=sealed_profile())
CONTACT = ContactGiven(person_id=PERSON, language="nn", email=sealed("email"))
CONSENT = ConsentGiven(person_id=PERSON, consent="gladsaxe", scope=sealed_scope(), given_at=NOW)
PROTECTED = AddressProtected(person_id=PERSON, protected_at=NOW)
PURPOSES: Sealed[tuple[Literal["matching", "figures"], ...]] = Sealed(subject=PERSON, token="purposes")
TELL = TellLivedExperience(purposes=PURPOSES, words=sealed("words"), now=NOW)
TOLD = LivedExperienceTold(person_id=PERSON, purposes=PURPOSES, words=sealed("words"), told_at=NOW)
AGREE = AgreeSafeContact("sms", NOW, disguised=True, quiet_from=time(22), quiet_until=time(7))
AGREED = SafeContactAgreed(
    person_id=PERSON, channel="sms", disguised=True, quiet_from=time(22), quiet_until=time(7), agreed_at=NOW
)
BLOCK = BlockCounterpart("block-1", "phone", sealed("fingerprint"), NOW)
BLOCKED = CounterpartBlocked(
    person_id=PERSON, block_id="block-1", kind="phone", fingerprint=sealed("fingerprint"), blocked_at=NOW
)
UNBLOCKED = CounterpartUnblocked(person_id=PERSON, block_id="block-1", lifted_at=NOW)
MOVE = ChangeResidence(municipality=sealed("here"), since=TODAY, latest=TODAY)

COMMANDS: list[Command] = [
    REGISTER,
    RegisterPerson(person_id=PERSON, channel="referral", name=sealed("other"), entered_by="shelter"),
    PROFILE,
    replace(PROFILE, stated_on=TODAY + timedelta(days=90), told=sealed_profile("hopes")),
    GiveContact(language="nn", email=sealed("email")),
    GiveContact(language="da", phone=sealed("phone")),
    GiveConsent("gladsaxe", sealed_scope(), NOW),
    GiveConsent("rudersdal", sealed_scope("other"), NOW),
    WithdrawConsent("gladsaxe", NOW),
    replace(PROFILE, told=sealed_profile("east")),
    AGREE,
    AgreeSafeContact("nobody", NOW),
    AgreeSafeContact("email", NOW, quiet_from=time(22)),
    ProtectAddress(NOW),
    EndAddressProtection(NOW),
    ChooseMode("fristed", NOW),
    ChooseMode("udvikling", NOW),
    TELL,
    TakeBackLivedExperience(NOW),
    MeetGate("oslo", NOW),
    MeetGate("oslo", NOW + timedelta(days=1)),
    BLOCK,
    BlockCounterpart("block-2", "name", sealed("other fingerprint"), NOW),
    UnblockCounterpart("block-1", NOW),
    MOVE,
    ChangeResidence(municipality=sealed("elsewhere"), since=TODAY - timedelta(days=9), latest=TODAY),
    ChangeResidence(municipality=sealed("elsewhere"), since=TODAY + timedelta(days=1), latest=TODAY),
]


def test_staff_register_somebody_who_phones_and_it_is_kept_who_entered_it() -> None:
    assert given(person).when(REGISTER) == [REGISTERED]


@pytest.mark.requirement("S1.24")
def test_where_somebody_lives_is_said_from_a_day_on_that_has_come() -> None:
    moved = ResidenceChanged(person_id=PERSON, municipality=sealed("here"), since=TODAY)
    assert given(person, REGISTERED).when(MOVE) == [moved]
    assert given(person, REGISTERED, moved).when(MOVE) == []
    with pytest.raises(LivesThereInFuture):
        given(person, REGISTERED).when(COMMANDS[-1])
    with pytest.raises(NotFound):
        given(person).when(MOVE)


@pytest.mark.requirement("S2.7")
def test_who_asks_before_a_gate_is_seen_once_a_day() -> None:
    met = GateMet(person_id=PERSON, programme="oslo", met_at=NOW)
    assert given(person, REGISTERED).when(MeetGate("oslo", NOW)) == [met]
    assert given(person, REGISTERED, met).when(MeetGate("oslo", NOW + timedelta(hours=23))) == []
    later = NOW + timedelta(days=1)
    assert given(person, REGISTERED, met).when(MeetGate("oslo", later)) == [
        GateMet(person_id=PERSON, programme="oslo", met_at=later)
    ]


def test_a_person_is_registered_once() -> None:
    assert given(person, REGISTERED).when(COMMANDS[1]) == []


def test_a_profile_replaces_the_one_before() -> None:
    assert given(person, REGISTERED).when(PROFILE) == [DESCRIBED]
    assert given(person, REGISTERED, DESCRIBED).when(PROFILE) == []


def test_contact_is_given_in_the_language_the_person_reads() -> None:
    assert given(person, REGISTERED).when(GiveContact(language="nn", email=sealed("email"))) == [CONTACT]


def test_consent_is_for_one_purpose_and_one_controller() -> None:
    history = given(person, REGISTERED, CONSENT)
    assert history.when(GiveConsent("gladsaxe", sealed_scope(), NOW)) == []
    assert history.when(GiveConsent("rudersdal", sealed_scope("other"), NOW)) == [
        ConsentGiven(person_id=PERSON, consent="rudersdal", scope=sealed_scope("other"), given_at=NOW)
    ]


def test_consent_is_taken_back_at_any_time() -> None:
    withdraw = WithdrawConsent("gladsaxe", NOW)
    assert given(person, REGISTERED, CONSENT).when(withdraw) == [
        ConsentWithdrawn(person_id=PERSON, consent="gladsaxe", withdrawn_at=NOW)
    ]
    assert given(person, REGISTERED).when(withdraw) == []


@pytest.mark.requirement("S2.9")
def test_safe_contact_is_agreed_once_and_replaced_by_the_next() -> None:
    later = AgreeSafeContact("sms", NOW + timedelta(days=1), disguised=True, quiet_from=time(22), quiet_until=time(7))
    assert given(person, REGISTERED).when(AGREE) == [AGREED]
    assert given(person, REGISTERED, AGREED).when(later) == []
    assert given(person, REGISTERED, AGREED).when(AgreeSafeContact("nobody", NOW)) == [
        SafeContactAgreed(person_id=PERSON, channel="nobody", agreed_at=NOW)
    ]


@pytest.mark.requirement("S2.9")
@pytest.mark.parametrize(
    "hours",
    [{"quiet_from": time(22)}, {"quiet_until": time(7)}, {"quiet_from": time(7), "quiet_until": time(7)}],
)
def test_quiet_hours_have_both_ends_or_neither(hours: dict[str, Any]) -> None:
    with pytest.raises(QuietHoursIncomplete):
        given(person, REGISTERED).when(AgreeSafeContact("sms", NOW, **hours))


@pytest.mark.requirement("S2.9")
def test_of_a_protected_address_no_area_goes_out_until_the_person_ends_it() -> None:
    ended = AddressProtectionEnded(person_id=PERSON, ended_at=NOW)
    assert given(person, REGISTERED).when(ProtectAddress(NOW)) == [PROTECTED]
    assert given(person, REGISTERED, PROTECTED).when(ProtectAddress(NOW)) == []
    assert given(person, REGISTERED, PROTECTED).when(PROFILE) == [
        ProfileDescribed(person_id=PERSON, stated_on=TODAY, told=sealed_profile("profile without area"))
    ]
    assert given(person, REGISTERED, PROTECTED).when(EndAddressProtection(NOW)) == [ended]
    assert given(person, REGISTERED, PROTECTED, ended).when(PROFILE) == [DESCRIBED]


@pytest.mark.requirement("S3.30")
def test_a_mode_is_chosen_as_often_as_the_person_likes() -> None:
    peace, open_ = (ModeChosen(person_id=PERSON, mode=mode, chosen_at=NOW) for mode in ("fristed", "udvikling"))
    assert given(person, REGISTERED).when(ChooseMode("fristed", NOW)) == [peace]
    assert given(person, REGISTERED, peace).when(ChooseMode("fristed", NOW)) == []
    assert given(person, REGISTERED, peace).when(ChooseMode("udvikling", NOW)) == [open_]


@pytest.mark.requirement("S2.13", "S4.16")
def test_lived_experience_is_told_and_taken_back_at_any_time() -> None:
    taken_back = LivedExperienceTakenBack(person_id=PERSON, taken_back_at=NOW)
    assert given(person, REGISTERED).when(TELL) == [TOLD]
    assert given(person, REGISTERED, TOLD).when(TakeBackLivedExperience(NOW)) == [taken_back]
    assert given(person, REGISTERED, TOLD, taken_back).when(TELL) == [TOLD]
    assert given(person, REGISTERED).when(TakeBackLivedExperience(NOW)) == []


@pytest.mark.requirement("S2.9")
def test_a_block_is_made_and_lifted_on_the_persons_own_word() -> None:
    unblock = UnblockCounterpart("block-1", NOW)
    assert given(person, REGISTERED).when(BLOCK) == [BLOCKED]
    assert given(person, REGISTERED, BLOCKED).when(BLOCK) == []
    assert given(person, REGISTERED, BLOCKED).when(unblock) == [UNBLOCKED]
    assert given(person, REGISTERED, BLOCKED, UNBLOCKED).when(unblock) == []
    assert given(person, REGISTERED, BLOCKED, UNBLOCKED).when(BLOCK) == []
    with pytest.raises(NotFound):
        given(person, REGISTERED).when(unblock)


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
