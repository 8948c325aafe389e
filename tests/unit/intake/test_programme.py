from datetime import UTC, date, datetime

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import (
    MandateEndNear,
    MandateRenewed,
    ProgrammeClosed,
    ProgrammeMadePermanent,
    ProgrammePaused,
    ProgrammeResumed,
    TermAdded,
)
from contracts.policy import Category, Mandate
from services.intake.domain.programme import (
    AddCategory,
    AdoptedInFuture,
    AdoptPolicy,
    CategoryDiffers,
    CloseProgramme,
    Command,
    MakePermanent,
    MandateNotLonger,
    PauseProgramme,
    ProgrammeIsClosed,
    ProgrammeIsPermanent,
    RenewMandate,
    ResumeProgramme,
    StatusIsAStep,
    WarnOfMandateEnd,
    programme,
)
from tests.unit.intake.oslo import NOW, TODAY, adopted, policy
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

TEN_YEARS = Mandate.model_validate({"from": "2012-12-01", "to": "2022-12-31"})
FIVE_MORE = Mandate.model_validate({"from": "2012-12-01", "to": "2027-12-31"})
PERMANENT = ProgrammeMadePermanent(programme="oslo", permanent_on=TODAY)
CLOSED = ProgrammeClosed(programme="oslo", closed_on=TODAY, reason="merged")
PAUSED = ProgrammePaused(programme="oslo", paused_at=NOW)
TEACHING = Category(code="homework")
ADD = AddCategory(category=TEACHING, added_by="staff-1")
ADDED = TermAdded(programme="oslo", list="categories", label=TEACHING, added_by="staff-1")
NEAR = MandateEndNear(programme="oslo", ends_on=date(2022, 12, 31))


def warn(year: int, month: int, day: int) -> WarnOfMandateEnd:
    return WarnOfMandateEnd(now=datetime(year, month, day, 9, tzinfo=UTC))


def adopt(**fields: object) -> AdoptPolicy:
    return AdoptPolicy(programme="oslo", policy=policy(**fields), adopted_by="board", adopted_on=TODAY, today=TODAY)


COMMANDS: list[Command] = [
    adopt(),
    adopt(capacity=2),
    adopt(status="permanent"),
    adopt(mandate={"from": "2012-12-01", "to": "2022-12-31"}),
    RenewMandate(mandate=FIVE_MORE, renewed_by="board"),
    RenewMandate(mandate=TEN_YEARS, renewed_by="board"),
    ADD,
    AddCategory(category=Category(code="homework", by="pairing"), added_by="staff-1"),
    warn(2022, 10, 2),
    warn(2027, 12, 31),
    PauseProgramme(now=NOW),
    ResumeProgramme(now=NOW),
    MakePermanent(permanent_on=TODAY),
    CloseProgramme(closed_on=TODAY, reason="merged"),
]


def test_the_first_policy_is_version_one() -> None:
    assert given(programme).when(adopt()) == [adopted()]


def test_the_same_policy_again_is_not_a_new_version() -> None:
    assert given(programme, adopted()).when(adopt()) == []


def test_a_changed_policy_is_the_next_version() -> None:
    assert given(programme, adopted()).when(adopt(capacity=2)) == [adopted(policy(capacity=2), version=2)]


def test_a_policy_is_not_adopted_before_its_day() -> None:
    early = AdoptPolicy(programme="oslo", policy=policy(), adopted_by="board", adopted_on=date(2026, 3, 3), today=TODAY)
    with pytest.raises(AdoptedInFuture):
        given(programme).when(early)


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_pausing_and_closing_are_not_said_in_a_policy(status: str) -> None:
    with pytest.raises(StatusIsAStep):
        given(programme).when(adopt(status=status))


def test_a_pilot_becomes_permanent_and_keeps_its_version() -> None:
    assert given(programme, adopted()).when(MakePermanent(permanent_on=TODAY)) == [PERMANENT]
    after = given(programme, adopted(), PERMANENT).state
    assert (after.version, after.policy.status) == (1, "permanent")


def test_a_permanent_programme_does_not_become_a_pilot_again() -> None:
    with pytest.raises(ProgrammeIsPermanent):
        given(programme, adopted(), PERMANENT).when(adopt(capacity=2))


def test_loading_the_adopted_file_again_after_it_became_permanent_changes_nothing() -> None:
    assert given(programme, adopted(), PERMANENT).when(adopt()) == []


