"""The two properties that every decider has (style.md, rule 7), for hypothesis to try on any sequence of commands.

@given(commands=lists(sampled_from(COMMANDS)))
def test_repeating_an_accepted_command_changes_nothing(commands):
    repeating_changes_nothing(place, commands)

@given(commands=lists(sampled_from(COMMANDS)))
def test_every_history_folds_the_same_from_its_stored_form(commands):
    history_folds_from_storage(place, commands)
"""

from collections.abc import Iterable
from typing import TypeVar

from chassis.decider import Decider
from chassis.refusal import Refusal
from contracts.base import Event, decode, encode

Command = TypeVar("Command")
State = TypeVar("State")


def repeating_changes_nothing(decider: Decider[Command, State], commands: Iterable[Command]) -> None:
    """Whatever came before, a command that was just accepted yields no events when it comes again."""
    state = decider.initial
    for command in commands:
        try:
            events = decider.decide(command, state)
        except Refusal:
            continue
        state = decider.fold(events, state)
        assert list(decider.decide(command, state)) == [], f"{command} made something new when it was repeated"


def history_folds_from_storage(decider: Decider[Command, State], commands: Iterable[Command]) -> None:
    """The history that any commands produce reads the same from the store, and folds to the state they led to."""
    history, state = _play(decider, commands)
    stored = [(event.event_type, event.schema_version, encode(event)) for event in history]
    read = [decode(event_type, schema_version, body) for event_type, schema_version, body in stored]
    assert read == history
    assert decider.fold(read) == state


def _play(decider: Decider[Command, State], commands: Iterable[Command]) -> tuple[list[Event], State]:
    history: list[Event] = []
    state = decider.initial
    for command in commands:
        try:
            events = decider.decide(command, state)
        except Refusal:
            continue
        history.extend(events)
        state = decider.fold(events, state)
    return history, state
