"""What matching decides and publishes. Stored and published: version with care."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.base import Event, event
from contracts.intake import Value, Wishes

# Why a proposal ended without a match. People are told none of it: both get the same neutral words.
DropReason = Literal["silence", "no", "block", "facts", "withdrawn", "parked", "met"]


class Reason(Value):
    """Why a candidate ranks where it does: a code and its part of the score, never text about two people."""

    code: str
    points: float


# helper ---------------------------------------------------------------------------------------------------------------


@event("matching.helper-listed", version=1)
class HelperListed(Event):
    """Ready to be proposed in one programme, with room for `capacity` people at a time; replaces the listing before."""

    person_id: str
    programme: str
    roles: tuple[str, ...]
    capacity: Annotated[int, Field(ge=1)]
    policy_version: int
    until: date | None = None


@event("matching.helper-unlisted", version=1)
class HelperUnlisted(Event):
    """Proposed to nobody in this programme from now on."""

    person_id: str
    programme: str
    reason: Literal["lapsed", "suspended", "left"]


@event("matching.slot-reserved", version=1)
class SlotReserved(Event):
    """One of the helper's places is held for a proposal; the reservation ends by itself at `until`.

    It carries all that the proposal needs, so that a crash between the two streams is mended by a reaction.
    """

    person_id: str
    programme: str
    proposal_id: str
    request_id: str
    proposed_by: str
    score: float
    reasons: tuple[Reason, ...]
    policy_version: int
    needs_meeting: bool
    until: AwareDatetime


@event("matching.slot-confirmed", version=1)
class SlotConfirmed(Event):
    """Both said yes and the approval holds against the policy then in force (S2.27)."""

    person_id: str
    programme: str
    proposal_id: str
    request_id: str


@event("matching.slot-refused", version=1)
class SlotRefused(Event):
    """Both said yes, but the approval does not hold now; asked again until the deadline (S2.27)."""

    person_id: str
    programme: str
    proposal_id: str
    request_id: str
    rule: str
    attempt: int


@event("matching.slot-released", version=1)
class SlotReleased(Event):
    """The place is free again, and never comes back under the same proposal."""

    person_id: str
    programme: str
    proposal_id: str
    request_id: str
    reason: Literal[DropReason, "not-proposed", "lost", "ended", "expired"]


# search ---------------------------------------------------------------------------------------------------------------


@event("matching.search-opened", version=1)
class SearchOpened(Event):
    """Finding begins; the waiting date stays whatever happens to proposals (S2.31)."""

    request_id: str
    person_id: str
    programme: str
    category: str | None = None
    needed_since: date
    wishes: Wishes = Wishes()


@event("matching.helper-proposed", version=1)
class HelperProposed(Event):
    """A coordinator picked this candidate (S2.30). One proposal is live at a time."""

    request_id: str
    person_id: str
    programme: str
    helper_id: str
    proposal_id: str
    proposed_by: str
    score: float
    reasons: tuple[Reason, ...]
    policy_version: int
    needs_meeting: bool
    until: AwareDatetime


@event("matching.proposal-refused", version=1)
class ProposalRefused(Event):
    """The search could not take the proposal; it never comes back under this id, and the reserved slot is released."""

    request_id: str
    programme: str
    helper_id: str
    proposal_id: str
    rule: str


@event("matching.meeting-arranged", version=1)
class MeetingArranged(Event):
    """Both are invited to meet before either is asked for a yes (S2.28)."""

    request_id: str
    proposal_id: str
    person_id: str
    helper_id: str
    programme: str
    meets_at: AwareDatetime


@event("matching.meeting-held", version=1)
class MeetingHeld(Event):
    """Both came (S2.28)."""

    request_id: str
    proposal_id: str
    held_at: AwareDatetime


@event("matching.meeting-missed", version=1)
class MeetingMissed(Event):
    """It did not happen; nobody is asked why. It may be arranged again."""

    request_id: str
    proposal_id: str


@event("matching.yes-said", version=1)
class YesSaid(Event):
    """Hidden from the other until both have answered."""

    request_id: str
    proposal_id: str
    said_by: Literal["requester", "helper"]


@event("matching.no-said", version=1)
class NoSaid(Event):
    """No cause is asked, and the other is not told who (S2.28)."""

    request_id: str
    proposal_id: str
    said_by: Literal["requester", "helper"]


@event("matching.both-agreed", version=1)
class BothAgreed(Event):
    """Both yes are in: the helper's slot may be confirmed."""

    request_id: str
    programme: str
    helper_id: str
    proposal_id: str


@event("matching.proposal-dropped", version=1)
class ProposalDropped(Event):
    """Both get the same neutral words; the search goes on from the same waiting date (S2.31)."""

    request_id: str
    person_id: str
    programme: str
    helper_id: str
    proposal_id: str
    reason: DropReason


@event("matching.search-settled", version=1)
class SearchSettled(Event):
    """Both said yes and the slot is confirmed: a match follows, unconditionally."""

    request_id: str
    person_id: str
    programme: str
    helper_id: str
    proposal_id: str
    match_id: str
    needed_since: date


@event("matching.search-closed", version=1)
class SearchClosed(Event):
    """Finding stops. `match_id` names the pairing that a late withdrawal ends with it."""

    request_id: str
    programme: str
    reason: Literal["withdrawn", "parked", "met"]
    match_id: str | None = None


@event("matching.search-reopened", version=1)
class SearchReopened(Event):
    """A parked request came back: same search, same waiting date."""

    request_id: str
    programme: str


# match ----------------------------------------------------------------------------------------------------------------


@event("matching.match-made", version=1)
class MatchMade(Event):
    """A pairing begins; `ends_on` is its last possible day and `ends_at` the instant that day is over (S2.16).

    `needed_since` tells how long somebody waited (S2.31).
    """

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    starts_on: date
    ends_on: date | None = None
    ends_at: AwareDatetime | None = None
    needed_since: date
    policy_version: int


@event("matching.match-ended", version=1)
class MatchEnded(Event):
    """Both are free again; ending early is no failure (domain.md, rule 3)."""

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    reason: Literal["length", "requester", "helper", "both", "withdrawn", "erased"]
    closing_talk: bool
    ended_on: date


# tally ----------------------------------------------------------------------------------------------------------------


@event("matching.match-counted", version=1)
class MatchCounted(Event):
    """The running number of a programme's matches, each counted once (S2.1)."""

    programme: str
    match_id: str
    number: Annotated[int, Field(ge=1)]
    milestone: bool