def test_a_renewed_mandate_is_in_force() -> None:
    first = adopted(policy(mandate={"from": "2012-12-01", "to": "2022-12-31"}))
    renewed = MandateRenewed(programme="oslo", mandate=FIVE_MORE, renewed_by="board")
    assert given(programme, first).when(RenewMandate(mandate=FIVE_MORE, renewed_by="board")) == [renewed]
    assert given(programme, first, renewed).state.policy.is_mandated(date(2023, 1, 1))


def test_a_renewal_does_not_shorten_a_mandate() -> None:
    renewed = MandateRenewed(programme="oslo", mandate=FIVE_MORE, renewed_by="board")
    with pytest.raises(MandateNotLonger):
        given(programme, adopted(), renewed).when(RenewMandate(mandate=TEN_YEARS, renewed_by="board"))


def test_a_pause_ends_with_a_resume_and_both_are_said_once() -> None:
    resumed = ProgrammeResumed(programme="oslo", resumed_at=NOW)
    assert given(programme, adopted()).when(PauseProgramme(now=NOW)) == [PAUSED]
    assert given(programme, adopted(), PAUSED).when(PauseProgramme(now=NOW)) == []
    assert given(programme, adopted(), PAUSED).when(ResumeProgramme(now=NOW)) == [resumed]
    assert given(programme, adopted()).when(ResumeProgramme(now=NOW)) == []


@pytest.mark.requirement("S1.18")
def test_staff_add_to_the_open_list_of_categories_and_the_same_again_is_nothing_new() -> None:
    assert given(programme, adopted()).when(ADD) == [ADDED]
    history = given(programme, adopted(), ADDED)
    assert history.when(ADD) == []
    assert history.state.policy.categories == (TEACHING,)
    with pytest.raises(CategoryDiffers):
        history.when(AddCategory(category=Category(code="homework", by="pairing"), added_by="staff-2"))


@pytest.mark.requirement("S1.18")
def test_an_added_category_outlives_the_next_policy_unless_that_names_it_itself() -> None:
    history = given(programme, adopted(), ADDED)
    assert history.when(adopt(capacity=2)) == [adopted(policy(capacity=2), version=2), ADDED]
    again = policy(categories=["homework"], capacity=2)
    assert history.when(adopt(categories=["homework"], capacity=2)) == [adopted(again, version=2)]
    known = given(programme, adopted(), ADDED, adopted(policy(capacity=2), version=2), ADDED)
    assert known.state.policy.categories == (TEACHING,)
    assert known.when(adopt(capacity=2)) == []


@pytest.mark.requirement("S1.5")
def test_the_end_of_a_mandate_is_near_once_its_days_of_warning_have_begun() -> None:
    history = given(programme, adopted(policy(mandate={"from": "2012-12-01", "to": "2022-12-31"})))
    assert history.when(warn(2022, 10, 1)) == []
    assert history.when(warn(2022, 10, 2)) == [NEAR]
    assert history.when(warn(2022, 12, 31)) == [NEAR]
    assert history.when(warn(2023, 1, 1)) == []
    assert given(programme, adopted()).when(warn(2022, 10, 2)) == []


@pytest.mark.requirement("S1.5")
def test_each_last_day_of_a_mandate_is_warned_of_once() -> None:
    first = adopted(policy(mandate={"from": "2012-12-01", "to": "2022-12-31"}))
    assert given(programme, first, NEAR).when(warn(2022, 10, 3)) == []
    renewed = MandateRenewed(programme="oslo", mandate=FIVE_MORE, renewed_by="board")
    later = MandateEndNear(programme="oslo", ends_on=FIVE_MORE.ends)
    assert given(programme, first, NEAR, renewed).when(warn(2027, 10, 2)) == [later]


@pytest.mark.parametrize("command", [one for one in COMMANDS[:-1] if not isinstance(one, WarnOfMandateEnd)])
def test_nothing_happens_in_a_closed_programme(command: Command) -> None:
    with pytest.raises(ProgrammeIsClosed):
        given(programme, adopted(), CLOSED).when(command)


@pytest.mark.parametrize("command", COMMANDS[4:])
def test_a_programme_begins_with_a_policy(command: Command) -> None:
    with pytest.raises(NotFound):
        given(programme).when(command)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(programme, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(programme, commands)
