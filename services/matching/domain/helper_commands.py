"""What may be asked of a helper's stream, and the rules by which it says no."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chassis.refusal import NotFound, Refusal
from contracts.matching import DropReason, Reason
from services.matching.domain.approval import PolicyNow
from services.matching.domain.offers import OfferCommand
from services.matching.domain.pauses import NO_PAUSES, Pauses

Away = Literal["lapsed", "suspended", "left"]
Release = Literal[DropReason, "not-proposed", "lost", "ended"]


@dataclass(frozen=True, slots=True)
class ListHelper:
    """Approved by intake: ready from now on; slots whose confirmation waited for this are confirmed."""

    person_id: str
    programme: str
    roles: tuple[str, ...]
    capacity: int
    approved_under: int
    until: date | None
    now: datetime
    policy: PolicyNow


@dataclass(frozen=True, slots=True)
class UnlistHelper:
    """Not ready any more. Who is suspended or left answers no proposal: their reserved slots are given back at once."""

    programme: str
    reason: Away


@dataclass(frozen=True, slots=True)
class ReserveSlot:
    """A coordinator picked this helper (S2.30); the place is held until both have answered, at the latest `until`."""

    programme: str
    proposal_id: str
    request_id: str
    requester_id: str
    proposed_by: str
    score: float
    reasons: tuple[Reason, ...]
    needs_meeting: bool
    until: datetime
    now: datetime
    policy: PolicyNow


@dataclass(frozen=True, slots=True)
class ConfirmSlot:
    """Both said yes."""

    proposal_id: str
    now: datetime
    policy: PolicyNow


@dataclass(frozen=True, slots=True)
class ReleaseSlot:
    proposal_id: str
    reason: Release


@dataclass(frozen=True, slots=True)
class ExpireSlot:
    """The deadline of a reservation has come, unless a pause has moved it."""

    proposal_id: str
    now: datetime
    pauses: Pauses = NO_PAUSES


Command = ListHelper | UnlistHelper | ReserveSlot | ConfirmSlot | ReleaseSlot | ExpireSlot | OfferCommand


class HelperNotFound(NotFound):
    rule, sentence = "helper_not_found", "Nobody by that id has been a helper here."


class SlotNotFound(NotFound):
    rule, sentence = "slot_not_found", "This helper holds no place for that proposal."


class SamePerson(Refusal):
    rule, sentence = "same_person", "Nobody can be their own helper. Choose another candidate."


class NoFreeSlot(Refusal):
    rule, sentence = "no_free_slot", "This helper has no free place now. Choose another candidate, or wait."


class SlotGone(Refusal):
    rule, sentence = "slot_gone", "The place held for this proposal was given back. Make a new proposal."
