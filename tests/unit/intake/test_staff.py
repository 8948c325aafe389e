from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.testing import given
from contracts.intake import LoginInvited, LoginLinked, RoleGranted, RoleTakenBack
from contracts.roles import SCOPES, Role
from services.intake.domain import invitation as inviting
from services.intake.domain.invitation import CodeNotValid, InviteLogin, LinkLogin, invitation
from services.intake.domain.staff import (
    Command,
    GrantNotFound,
    GrantRole,
    LastAdministrator,
    RoleBeyondOwn,
    RoleToYourself,
    TakeRoleBack,
    staff,
)
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANNA, BO, EVA = "anna", "bo", "eva"
ALL = SCOPES["administrator"]


def grants(grant_id: str, holder: str, role: Role, **more: Any) -> GrantRole:
    asked: dict[str, Any] = {"granter": frozenset({ANNA}), "may": ALL, "now": NOW, **more}
    return GrantRole(grant_id, holder, role, **asked)


def granted(grant_id: str, holder: str, role: Role, **more: Any) -> RoleGranted:
    return RoleGranted(grant_id=grant_id, holder=holder, role=role, granted_at=NOW, **more)


def takes_back(grant_id: str, taker: str = ANNA, may: frozenset[str] = ALL, now: datetime = NOW) -> TakeRoleBack:
    return TakeRoleBack(grant_id, frozenset({taker}), may, now)


COMMANDS: list[Command] = [
    grants("g-1", BO, "coordinator", programme="walking-friends"),
    grants("g-2", BO, "administrator"),
    grants("g-3", EVA, "administrator", until=NOW + timedelta(days=1)),
    grants("g-4", EVA, "steering", place="house"),
    takes_back("g-1"),
    takes_back("g-2"),
    takes_back("g-3"),
    takes_back("g-4", EVA, frozenset()),
]


@trying(commands=lists(sampled_from(COMMANDS)))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(staff, commands)


@trying(commands=lists(sampled_from(COMMANDS)))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(staff, commands)


def test_a_role_is_granted_in_one_programme_until_a_day() -> None:
    until = NOW + timedelta(days=90)
    command = grants("g-1", BO, "coordinator", programme="walking-friends", until=until)

    assert given(staff).when(command) == [granted("g-1", BO, "coordinator", programme="walking-friends", until=until)]


def test_the_same_role_twice_is_one() -> None:
    assert given(staff, granted("g-1", BO, "steering")).when(grants("g-2", BO, "steering")) == []


def test_nobody_grants_a_role_to_themselves() -> None:
    with pytest.raises(RoleToYourself):
        given(staff).when(grants("g-1", ANNA, "steering"))


def test_nobody_grants_what_they_may_not_do() -> None:
    with pytest.raises(RoleBeyondOwn) as refused:
        given(staff).when(grants("g-1", BO, "coordinator", may=frozenset({"roles:manage", "figures:read"})))

    assert "people:read" in refused.value.missing
    assert "figures:read" not in refused.value.missing


def test_nobody_takes_back_what_they_could_not_grant() -> None:
    with pytest.raises(RoleBeyondOwn):
        given(staff, granted("g-1", BO, "coordinator")).when(takes_back("g-1", may=frozenset({"roles:manage"})))


def test_a_role_is_given_up_by_its_holder() -> None:
    ended = RoleTakenBack(grant_id="g-1", holder=BO, taken_back_at=NOW)

    assert given(staff, granted("g-1", BO, "coordinator")).when(takes_back("g-1", BO, frozenset())) == [ended]


def test_the_last_administrator_stays_and_hears_another_way() -> None:
    with pytest.raises(LastAdministrator) as refused:
        given(staff, granted("g-1", BO, "administrator")).when(takes_back("g-1"))

    assert refused.value.options == ("grant_another_administrator",)


def test_an_administrator_of_one_programme_or_whose_time_is_over_is_none() -> None:
    others = [
        granted("g-2", EVA, "administrator", programme="walking-friends"),
        granted("g-3", EVA, "administrator", until=NOW - timedelta(seconds=1)),
    ]
    with pytest.raises(LastAdministrator):
        given(staff, granted("g-1", BO, "administrator"), *others).when(takes_back("g-1"))


def test_one_of_two_administrators_may_go() -> None:
    two = [granted("g-1", BO, "administrator"), granted("g-2", EVA, "administrator")]

    assert len(given(staff, *two).when(takes_back("g-1"))) == 1


def test_a_role_that_was_never_granted_is_not_taken_back() -> None:
    with pytest.raises(GrantNotFound):
        given(staff).when(takes_back("g-9"))


def test_roles_of_people_who_use_the_place_open_no_contact_no_sealed_fact_and_no_report() -> None:
    """S1.9: limited rights."""
    opened = SCOPES["user-coordinator"] | SCOPES["board-reader"]

    assert opened == {"tenders:open", "board:read", "programmes:read", "roles:own"}
    assert SCOPES["board-reader"] < SCOPES["user-coordinator"]


# invitations

INVITED = LoginInvited(person_id="p-1", expires_at=NOW + timedelta(days=14))
LINKED = LoginLinked(login="l-1", person_id="p-1", linked_at=NOW)
INVITING: list[inviting.Command] = [
    InviteLogin("p-1", NOW + timedelta(days=14)),
    LinkLogin("l-1", NOW),
    LinkLogin("l-2", NOW),
    LinkLogin("l-3", NOW + timedelta(days=15)),
]


@trying(commands=lists(sampled_from(INVITING)))
def test_repeating_an_accepted_command_about_an_invitation_changes_nothing(commands: list[inviting.Command]) -> None:
    repeating_changes_nothing(invitation, commands)


@trying(commands=lists(sampled_from(INVITING)))
def test_every_history_of_an_invitation_folds_the_same_from_its_stored_form(commands: list[inviting.Command]) -> None:
    history_folds_from_storage(invitation, commands)


def test_who_brings_the_code_is_the_person_who_was_invited() -> None:
    assert given(invitation, INVITED).when(LinkLogin("l-1", NOW)) == [LINKED]


@pytest.mark.parametrize(
    ("events", "login", "now"),
    [
        ([], "l-1", NOW),
        ([INVITED, LINKED], "l-2", NOW),
        ([INVITED], "l-1", NOW + timedelta(days=14)),
    ],
    ids=["unknown", "used by somebody else", "too old"],
)
def test_a_code_that_is_not_good_is_refused_alike(events: list[LoginInvited], login: str, now: datetime) -> None:
    with pytest.raises(CodeNotValid):
        given(invitation, *events).when(LinkLogin(login, now))
