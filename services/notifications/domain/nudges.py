"""Few reminders in a week for each person, however many occasions there are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.decider import Decider
from chassis.refusal import Refusal
from contracts.base import Event
from contracts.notifications import NudgeCounted

# (ours) Three reminders in seven days is what a friend might send.
NUDGES_A_WEEK = 3
_WEEK = timedelta(days=7)


class EnoughNudges(Refusal):
    rule, status = "enough_nudges", 409
    sentence = "This person has had as many reminders as a week may bring."


# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountNudge:
    message_id: str
    now: datetime


Command = CountNudge


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nudges:
    """Those of the last week, newest last, and the last few of all times."""

    counted: tuple[tuple[str, datetime], ...] = ()


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Nudges) -> Sequence[Event]:
    """Raises EnoughNudges. A message that was counted before keeps its place, so that a retry is not a second one."""
    if any(message_id == command.message_id for message_id, _ in state.counted):
        return []
    if sum(at > command.now - _WEEK for _, at in state.counted) >= NUDGES_A_WEEK:
        raise EnoughNudges()
    return [NudgeCounted(message_id=command.message_id, counted_at=command.now)]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Nudges, event: Event) -> Nudges:
    match event:
        case NudgeCounted(message_id=message_id, counted_at=at):
            return Nudges((*state.counted, (message_id, at))[-_KEPT:])
        case _:
            return state


_KEPT = 20

nudges = Decider("nudges", Nudges(), decide, evolve)
