"""A helper's readiness: listings, and slots that are never more than the capacity under any race.

A slot is reserved for a proposal, confirmed when both said yes, released on every way out. A reservation ends by
itself: once its deadline has passed it takes no place, also when no event has said so yet. What was released never
comes back under the same proposal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from chassis.decider import Decider
from contracts.base import Event
from contracts.matching import (
    HelperListed,
    HelperUnlisted,
    OfferMade,
    OfferTakenBack,
    SlotConfirmed,
    SlotRefused,
    SlotReleased,
    SlotReserved,
)
from services.matching.domain.approval import Listing, ProgrammePaused, why_unapproved
from services.matching.domain.helper_commands import (
    Away,
    Command,
    ConfirmSlot,
    ExpireSlot,
    HelperNotFound,
    ListHelper,
    NoFreeSlot,
    Release,
    ReleaseSlot,
    ReserveSlot,
    SamePerson,
    SlotGone,
    SlotNotFound,
    UnlistHelper,
)
from services.matching.domain.offers import MakeOffer, Offers, TakeBackOffer, decide_offer, evolve_offers
from services.matching.domain.pauses import NO_PAUSES, Pauses

# A heavier reason replaces a lighter one, never the other way.
_WEIGHT: Mapping[Away | None, int] = {None: 0, "lapsed": 1, "suspended": 2, "left": 3}

# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """`until` is None once confirmed. `refused` is the rule that a confirmation waits on, after `attempts` tries."""

    programme: str
    request_id: str
    reserved_at: datetime
    until: datetime | None
    refused: str | None = None
    attempts: int = 0

    def is_over(self, now: datetime, pauses: Pauses) -> bool:
        return self.until is not None and pauses.have_let_pass(self.reserved_at, self.until, now)


@dataclass(frozen=True, slots=True)
class Helper:
    person_id: str = ""
    listings: Mapping[str, Listing] = field(default_factory=dict)
    slots: Mapping[str, Slot] = field(default_factory=dict)
    released: frozenset[str] = frozenset()
    offers: Offers = field(default_factory=Offers)

    def taken(self, programme: str, now: datetime, pauses: Pauses = NO_PAUSES) -> int:
        """Places of the programme that are taken at `now`; `pauses` are the programme's."""
        return sum(slot.programme == programme and not slot.is_over(now, pauses) for slot in self.slots.values())


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Helper) -> Sequence[Event]:
    match command:
        case ListHelper():
            return _list(command, state)
        case UnlistHelper():
            return _unlist(command, state)
        case ReserveSlot():
            return _reserve(command, state)
        case ConfirmSlot():
            return _confirm(command, state)
        case ReleaseSlot(proposal_id=proposal_id, reason=reason):
            return _release(proposal_id, reason, state)
        case ExpireSlot(proposal_id=proposal_id, now=now, pauses=pauses):
            slot = state.slots.get(proposal_id)
            return [] if slot is not None and not slot.is_over(now, pauses) else _release(proposal_id, "expired", state)
        case MakeOffer() | TakeBackOffer():
            return decide_offer(command, state.offers, person_id=state.person_id, listings=state.listings)


def _list(command: ListHelper, state: Helper) -> Sequence[Event]:
    listing = Listing(command.roles, command.capacity, command.approved_under, command.until)
    listed = HelperListed(
        person_id=command.person_id,
        programme=command.programme,
        roles=command.roles,
        capacity=command.capacity,
        policy_version=command.approved_under,
        until=command.until,
    )
    events: list[Event] = [] if state.listings.get(command.programme) == listing else [listed]
    after = evolve(state, listed)
    for proposal_id, slot in state.slots.items():
        if slot.refused is not None and slot.programme == command.programme:
            events += _confirm(ConfirmSlot(proposal_id, command.now, command.policy), after)
    return events


def _unlist(command: UnlistHelper, state: Helper) -> Sequence[Event]:
    listing = state.listings.get(command.programme)
    if listing is None or _WEIGHT[listing.away] >= _WEIGHT[command.reason]:
        return []
    unlisted = HelperUnlisted(person_id=state.person_id, programme=command.programme, reason=command.reason)
    if command.reason == "lapsed":
        return [unlisted]
    freed = [
        event
        for proposal_id, slot in state.slots.items()
        if slot.programme == command.programme and slot.until is not None
        for event in _release(proposal_id, "facts", state)
    ]
    return [unlisted, *freed]


