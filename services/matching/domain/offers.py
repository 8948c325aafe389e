"""Standing offers: what a helper would like to be asked for. They stand on the helper's stream (S1.4, S1.10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.matching import OfferMade, OfferTakenBack
from contracts.sealed import Sealed
from services.matching.domain.approval import Listing, PolicyNow, why_unapproved

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """`categories` are those for which the programme takes offers now; `words` are the person's own, sealed."""

    programme: str
    offer_id: str
    category: str
    words: Sealed[str]
    categories: frozenset[str]
    now: datetime
    policy: PolicyNow


@dataclass(frozen=True, slots=True)
class TakeBackOffer:
    """At any time, and no reason is asked."""

    offer_id: str


OfferCommand = MakeOffer | TakeBackOffer


class CategoryUnknown(Refusal):
    rule, status, field = "category_unknown", 422, "category"
    sentence = "This programme has no such kind of help. Choose another."


class OfferNotFound(NotFound):
    rule, sentence = "offer_not_found", "There is no offer by that id."


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    programme: str
    category: str


@dataclass(frozen=True, slots=True)
class Offers:
    live: Mapping[str, Offer] = field(default_factory=dict)
    taken_back: frozenset[str] = frozenset()

    def find(self, offer_id: str) -> Offer:
        """Raises OfferNotFound, also for one that was taken back."""
        if offer_id not in self.live:
            raise OfferNotFound()
        return self.live[offer_id]


# decide, evolve -------------------------------------------------------------------------------------------------------


def decide_offer(
    command: OfferCommand, state: Offers, *, person_id: str, listings: Mapping[str, Listing]
) -> Sequence[Event]:
    match command:
        case MakeOffer():
            return _make(command, state, person_id=person_id, listing=listings.get(command.programme))
        case TakeBackOffer(offer_id=offer_id):
            if offer_id in state.taken_back:
                return []
            offer = state.find(offer_id)
            return [OfferTakenBack(person_id=person_id, programme=offer.programme, offer_id=offer_id)]


def _make(command: MakeOffer, state: Offers, *, person_id: str, listing: Listing | None) -> Sequence[Event]:
    if command.offer_id in state.live or command.offer_id in state.taken_back:
        return []
    command.policy.require_fresh(command.now)
    unapproved = why_unapproved(listing, command.policy)
    if unapproved is not None:
        raise unapproved()
    if command.category not in command.categories:
        raise CategoryUnknown()
    return [
        OfferMade(
            person_id=person_id,
            programme=command.programme,
            offer_id=command.offer_id,
            category=command.category,
            words=command.words,
            made_at=command.now,
        )
    ]


def evolve_offers(state: Offers, event: OfferMade | OfferTakenBack) -> Offers:
    match event:
        case OfferMade(offer_id=offer_id, programme=programme, category=category):
            return replace(state, live={**state.live, offer_id: Offer(programme, category)})
        case OfferTakenBack(offer_id=offer_id):
            live = {name: offer for name, offer in state.live.items() if name != offer_id}
            return Offers(live, state.taken_back | {offer_id})
