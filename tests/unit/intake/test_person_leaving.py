"""A person leaves without a trace: asked once, key destroyed, every service answers, then it is done (S2.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusal import NotFound
from chassis.testing import given as given_events
from contracts.intake import (
    ConsentGiven,
    ConsentScope,
    ErasureAsked,
    ErasureOverdue,
    KeyDestroyed,
    PersonErased,
    PersonRegistered,
    ReceiptNoted,
    ServiceName,
)
from contracts.sealed import Sealed
from services.intake.domain.person import person
from services.intake.domain.person_commands import (
    AskErasure,
    ChooseMode,
    Command,
    GiveConsent,
    NoteErasureOverdue,
    NoteKeyDestroyed,
    NoteReceipt,
    RegisterPerson,
)
from services.intake.domain.person_leaving import NotLeaving, PersonLeaving
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
NAME: Sealed[str] = Sealed("p1", "token")
SCOPE: Sealed[ConsentScope] = Sealed("p1", "scope")
REGISTERED = PersonRegistered(person_id="p1", channel="phone", name=NAME, entered_by="c1")
ASKED = ErasureAsked(person_id="p1", asked_by="p1", asked_at=NOW, overdue_at=NOW + timedelta(days=7))
DESTROYED = KeyDestroyed(person_id="p1", requests=("r1",), programmes=("venn",), destroyed_at=NOW)
SERVICES: tuple[ServiceName, ...] = ("intake", "matching", "notifications", "reporting")
RECEIPTS = [ReceiptNoted(person_id="p1", service=service, noted_at=NOW) for service in SERVICES]
COMMANDS: list[Command] = [
    RegisterPerson("p1", "phone", NAME, "c1"),
    GiveConsent("consent", SCOPE, NOW),
    AskErasure("p1", NOW),
    NoteKeyDestroyed(("r1",), ("venn",), NOW),
    *(NoteReceipt(service, NOW) for service in SERVICES),
    NoteErasureOverdue(NOW),
]

pytestmark = pytest.mark.requirement("S2.3")


def test_who_asks_to_be_erased_is_leaving_and_has_seven_days_to_wait_at_most() -> None:
    assert given_events(person, REGISTERED).when(AskErasure("p1", NOW)) == [ASKED]


def test_asking_again_changes_nothing() -> None:
    assert given_events(person, REGISTERED, ASKED).when(AskErasure("c1", NOW)) == []


def test_nobody_can_be_erased_who_was_never_here() -> None:
    with pytest.raises(NotFound):
        given_events(person).when(AskErasure("p1", NOW))


@pytest.mark.parametrize("command", [GiveConsent("consent", SCOPE, NOW), ChooseMode("fristed", NOW)])
def test_nothing_new_is_kept_about_who_is_leaving(command: Command) -> None:
    with pytest.raises(PersonLeaving):
        given_events(person, REGISTERED, ASKED).when(command)


def test_the_key_goes_once() -> None:
    destroy = NoteKeyDestroyed(("r1",), ("venn",), NOW)

    assert given_events(person, REGISTERED, ASKED).when(destroy) == [DESTROYED]
    assert given_events(person, REGISTERED, ASKED, DESTROYED).when(destroy) == []


def test_no_key_goes_of_somebody_who_did_not_ask() -> None:
    with pytest.raises(NotLeaving):
        given_events(person, REGISTERED).when(NoteKeyDestroyed((), (), NOW))


def test_the_last_receipt_is_the_end() -> None:
    before = [REGISTERED, ASKED, DESTROYED]

    assert given_events(person, *before).when(NoteReceipt("intake", NOW)) == RECEIPTS[:1]
    assert given_events(person, *before, *RECEIPTS[:3]).when(NoteReceipt("reporting", NOW)) == [
        RECEIPTS[3],
        PersonErased(person_id="p1", erased_at=NOW),
    ]


def test_a_receipt_before_the_key_is_gone_counts_for_nothing() -> None:
    assert given_events(person, REGISTERED, ASKED).when(NoteReceipt("intake", NOW)) == []


def test_after_seven_days_it_is_told_once_who_has_not_answered() -> None:
    overdue = ErasureOverdue(person_id="p1", waiting_for=("matching", "notifications", "reporting"), is_shredded=True)
    before = [REGISTERED, ASKED, DESTROYED, RECEIPTS[0]]

    assert given_events(person, *before).when(NoteErasureOverdue(NOW)) == [overdue]
    assert given_events(person, *before, overdue).when(NoteErasureOverdue(NOW)) == []


def test_what_is_late_ends_all_the_same() -> None:
    overdue = ErasureOverdue(person_id="p1", waiting_for=("reporting",), is_shredded=True)
    before = [REGISTERED, ASKED, DESTROYED, *RECEIPTS[:3], overdue]

    assert given_events(person, *before).when(NoteReceipt("reporting", NOW))[-1] == PersonErased(
        person_id="p1", erased_at=NOW
    )


def test_what_was_said_before_is_still_read() -> None:
    given_before = ConsentGiven(person_id="p1", consent="consent", scope=SCOPE, given_at=NOW)

    assert person.fold([REGISTERED, given_before, ASKED]).farewell is not None


@given(commands=st.lists(st.sampled_from(COMMANDS), max_size=20))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(person, commands)


@given(commands=st.lists(st.sampled_from(COMMANDS), max_size=20))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(person, commands)
