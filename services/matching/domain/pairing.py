"""A match: made when both agreed and the slot is confirmed, ended at the latest on its last day (S2.16, S2.17)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from typing import Literal
from zoneinfo import ZoneInfo

from chassis.decider import Decider
from chassis.refusal import NotFound
from contracts.base import Event
from contracts.matching import MatchEnded, MatchMade
from contracts.period import Period, after

EndReason = Literal["length", "requester", "helper", "both", "withdrawn", "erased"]

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MakeMatch:
    """Unconditional: every rule was asked before the search settled. `max_length` None: no last day."""

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    needed_since: date
    starts_on: date
    max_length: Period | None
    zone: str
    policy_version: int


@dataclass(frozen=True, slots=True)
class EndMatch:
    """`today` is the day at the programme's place. Ending early is no failure, and no reason beyond who is kept."""

    reason: EndReason
    closing_talk: bool
    today: date


Command = MakeMatch | EndMatch

# state ----------------------------------------------------------------------------------------------------------------


class Status(Enum):
    ABSENT = auto()
    LIVE = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Match:
    status: Status = Status.ABSENT
    made: MatchMade | None = None
    ended_on: date | None = None


# refusals -------------------------------------------------------------------------------------------------------------


class MatchNotFound(NotFound):
    rule, sentence = "match_not_found", "There is no match by that id."


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Match) -> Sequence[Event]:
    match command:
        case MakeMatch():
            return [_made(command)] if state.status is Status.ABSENT else []
        case EndMatch():
            if state.made is None:
                raise MatchNotFound()
            return [_ended(command, state.made)] if state.status is Status.LIVE else []


def _made(command: MakeMatch) -> MatchMade:
    ends_on = None if command.max_length is None else after(command.starts_on, command.max_length)
    return MatchMade(
        match_id=command.match_id,
        request_id=command.request_id,
        programme=command.programme,
        requester_id=command.requester_id,
        helper_id=command.helper_id,
        proposal_id=command.proposal_id,
        starts_on=command.starts_on,
        ends_on=ends_on,
        ends_at=None if ends_on is None else day_is_over(ends_on, command.zone),
        needed_since=command.needed_since,
        policy_version=command.policy_version,
    )


def _ended(command: EndMatch, made: MatchMade) -> MatchEnded:
    # A timer that comes late must not make a match longer than it may be.
    ended_on = command.today if made.ends_on is None else min(command.today, made.ends_on)
    return MatchEnded(
        match_id=made.match_id,
        request_id=made.request_id,
        programme=made.programme,
        requester_id=made.requester_id,
        helper_id=made.helper_id,
        proposal_id=made.proposal_id,
        reason=command.reason,
        closing_talk=command.closing_talk,
        ended_on=ended_on,
    )


def day_is_over(day: date, zone: str) -> datetime:
    """The instant, in UTC, at which the next day begins at the place: right also when its clocks change."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return midnight.astimezone(ZoneInfo("UTC"))


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Match, event: Event) -> Match:
    match event:
        case MatchMade():
            return replace(state, status=Status.LIVE, made=event)
        case MatchEnded(ended_on=ended_on):
            return replace(state, status=Status.ENDED, ended_on=ended_on)
        case _:
            return state


pairing = Decider("match", Match(), decide, evolve)
