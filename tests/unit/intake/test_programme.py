from datetime import date

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import (
    MandateRenewed,
    ProgrammeClosed,
    ProgrammeMadePermanent,
    ProgrammePaused,
    ProgrammeResumed,
)
from contracts.policy import Mandate
from services.intake.domain.programme import (
    AdoptedInFuture,
    AdoptPolicy,
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
    programme,
)
from tests.unit.intake.oslo import NOW, TODAY, adopted, policy
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

TEN_YEARS = Mandate.model_validate({"from": "2012-12-01", "to": "2022-12-31"})
FIVE_MORE = Mandate.model_validate({"from": "2012-12-01", "to": "2027-12-31"})
PERMANENT = ProgrammeMadePermanent(programme="oslo", permanent_on=TODAY)
CLOSED = ProgrammeClosed(programme="oslo", closed_on=TODAY, reason="merged")
PAUSED = ProgrammePaused(programme="oslo", paused_at=NOW)


def adopt(**fields: object) -> AdoptPolicy:
    return AdoptPolicy(programme="oslo", policy=policy(**fields), adopted_by="board", adopted_on=TODAY, today=TODAY)


COMMANDS: list[Command] = [
    adopt(),
    adopt(capacity=2),
    adopt(status="permanent"),
    adopt(mandate={"from": "2012-12-01", "to": "2022-12-31"}),
    RenewMandate(mandate=FIVE_MORE, renewed_by="board"),
    RenewMandate(mandate=TEN_YEARS, renewed_by="board"),
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


@pytest.mark.parametrize("command", COMMANDS[:-1])
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
