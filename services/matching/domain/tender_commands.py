"""What may be asked about the tender of a search and the task that comes of it, and the rules that say no."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chassis.refusal import NotFound, Refusal
from contracts.matching import Audience
from contracts.sealed import Sealed
from services.matching.domain.approval import PolicyNow
from services.matching.domain.pauses import NO_PAUSES, Pauses

Safeguard = Literal["money", "keys", "home"]

# Longer than this a wish does not hang on the wall without somebody looking at it again (ours).
LONGEST = timedelta(days=60)
PEOPLE_WHO_LOOK = 2


@dataclass(frozen=True, slots=True)
class OpenTender:
    """A coordinator puts the task to the members (S1.13). `by` is how the policy has the category handled, None when it
    does not know it; `identifies` what in the text would tell who asks (S1.14); `is_protected` that nobody may
    be told where who asks lives (S2.9)."""

    tender_id: str
    text: Sealed[str]
    identifies: tuple[str, ...]
    audience: Audience
    by: Literal["task", "pairing", "authority"] | None
    opened_by: str
    closes_at: datetime
    now: datetime
    policy: PolicyNow
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class OfferHelp:
    """A member who may see the tender would like to do it."""

    tender_id: str
    helper_id: str
    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class TakeHelpBack:
    tender_id: str
    helper_id: str


@dataclass(frozen=True, slots=True)
class CloseTender:
    """No more offers, though it is early."""

    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class LapseTender:
    """Whether it has closed and left nobody to choose."""

    tender_id: str
    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class ConfirmSafeguard:
    """Somebody looked. `safeguards` are those that the policy in force has for the category (S1.21)."""

    proposal_id: str
    safeguard: Safeguard
    confirmed_by: str
    receipt: Sealed[str] | None
    safeguards: tuple[Safeguard, ...]
    now: datetime
    pauses: Pauses = NO_PAUSES


@dataclass(frozen=True, slots=True)
class SayDone:
    """`person_id` is who the token says; anybody but the two finds no proposal."""

    proposal_id: str
    person_id: str
    now: datetime


TenderCommand = OpenTender | OfferHelp | TakeHelpBack | CloseTender | LapseTender | ConfirmSafeguard | SayDone


class TenderNotFound(NotFound):
    rule, sentence = "tender_not_found", "There is no tender by that id."


class NeedsCategory(Refusal):
    rule, sentence = "needs_category", "A tender needs a category that the programme knows. Choose one first."


class NeedsPairing(Refusal):
    rule, sentence = "needs_pairing", "This is company over time, and needs a pairing. Choose a candidate instead."


class NeedsAuthority(Refusal):
    rule, sentence = "needs_authority", "This is a matter with an authority, not a task for members."


class TenderOpenAlready(Refusal):
    rule, sentence = "tender_open", "A tender is open, or waits for you to choose. End it before a new one."


class ClosesInThePast(Refusal):
    rule, sentence = "closes_in_the_past", "A tender closes in the future. Choose a later time."


class OpenTooLong(Refusal):
    rule, sentence = "open_too_long", "A tender is open for 60 days at most. It can be opened again."


class Identifies(Refusal):
    rule, sentence = "identifies", "The text would tell who asks. Take out names, numbers and addresses."


class AreaProtected(Refusal):
    """Areas stand in clear in the event, and on the board of those who live there."""

    rule = "area_protected"
    sentence = (
        "Their address is protected: the areas in which you ask would tell where they live. "
        "Ask everybody, or those who offer such help."
    )


class NoTender(Refusal):
    rule, sentence = "no_tender", "No tender is open here."


class TenderClosed(Refusal):
    rule, sentence = "tender_closed", "This takes no more answers. Thank you for wanting to."


class ChosenAlready(Refusal):
    rule, sentence = "chosen_already", "You have been chosen. If you cannot after all, say no to the proposal."


class NotOffered(Refusal):
    rule, sentence = "not_offered", "This person has no live offer on the tender. Choose somebody who offered."


class SafeguardNotNeeded(Refusal):
    rule, sentence = "safeguard_not_needed", "This category does not need that safeguard."


class HelperCannotConfirm(Refusal):
    rule, sentence = "helper_cannot_confirm", "A safeguard is confirmed by others than the one who helps."


class SecondPersonNeeded(Refusal):
    rule, sentence = (
        "second_person_needed",
        "A second person has to look. Ask a colleague, or the one who asked for help.",
    )


class SafeguardsOpen(Refusal):
    rule, sentence = "safeguards_open", "Two people have to confirm each safeguard first."


class NotAgreed(Refusal):
    rule, sentence = "not_agreed", "The two have not agreed on this task."
