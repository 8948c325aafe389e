import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.testing import given
from contracts.intake import IdentityBlocked, IdentitySeen, IdentityUnblocked
from services.intake.domain.identity import (
    Block,
    BlockIdentity,
    Command,
    ForgetIdentity,
    SeeIdentity,
    UnblockIdentity,
    identity,
)
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

SEEN = IdentitySeen(person_id="x")
BLOCK = BlockIdentity("block-1", "p", "phone")
BLOCKED = IdentityBlocked(block_id="block-1", person_id="p", kind="phone")
UNBLOCKED = IdentityUnblocked(block_id="block-1")

COMMANDS: list[Command] = [
    SeeIdentity("x"),
    SeeIdentity("y"),
    SeeIdentity("p"),
    BLOCK,
    BlockIdentity("block-2", "y", "phone"),
    UnblockIdentity("block-1"),
    UnblockIdentity("block-2"),
    ForgetIdentity("x"),
    ForgetIdentity("p"),
]


@pytest.mark.requirement("S2.9")
def test_whoever_comes_second_finds_the_first() -> None:
    for history in ([SEEN, BLOCKED], [BLOCKED, SEEN]):
        met = identity.fold(history)
        assert list(met.blocks_against("x")) == [Block("block-1", "p", "phone")]
        assert list(met.bearers_beside("p")) == ["x"]


def test_nobody_is_kept_apart_from_themselves() -> None:
    met = identity.fold([BLOCKED, IdentitySeen(person_id="p")])
    assert (list(met.blocks_against("p")), list(met.bearers_beside("p"))) == ([], [])


def test_a_block_that_was_lifted_holds_against_nobody_who_comes_later() -> None:
    assert given(identity, BLOCKED).when(UnblockIdentity("block-1")) == [UNBLOCKED]
    assert list(identity.fold([BLOCKED, UNBLOCKED, SEEN]).blocks_against("x")) == []


def test_a_block_that_was_lifted_before_it_came_never_holds() -> None:
    assert given(identity).when(UnblockIdentity("block-1")) == [UNBLOCKED]
    assert given(identity, UNBLOCKED).when(BLOCK) == []


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(identity, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(identity, commands)
