"""The finding for one request. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake import Wishes
from contracts.matching.values import DropReason, Reason


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
    """A coordinator picked this candidate (S2.30). One proposal is live at a time.

    It ends at `until`, or later by as much as the programme was paused since `proposed_at` (S2.29).
    """

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
    proposed_at: AwareDatetime
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


@event("matching.search-amended", version=1)
class SearchAmended(Event):
    """What is wished of the other has changed; who is proposed already stays, and so does the waiting date (S2.20)."""

    request_id: str
    programme: str
    wishes: Wishes


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
