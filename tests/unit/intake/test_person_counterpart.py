from datetime import timedelta

import pytest
from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import BlockDismissed, BlockEnded, BlockRecognised, BlockSuspected, PairFreed, PairHeld
from contracts.sealed import Sealed
from services.intake.domain.counterpart import (
    AnswerCheck,
    BlockIsLifted,
    Command,
    EndBlock,
    SuspectBlock,
    counterparts,
)
from tests.unit.intake.oslo import NOW
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

PAIR = "pair-token"
PEOPLE: Sealed[tuple[str, str]] = Sealed(subject="p", token="people")
OTHER_WAY: Sealed[tuple[str, str]] = Sealed(subject="x", token="people turned round")


def suspect(block_id: str = "block-1", people: Sealed[tuple[str, str]] = PEOPLE) -> SuspectBlock:
    return SuspectBlock(PAIR, block_id, "phone", people, NOW)


def answer(*, recognised: bool, block_id: str = "block-1") -> AnswerCheck:
    return AnswerCheck(block_id, recognised, "coordinator", NOW)


def suspected(block_id: str = "block-1", people: Sealed[tuple[str, str]] = PEOPLE) -> BlockSuspected:
    return BlockSuspected(pair=PAIR, block_id=block_id, kind="phone", people=people, suspected_at=NOW)


HELD, FREED = PairHeld(pair=PAIR), PairFreed(pair=PAIR)
RECOGNISED = BlockRecognised(pair=PAIR, block_id="block-1", answered_by="coordinator", answered_at=NOW)
DISMISSED = BlockDismissed(pair=PAIR, block_id="block-1", answered_by="coordinator", answered_at=NOW)
ENDED = BlockEnded(pair=PAIR, block_id="block-1")

COMMANDS: list[Command] = [
    suspect(),
    suspect("block-2", OTHER_WAY),
    answer(recognised=True),
    answer(recognised=False),
    answer(recognised=False, block_id="block-2"),
    EndBlock(PAIR, "block-1"),
    EndBlock(PAIR, "block-2"),
]


@pytest.mark.requirement("S2.9")
def test_a_suspected_pair_is_held_at_once() -> None:
    assert given(counterparts).when(suspect()) == [suspected(), HELD]
    again = SuspectBlock(PAIR, "block-1", "phone", OTHER_WAY, NOW + timedelta(days=1))
    assert given(counterparts, suspected(), HELD).when(again) == []


@pytest.mark.requirement("S2.9")
def test_recognised_the_pair_stays_held_and_not_the_same_frees_it() -> None:
    history = given(counterparts, suspected(), HELD)
    assert history.when(answer(recognised=True)) == [RECOGNISED]
    assert history.when(answer(recognised=False)) == [DISMISSED, FREED]


def test_an_answer_may_be_changed() -> None:
    assert given(counterparts, suspected(), HELD, RECOGNISED).when(answer(recognised=False)) == [DISMISSED, FREED]
    dismissed = given(counterparts, suspected(), HELD, DISMISSED, FREED)
    assert dismissed.when(answer(recognised=True)) == [RECOGNISED, HELD]
    assert dismissed.when(suspect()) == []


@pytest.mark.requirement("S2.9")
def test_what_another_block_holds_stays_held_also_in_the_other_direction() -> None:
    both = (suspected(), HELD, suspected("block-2", OTHER_WAY))
    assert given(counterparts, *both).when(answer(recognised=False)) == [DISMISSED]
    assert given(counterparts, *both).when(EndBlock(PAIR, "block-1")) == [ENDED]
    last = given(counterparts, *both, ENDED).when(EndBlock(PAIR, "block-2"))
    assert last == [BlockEnded(pair=PAIR, block_id="block-2"), FREED]


def test_a_block_that_was_lifted_before_it_was_suspected_holds_nobody() -> None:
    assert given(counterparts).when(EndBlock(PAIR, "block-1")) == [ENDED]
    assert given(counterparts, ENDED).when(suspect()) == []


def test_there_is_nothing_to_answer_where_nothing_is_suspected() -> None:
    for history in (given(counterparts), given(counterparts, ENDED)):
        with pytest.raises(NotFound):
            history.when(answer(recognised=True))
    with pytest.raises(BlockIsLifted):
        given(counterparts, suspected(), HELD, ENDED, FREED).when(answer(recognised=True))


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(counterparts, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(counterparts, commands)


@trying(commands=lists(sampled_from(COMMANDS), max_size=12))
def test_a_pair_is_held_exactly_as_long_as_a_block_holds_it(commands: list[Command]) -> None:
    state = counterparts.initial
    for command in commands:
        try:
            state = counterparts.fold(counterparts.decide(command, state), state)
        except (NotFound, BlockIsLifted):
            continue
        assert state.is_held == state.is_to_be_held