def _reserve(command: ReserveSlot, state: Helper) -> Sequence[Event]:
    if not state.listings:
        raise HelperNotFound()
    if command.proposal_id in state.slots:
        return []
    if command.proposal_id in state.released:
        raise SlotGone()
    command.policy.require_fresh(command.now)
    if command.policy.pauses.are_on:
        raise ProgrammePaused()
    if command.requester_id == state.person_id:
        raise SamePerson()
    listing = state.listings.get(command.programme)
    unapproved = why_unapproved(listing, command.policy)
    if listing is None or unapproved is not None:
        raise (unapproved or HelperNotFound)()
    pauses = command.policy.pauses
    if state.taken(command.programme, command.now, pauses) >= listing.capacity:
        raise NoFreeSlot()
    over = [
        proposal_id
        for proposal_id, slot in state.slots.items()
        if slot.programme == command.programme and slot.is_over(command.now, pauses)
    ]
    expired = [event for proposal_id in over for event in _release(proposal_id, "expired", state)]
    return [*expired, _reserved(command, state.person_id)]


def _reserved(command: ReserveSlot, person_id: str) -> SlotReserved:
    return SlotReserved(
        person_id=person_id,
        programme=command.programme,
        proposal_id=command.proposal_id,
        request_id=command.request_id,
        proposed_by=command.proposed_by,
        score=command.score,
        reasons=command.reasons,
        policy_version=command.policy.version,
        needs_meeting=command.needs_meeting,
        reserved_at=command.now,
        until=command.until,
    )


def _confirm(command: ConfirmSlot, state: Helper) -> Sequence[Event]:
    slot = state.slots.get(command.proposal_id)
    if slot is None:
        if command.proposal_id in state.released:
            return []
        raise SlotNotFound()
    if slot.until is None:
        return []
    if slot.is_over(command.now, command.policy.pauses):
        return _release(command.proposal_id, "expired", state)
    command.policy.require_fresh(command.now)
    names = {
        "person_id": state.person_id,
        "programme": slot.programme,
        "proposal_id": command.proposal_id,
        "request_id": slot.request_id,
    }
    unapproved = why_unapproved(state.listings.get(slot.programme), command.policy)
    if unapproved is None:
        return [SlotConfirmed(**names)]
    if unapproved.rule == slot.refused:
        return []
    return [SlotRefused(**names, rule=unapproved.rule, attempt=slot.attempts + 1)]


def _release(proposal_id: str, reason: Release | Literal["expired"], state: Helper) -> Sequence[Event]:
    slot = state.slots.get(proposal_id)
    if slot is not None:
        return [
            SlotReleased(
                person_id=state.person_id,
                programme=slot.programme,
                proposal_id=proposal_id,
                request_id=slot.request_id,
                reason=reason,
            )
        ]
    if proposal_id in state.released:
        return []
    raise SlotNotFound()


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Helper, event: Event) -> Helper:
    match event:
        case HelperListed():
            listing = Listing(event.roles, event.capacity, event.policy_version, event.until)
            listings = {**state.listings, event.programme: listing}
            return replace(state, person_id=event.person_id, listings=listings)
        case HelperUnlisted(programme=programme, reason=reason):
            listings = {**state.listings, programme: replace(state.listings[programme], away=reason)}
            return replace(state, listings=listings)
        case SlotReserved():
            return _with_slot(
                state, event.proposal_id, Slot(event.programme, event.request_id, event.reserved_at, event.until)
            )
        case SlotConfirmed(proposal_id=proposal_id):
            return _with_slot(state, proposal_id, replace(state.slots[proposal_id], until=None, refused=None))
        case SlotRefused(proposal_id=proposal_id, rule=rule, attempt=attempt):
            slot = replace(state.slots[proposal_id], refused=rule, attempts=attempt)
            return _with_slot(state, proposal_id, slot)
        case SlotReleased(proposal_id=proposal_id):
            slots = {name: slot for name, slot in state.slots.items() if name != proposal_id}
            return replace(state, slots=slots, released=state.released | {proposal_id})
        case OfferMade() | OfferTakenBack():
            return replace(state, offers=evolve_offers(state.offers, event))
        case _:
            return state


def _with_slot(state: Helper, proposal_id: str, slot: Slot) -> Helper:
    return replace(state, slots={**state.slots, proposal_id: slot})


helper = Decider("helper", Helper(), decide, evolve)
