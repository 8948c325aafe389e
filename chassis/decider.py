"""A decider: pure functions that turn a command and a state into events, and events into a state."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from contracts.base import Event

Command = TypeVar("Command")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Decider(Generic[Command, State]):
    """`decide` gives the events of an accepted command, none when nothing new happened, or raises a Refusal.

    Both are pure, total and closed: clock, ids, random numbers and facts of other streams come in the command.
    """

    category: str
    initial: State
    decide: Callable[[Command, State], Sequence[Event]]
    evolve: Callable[[State, Event], State]

    def fold(self, events: Iterable[Event], state: State | None = None) -> State:
        """The state after the events, from `state` or from the beginning."""
        folded = self.initial if state is None else state
        for event in events:
            folded = self.evolve(folded, event)
        return folded
