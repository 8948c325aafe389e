"""What a service answers while a person leaves without a trace: each answer once, on a stream of its own store."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider
from contracts.base import Event


@dataclass(frozen=True, slots=True)
class Answer:
    event: Event


def decide(command: Answer, state: frozenset[str]) -> Sequence[Event]:
    return [] if command.event.event_type in state else [command.event]


def evolve(state: frozenset[str], event: Event) -> frozenset[str]:
    return state | {event.event_type}


Receipts = Decider[Answer, frozenset[str]]


def receipts(category: str) -> Receipts:
    """The state is which answers were given. Each service has a category of its own: a stream is one service's."""
    return Decider(category, frozenset(), decide, evolve)
