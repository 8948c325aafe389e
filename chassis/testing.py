"""`given(decider, *events).when(command)`: a test of a decider is a sentence."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from chassis.decider import Decider
from contracts.base import Event, decode, encode

Command = TypeVar("Command")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Given(Generic[Command, State]):
    decider: Decider[Command, State]
    history: tuple[Event, ...]

    def when(self, command: Command) -> list[Event]:
        """The events the command leads to, as they read after a trip through the store."""
        events = self.decider.decide(command, self.state)
        return [decode(event.event_type, event.schema_version, encode(event)) for event in events]

    @property
    def state(self) -> State:
        return self.decider.fold(self.history)


def given(decider: Decider[Command, State], *history: Event) -> Given[Command, State]:
    """A stream with these events."""
    return Given(decider, history)
