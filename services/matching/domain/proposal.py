"""One proposal within a search: how far it has come, and what it allows now."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Literal

from contracts.matching import DropReason
from services.matching.domain.approval import ProgrammePaused
from services.matching.domain.pauses import Pauses
from services.matching.domain.search_commands import (
    AlreadyMet,
    ArrangeMeeting,
    HoldMeeting,
    MeetingInThePast,
    MeetingTooLate,
    MissMeeting,
    NoMeetingArranged,
    NotMetYet,
    ProposalOver,
    SayYes,
)
from services.matching.domain.tender_commands import PEOPLE_WHO_LOOK, Safeguard

Side = Literal["requester", "helper"]


class Phase(Enum):
    LIVE = auto()
    AGREED = auto()
    SECURED = auto()
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
    proposed_at: datetime
    until: datetime
    needs_meeting: bool
    phase: Phase = Phase.LIVE
    meeting: Meeting = Meeting.NONE
    meets_at: datetime | None = None
    yes: frozenset[Side] = frozenset()
    # Of a task: what has to be looked at once it is known, and who looked at what, with and without a receipt.
    safeguards: tuple[Safeguard, ...] | None = None
    looked: frozenset[tuple[Safeguard, str]] = frozenset()
    receipts: frozenset[tuple[Safeguard, str]] = frozenset()

    def is_live(self, now: datetime, pauses: Pauses) -> bool:
        """Whether answers count: not after its deadline. An agreed one waits for its slot, or for a second look."""
        if self.phase is Phase.LIVE:
            return not pauses.have_let_pass(self.proposed_at, self.until, now)
        return self.phase in (Phase.AGREED, Phase.SECURED)

    @property
    def is_safe(self) -> bool:
        """Two different people have looked at each safeguard (S1.21)."""
        return all(self.count_of(safeguard) >= PEOPLE_WHO_LOOK for safeguard in self.safeguards or ())

    def count_of(self, safeguard: Safeguard) -> int:
        return sum(kind == safeguard for kind, _ in self.looked)

    def is_arranged_for(self, meets_at: datetime) -> bool:
        return self.meeting is Meeting.ARRANGED and self.meets_at == meets_at

    def cause(self, reason: DropReason) -> DropReason:
        """Two yes are no silence: what ran out was the time to confirm the helper's approval."""
        return "facts" if reason == "silence" and self.phase is Phase.AGREED else reason

    def require_meeting_possible(self, command: ArrangeMeeting) -> None:
        """Raises the rule that stands against meeting then (S2.28, S2.29)."""
        command.policy.require_fresh(command.now)
        pauses = command.policy.pauses
        if not self.is_live(command.now, pauses):
            raise ProposalOver()
        if pauses.are_on:
            raise ProgrammePaused()
        if self.meeting is Meeting.HELD:
            raise AlreadyMet()
        if command.meets_at <= command.now:
            raise MeetingInThePast()
        if pauses.have_let_pass(self.proposed_at, self.until, command.meets_at):
            raise MeetingTooLate()

    def require_meeting_arranged(self, command: HoldMeeting | MissMeeting) -> None:
        """Raises when there is no meeting that could have been held or missed."""
        if not self.is_live(command.now, command.pauses):
            raise ProposalOver()
        if self.meeting is Meeting.HELD:
            raise AlreadyMet()
        if self.meeting is not Meeting.ARRANGED:
            raise NoMeetingArranged()
        if command.pauses.are_on and isinstance(command, HoldMeeting):
            raise ProgrammePaused()

    def require_answerable(self, command: SayYes) -> None:
        """Raises when a yes does not count now."""
        if not self.is_live(command.now, command.pauses):
            raise ProposalOver()
        if self.needs_meeting and self.meeting is not Meeting.HELD:
            raise NotMetYet()
