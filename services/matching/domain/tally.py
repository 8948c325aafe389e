"""The running number of a programme's matches: every match counts once, however often it is told (S2.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider
from contracts.base import Event
from contracts.matching import MatchCounted


@dataclass(frozen=True, slots=True)
class CountMatch:
    """`milestones` are the numbers of the policy that are worth a word."""

    programme: str
    match_id: str
    milestones: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    counted: frozenset[str] = frozenset()


def decide(command: CountMatch, state: Tally) -> Sequence[Event]:
    if command.match_id in state.counted:
        return []
    number = len(state.counted) + 1
    return [
        MatchCounted(
            programme=command.programme,
            match_id=command.match_id,
            number=number,
            milestone=number in command.milestones,
        )
    ]


def evolve(state: Tally, event: Event) -> Tally:
    match event:
        case MatchCounted(match_id=match_id):
            return Tally(state.counted | {match_id})
        case _:
            return state


tally = Decider("tally", Tally(), decide, evolve)
