"""The tender part of a search: opened by a coordinator, answered by members, one of them chosen, or lapsed.

Choosing is a proposal like any other, except that the offer is the helper's yes: see `chosen`.
"""

from collections.abc import Sequence

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.matching import (
    HelperChosen,
    HelpNotNeeded,
    HelpOffered,
    HelpTakenBack,
    TenderLapsed,
    TenderOpened,
    TenderStopped,
    YesSaid,
)
from services.matching.domain.approval import ProgrammePaused
from services.matching.domain.search_commands import (
    AlreadyMatched,
    AlreadyProposed,
    Propose,
    SearchClosedNow,
)
from services.matching.domain.search_state import Search, Status
from services.matching.domain.tender_commands import (
    LONGEST,
    AreaProtected,
    ChosenAlready,
    ClosesInThePast,
    CloseTender,
    Identifies,
    LapseTender,
    NeedsAuthority,
    NeedsCategory,
    NeedsPairing,
    NoTender,
    OfferHelp,
    OpenTender,
    OpenTooLong,
    TakeHelpBack,
    TenderClosed,
    TenderNotFound,
    TenderOpenAlready,
)
from services.matching.domain.tender_state import Offer, Tender


def open_tender(command: OpenTender, state: Search) -> Sequence[Event]:
    if command.tender_id in state.tenders:
        return []
    command.policy.require_fresh(command.now)
    refusal = _why_not_open(command, state)
    if refusal is not None:
        raise refusal
    return [
        TenderOpened(
            request_id=state.request_id,
            person_id=state.person_id,
            programme=state.programme,
            tender_id=command.tender_id,
            category=str(state.category),
            text=command.text,
            audience=command.audience,
            opened_by=command.opened_by,
            opens_at=command.now,
            closes_at=command.closes_at,
        )
    ]


def _why_not_open(command: OpenTender, state: Search) -> Refusal | None:
    """The first rule that stands against a tender now. Raised, not recorded: nobody waits for an answer."""
    current = state.current
    rules: tuple[tuple[type[Refusal], bool], ...] = (
        (AlreadyMatched, state.status is Status.SETTLED),
        (SearchClosedNow, state.status is not Status.OPEN),
        (NeedsCategory, command.by is None),
        (NeedsPairing, command.by == "pairing"),
        (NeedsAuthority, command.by == "authority"),
        (ProgrammePaused, command.policy.pauses.are_on),
        (AlreadyProposed, current is not None and current.is_live(command.now, command.policy.pauses)),
        (TenderOpenAlready, state.tender is not None),
        (ClosesInThePast, command.closes_at <= command.now),
        (OpenTooLong, command.closes_at > command.now + LONGEST),
        (AreaProtected, command.is_protected and bool(command.audience.areas)),
    )
    for rule, stands_against in rules:
        if stands_against:
            return rule()
    return Identifies(", ".join(command.identifies)) if command.identifies else None


def offer(command: OfferHelp, state: Search) -> Sequence[Event]:
    tender = _tender(command.tender_id, state)
    if command.helper_id == state.person_id:
        # As for anybody who does not see it: nothing tells whose it is.
        raise TenderNotFound()
    if tender.offers.get(command.helper_id, Offer.TAKEN_BACK) is not Offer.TAKEN_BACK:
        return []
    if not tender.takes_offers(command.now, command.pauses):
        raise TenderClosed()
    if command.pauses.are_on:
        raise ProgrammePaused()
    return [HelpOffered(**_names(tender, state), helper_id=command.helper_id, offered_at=command.now)]


def take_back(command: TakeHelpBack, state: Search) -> Sequence[Event]:
    tender = _tender(command.tender_id, state)
    match tender.offers.get(command.helper_id):
        case None:
            raise TenderNotFound()
        case Offer.CHOSEN if not tender.is_over:
            raise ChosenAlready()
        case Offer.LIVE if not tender.is_over:
            return [HelpTakenBack(**_names(tender, state), helper_id=command.helper_id)]
        case _:
            return []


def close(command: CloseTender, state: Search) -> Sequence[Event]:
    tender = state.tender
    if tender is None:
        if any(tender.is_over for tender in state.tenders.values()):
            return []
        raise NoTender()
    if tender.has_closed(command.now, command.pauses):
        return lapse(LapseTender(tender.tender_id, command.now, command.pauses), state)
    stopped = TenderStopped(**_names(tender, state), closed_at=command.now)
    nobody = state.current is None and Offer.LIVE not in tender.offers.values()
    return [stopped, _lapsed(tender, state)] if nobody else [stopped]


def lapse(command: LapseTender, state: Search) -> Sequence[Event]:
    tender = _tender(command.tender_id, state)
    # While somebody is proposed, the requester waits for an answer; it is looked at again when that has come.
    if state.current is not None or not tender.has_nobody(command.now, command.pauses):
        return []
    return [_lapsed(tender, state)]


def chosen(command: Propose, state: Search) -> tuple[Sequence[Event], Sequence[Event]]:
    """What stands before and after HelperProposed when the helper answered the tender: the offer is the yes (S1.2)."""
    tender = state.tender
    if tender is None or command.helper_id not in tender.live:
        return (), ()
    names = {"helper_id": command.helper_id, "proposal_id": command.proposal_id}
    before = HelperChosen(**_names(tender, state), **names, chosen_by=command.proposed_by)
    return [before], [YesSaid(request_id=state.request_id, proposal_id=command.proposal_id, said_by="helper")]


def is_taken_back(helper_id: str, state: Search) -> bool:
    """Whoever said "not after all" is not asked the same thing once more while it runs."""
    tender = state.tender
    return tender is not None and tender.offers.get(helper_id) is Offer.TAKEN_BACK


def not_needed(state: Search) -> Sequence[Event]:
    """Everybody who could still have been chosen is told, once (S1.16)."""
    tender = state.tender
    if tender is None:
        return []
    return [HelpNotNeeded(**_names(tender, state), helper_id=helper_id) for helper_id in tender.live]


def _tender(tender_id: str, state: Search) -> Tender:
    found = state.tenders.get(tender_id)
    if found is None:
        raise TenderNotFound()
    return found


def _lapsed(tender: Tender, state: Search) -> TenderLapsed:
    return TenderLapsed(**_names(tender, state), person_id=state.person_id)


def _names(tender: Tender, state: Search) -> dict[str, str]:
    return {"request_id": state.request_id, "programme": state.programme, "tender_id": tender.tender_id}
