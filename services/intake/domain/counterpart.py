"""Two people of whom one blocked what the other bears: held at once, freed when nothing holds them any more (S2.9).

The stream's id is the token of the pair. Every block counts for itself, in either direction: the pair is held as long
as one of them is suspected or recognised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.intake import (
    BlockDismissed,
    BlockEnded,
    BlockKind,
    BlockRecognised,
    BlockSuspected,
    PairFreed,
    PairHeld,
)
from contracts.sealed import Sealed

Standing = Literal["suspected", "recognised", "dismissed", "ended"]

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SuspectBlock:
    """`people` are who blocked and who bears it, under the key of the first."""

    pair: str
    block_id: str
    kind: BlockKind
    people: Sealed[tuple[str, str]]
    now: datetime


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """Somebody looked. An answer may be changed."""

    block_id: str
    is_who_was_meant: bool
    answered_by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class EndBlock:
    pair: str
    block_id: str


Command = SuspectBlock | AnswerCheck | EndBlock


# refusals -------------------------------------------------------------------------------------------------------------


class BlockIsLifted(Refusal):
    rule, sentence = "block_is_lifted", "Who made this block has lifted it. There is nothing left to look at."


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One block and what a coordinator made of it; `people` is absent where it was lifted before it was suspected."""

    standing: Standing
    people: Sealed[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Counterparts:
    """`checks` by the id of the block."""

    pair: str = ""
    is_held: bool = False
    checks: Mapping[str, Check] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_to_be_held(self) -> bool:
        return any(check.standing in ("suspected", "recognised") for check in self.checks.values())


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Counterparts) -> Sequence[Event]:
    events = _said(command, state)
    after = state
    for event in events:
        after = evolve(after, event)
    if after.is_to_be_held == state.is_held:
        return events
    return [*events, PairHeld(pair=after.pair) if after.is_to_be_held else PairFreed(pair=after.pair)]


def _said(command: Command, state: Counterparts) -> Sequence[Event]:
    known = state.checks.get(command.block_id)
    match command:
        case SuspectBlock(pair=pair, block_id=block_id, kind=kind, people=people, now=now):
            suspected = BlockSuspected(pair=pair, block_id=block_id, kind=kind, people=people, suspected_at=now)
            return [suspected] if known is None else []
        case AnswerCheck():
            if known is None or known.people is None:
                raise NotFound()
            return _answered(command, known.standing, state.pair)
        case EndBlock(pair=pair, block_id=block_id):
            has_ended = known is not None and known.standing == "ended"
            return [] if has_ended else [BlockEnded(pair=pair, block_id=block_id)]


def _answered(command: AnswerCheck, standing: Standing, pair: str) -> Sequence[Event]:
    """Raises BlockIsLifted."""
    if standing == "ended":
        raise BlockIsLifted()
    block_id, by, now = command.block_id, command.answered_by, command.now
    if command.is_who_was_meant:
        recognised = BlockRecognised(pair=pair, block_id=block_id, answered_by=by, answered_at=now)
        return [] if standing == "recognised" else [recognised]
    dismissed = BlockDismissed(pair=pair, block_id=block_id, answered_by=by, answered_at=now)
    return [] if standing == "dismissed" else [dismissed]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Counterparts, event: Event) -> Counterparts:
    match event:
        case BlockSuspected(pair=pair, block_id=block_id, people=people):
            return _standing(replace(state, pair=pair), block_id, Check("suspected", people))
        case BlockRecognised(block_id=block_id):
            return _standing(state, block_id, replace(_check(state, block_id), standing="recognised"))
        case BlockDismissed(block_id=block_id):
            return _standing(state, block_id, replace(_check(state, block_id), standing="dismissed"))
        case BlockEnded(pair=pair, block_id=block_id):
            ended = replace(_check(state, block_id), standing="ended")
            return _standing(replace(state, pair=pair), block_id, ended)
        case PairHeld() | PairFreed():
            return replace(state, is_held=isinstance(event, PairHeld))
        case _:
            return state


def _check(state: Counterparts, block_id: str) -> Check:
    return state.checks.get(block_id, Check("suspected"))


def _standing(state: Counterparts, block_id: str, check: Check) -> Counterparts:
    return replace(state, checks=MappingProxyType({**state.checks, block_id: check}))


counterparts: Decider[Command, Counterparts] = Decider("pair", Counterparts(), decide, evolve)
