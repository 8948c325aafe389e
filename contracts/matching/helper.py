"""A helper's readiness and slots. Stored and published: version with care."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from contracts.base import Event, event
from contracts.matching.values import DropReason, Reason
from contracts.sealed import Sealed


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

    While the programme is paused it does not end, and the paused time is added to what is left (S2.29).

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
    reserved_at: AwareDatetime
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


@event("matching.offer-made", version=1)
class OfferMade(Event):
    """A standing offer: what somebody would like to be asked for, in a category and their own words (S1.4, S1.10)."""

    person_id: str
    programme: str
    offer_id: str
    category: str
    words: Sealed[str]
    made_at: AwareDatetime


@event("matching.offer-taken-back", version=1)
class OfferTakenBack(Event):
    """No longer in the catalogue."""

    person_id: str
    programme: str
    offer_id: str
