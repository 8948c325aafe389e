"""One proposal within a search: how far it has come, and what it allows now."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Literal

from contracts.matching import DropReason
from services.matching.domain.search_commands import (
    AlreadyMet,
    ArrangeMeeting,
    MeetingInThePast,
    MeetingTooLate,
    NoMeetingArranged,
    NotMetYet,
    ProgrammePaused,
    ProposalOver,
)

Side = Literal["requester", "helper"]


class Phase(Enum):
    LIVE = auto()
    AGREED = auto()
    SETTLED = auto()
    DROPPED = auto()


class Meeting(Enum):
    NONE = auto()
    ARRANGED = auto()
    MISSED = auto()
    HELD = auto()


@dataclass(frozen=True, slots=True)
class Proposal:
    proposal_id: str
    helper_id: str
    until: datetime
    needs_meeting: bool
    phase: Phase = Phase.LIVE
    meeting: Meeting = Meeting.NONE
    meets_at: datetime | None = None
    yes: frozenset[Side] = frozenset()

    def is_live(self, now: datetime) -> bool:
        """Whether answers count: not after its deadline. An agreed one waits for what its slot says."""
        return self.phase is Phase.AGREED or (self.phase is Phase.LIVE and now < self.until)

    def is_arranged_for(self, meets_at: datetime) -> bool:
        return self.meeting is Meeting.ARRANGED and self.meets_at == meets_at

    def cause(self, reason: DropReason) -> DropReason:
        """Two yes are no silence: what ran out was the time to confirm the helper's approval."""
        return "facts" if reason == "silence" and self.phase is Phase.AGREED else reason

    def require_meeting_possible(self, command: ArrangeMeeting) -> None:
        """Raises the rule that stands against meeting then (S2.28, S2.29)."""
        command.policy.require_fresh(command.now)
        if not self.is_live(command.now):
            raise ProposalOver()
        if command.paused:
            raise ProgrammePaused()
        if self.meeting is Meeting.HELD:
            raise AlreadyMet()
        if command.meets_at <= command.now:
            raise MeetingInThePast()
        if command.meets_at >= self.until:
            raise MeetingTooLate()

    def require_meeting_arranged(self, now: datetime) -> None:
        """Raises when there is no meeting that could have been held or missed."""
        if not self.is_live(now):
            raise ProposalOver()
        if self.meeting is Meeting.HELD:
            raise AlreadyMet()
        if self.meeting is not Meeting.ARRANGED:
            raise NoMeetingArranged()

    def require_answerable(self, now: datetime) -> None:
        """Raises when a yes does not count now."""
        if not self.is_live(now):
            raise ProposalOver()
        if self.needs_meeting and self.meeting is not Meeting.HELD:
            raise NotMetYet()
