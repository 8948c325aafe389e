"""A tender within a search: until when members may answer, who did, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto

from services.matching.domain.pauses import Pauses


class Offer(Enum):
    """LIVE can be chosen. OVER was chosen and came to nothing: nobody is put to the same person twice for one task."""

    LIVE = auto()
    CHOSEN = auto()
    OVER = auto()
    TAKEN_BACK = auto()
    NOT_NEEDED = auto()


@dataclass(frozen=True, slots=True)
class Tender:
    tender_id: str
    category: str
    opens_at: datetime
    closes_at: datetime
    is_over: bool = False
    offers: Mapping[str, Offer] = field(default_factory=dict)

    def has_closed(self, now: datetime, pauses: Pauses) -> bool:
        """A pause of the programme moves the closing by as long as it lasts (S2.29)."""
        return self.is_over or pauses.have_let_pass(self.opens_at, self.closes_at, now)

    def takes_offers(self, now: datetime, pauses: Pauses) -> bool:
        """Not after closing, nor while one of those who answered is put to the requester."""
        return not self.has_closed(now, pauses) and Offer.CHOSEN not in self.offers.values()

    def has_nobody(self, now: datetime, pauses: Pauses) -> bool:
        """It has closed and nobody is left to choose."""
        left = any(offer in (Offer.LIVE, Offer.CHOSEN) for offer in self.offers.values())
        return not self.is_over and self.has_closed(now, pauses) and not left

    @property
    def live(self) -> tuple[str, ...]:
        """Who can be chosen, in the order they offered; nobody once it is over."""
        return () if self.is_over else tuple(name for name, offer in self.offers.items() if offer is Offer.LIVE)

    def having(self, helper_id: str, offer: Offer) -> "Tender":
        return replace(self, offers={**self.offers, helper_id: offer})

    def without_chosen(self) -> "Tender":
        """The proposal came to nothing; the others can still be chosen."""
        offers = {name: Offer.OVER if offer is Offer.CHOSEN else offer for name, offer in self.offers.items()}
        return replace(self, offers=offers)
