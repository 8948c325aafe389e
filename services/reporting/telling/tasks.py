"""What tenders and standing offers tell: how soon somebody came forward, who was chosen, what is never asked for."""

from typing import Any

from contracts.envelope import RecordedEvent
from contracts.matching import (
    HelperChosen,
    HelperProposed,
    HelpOffered,
    OfferMade,
    OfferTakenBack,
    TaskCompleted,
    TenderLapsed,
    TenderOpened,
)
from services.reporting.telling.fact import Fact, told

_Counted = (
    TenderOpened
    | HelpOffered
    | HelperChosen
    | HelperProposed
    | TenderLapsed
    | TaskCompleted
    | OfferMade
    | OfferTakenBack
)
COUNTED = (
    TenderOpened,
    HelpOffered,
    HelperChosen,
    HelperProposed,
    TenderLapsed,
    TaskCompleted,
    OfferMade,
    OfferTakenBack,
)


def fact_of(recorded: RecordedEvent, event: _Counted) -> Fact:
    """Who received and who gave is told of no completed task: how much anybody did is theirs to know (S1.15)."""
    programme, occurred_at = event.programme, recorded.origin.occurred_at
    match event:
        case TenderOpened(tender_id=tender_id, opens_at=at):
            return told(recorded, programme, "tender-opened", at, about=tender_id)
        case HelpOffered(tender_id=tender_id, helper_id=helper, offered_at=at):
            return told(recorded, programme, "help-offered", at, about=tender_id, helper=helper)
        case HelperChosen(tender_id=tender_id, helper_id=helper):
            return told(recorded, programme, "helper-chosen", occurred_at, about=tender_id, helper=helper)
        case TenderLapsed(tender_id=tender_id):
            return told(recorded, programme, "tender-lapsed", occurred_at, about=tender_id)
        case HelperProposed(request_id=request_id, helper_id=helper, proposed_at=at):
            return told(recorded, programme, "helper-proposed", at, about=request_id, helper=helper)
        case TaskCompleted(completed_at=at):
            return told(recorded, programme, "task-completed", at)
        case OfferMade(offer_id=offer_id, person_id=helper, category=category, made_at=at):
            more: dict[str, Any] = {"about": offer_id, "helper": helper, "category": category}
            return told(recorded, programme, "offer-made", at, **more)
        case OfferTakenBack(offer_id=offer_id):
            return told(recorded, programme, "offer-taken-back", occurred_at, about=offer_id)
