"""An offer as it is shown, and what decides whether it is: could its helper be asked now, and was that ever done?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.base import JsonObject
from contracts.intake import Profile
from services.matching.domain.approval import Listing, why_unapproved
from services.matching.policies import KnownPolicy
from services.matching.projections.candidates import candidates_in


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer with its words opened. `asked_for` and who offers are for coordinators only."""

    offer_id: str
    helper_id: str
    programme: str
    category: str
    words: str
    made_at: datetime
    asked_for: int
    became_activity: bool

    @property
    def is_unused(self) -> bool:
        return not self.asked_for and not self.became_activity


def asked_since(offer: JsonObject, asked: Mapping[tuple[str, str, str], list[datetime]]) -> int:
    times = asked.get((offer["programme"], offer["helper_id"], offer["category"]), ())
    return sum(at >= offer["made_at"] for at in times)


def is_ready(document: JsonObject | None, programme: str, known: Mapping[str, KnownPolicy], *, now: datetime) -> bool:
    """Approved in this programme now, and not in fristed."""
    candidate = None if document is None else candidates_in(document, Profile()).get(programme)
    if candidate is None or not candidate.listed or candidate.in_peace:
        return False
    listing = Listing((), candidate.capacity, candidate.policy_version, candidate.until)
    return why_unapproved(listing, known[programme].at(now)) is None
