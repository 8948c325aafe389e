"""What may be asked of the finding for one request, and the rules by which it says no."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chassis.refusal import NotFound, Refusal
from contracts.intake import Wishes
from contracts.matching import DropReason, Reason
from contracts.sealed import Sealed
from services.matching.domain.approval import PolicyNow
from services.matching.domain.pauses import NO_PAUSES, Pauses
from services.matching.domain.tender_commands import Safeguard, TenderCommand


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """A request was posted; it waits since `needed_since`, whatever happens to proposals (S2.31)."""

    request_id: str
    person_id: str
    programme: str
    category: str | None
    needed_since: date
    wishes: Sealed[Wishes] | None


@dataclass(frozen=True, slots=True)
class Propose:
    """The helper's slot is reserved for this proposal until `until`."""

    proposal_id: str
    helper_id: str
    proposed_by: str
    score: float
    reasons: tuple[Reason, ...]
    policy_version: int
    needs_meeting: bool
    proposed_at: datetime
    until: datetime
    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class ArrangeMeeting:
    """Both are invited, unless the programme is paused (S2.28, S2.29)."""

    proposal_id: str
    meets_at: datetime
    now: datetime
    policy: PolicyNow


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """Both came; in a pause nobody meets (S2.29)."""

    proposal_id: str
    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class MissMeeting:
    """It did not happen; it may be arranged again."""

    proposal_id: str
    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class SayYes:
    """`person_id` is who the token says; anybody but the two finds no proposal.

    `unapproved` is the rule by which the helper is not good now: asked when it is the helper who says yes (S2.27). The
    requester is told nothing of it; were it so when both have said yes, the confirmation waits for the approval.
    """

    proposal_id: str
    person_id: str
    now: datetime
    pauses: Pauses = NO_PAUSES
    unapproved: type[Refusal] | None = None


@dataclass(frozen=True, slots=True)
class SayNo:
    """At any time until it is settled, also after a yes, without a cause (S2.28)."""

    proposal_id: str
    person_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class DropProposal:
    """The helper's slot is gone. A proposal that has not come yet is refused beforehand, so that it never comes."""

    proposal_id: str
    helper_id: str
    reason: DropReason


@dataclass(frozen=True, slots=True)
class AsTask:
    """The policy has the category as a task: no match is made, and two people look at each safeguard first (S1.21)."""

    safeguards: tuple[Safeguard, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Settle:
    """The slot is confirmed: what both said yes to stands, unless a no or a withdrawal came first."""

    proposal_id: str
    match_id: str
    task: AsTask | None = None


@dataclass(frozen=True, slots=True)
class AmendSearch:
    """What is wished of the other has changed; a running proposal and the waiting date stay (S2.20, S2.31)."""

    wishes: Sealed[Wishes] | None


@dataclass(frozen=True, slots=True)
class CloseSearch:
    reason: Literal["withdrawn", "parked", "met"]


@dataclass(frozen=True, slots=True)
class ReopenSearch:
    """A parked person is ready: same search, same waiting date."""


Command = (
    OpenSearch
    | Propose
    | ArrangeMeeting
    | HoldMeeting
    | MissMeeting
    | SayYes
    | SayNo
    | DropProposal
    | Settle
    | AmendSearch
    | CloseSearch
    | ReopenSearch
    | TenderCommand
)


class SearchNotFound(NotFound):
    rule, sentence = "search_not_found", "There is no search by that id."


class ProposalNotFound(NotFound):
    rule, sentence = "proposal_not_found", "There is no proposal by that id."


class ProposalOver(Refusal):
    # Neutral on purpose: a person must not learn from this who said no, or whether somebody did (S2.28).
    rule, sentence = "proposal_over", "This proposal is over. The search goes on."


class AlreadyMatched(Refusal):
    rule, sentence = "already_matched", "The two are matched. The match can be ended at any time instead."


class NotMetYet(Refusal):
    rule, sentence = "not_met_yet", "A yes is given after the two have met. A no can be given at any time."


class NoMeetingArranged(Refusal):
    rule, sentence = "no_meeting_arranged", "No meeting is arranged. Arrange one first."


class AlreadyMet(Refusal):
    rule, sentence = "already_met", "The two have met already. They can answer now."


class MeetingTooLate(Refusal):
    rule, sentence = "meeting_too_late", "The meeting must be before the proposal's deadline. Choose an earlier time."


class MeetingInThePast(Refusal):
    rule, sentence = "meeting_in_the_past", "The meeting must be in the future. Choose a later time."


class AlreadyProposed(Refusal):
    rule, sentence = "already_proposed", "Another proposal is live. It has to end before a new one is made."


class SearchClosedNow(Refusal):
    rule, sentence = "search_closed", "The search is closed: the request was withdrawn, parked or met."
