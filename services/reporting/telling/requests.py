"""What a request tells: that it came, how it stands, and why it could not be taken (S2.31)."""

from typing import Any

from contracts.envelope import RecordedEvent
from contracts.intake import (
    RequestDeclined,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestWithdrawn,
)
from services.reporting.telling.fact import Fact, noon, told

_Counted = RequestPosted | RequestDeclined | RequestParked | RequestResumed | RequestWithdrawn | RequestMet
COUNTED = (RequestPosted, RequestDeclined, RequestParked, RequestResumed, RequestWithdrawn, RequestMet)


def fact_of(recorded: RecordedEvent, event: _Counted) -> Fact:
    about: dict[str, Any] = {"about": event.request_id}
    match event:
        case RequestPosted(programme=programme, posted_at=at, person_id=subject, category=category):
            about |= {"needed_since": noon(event.needed_since), "category": category}
            return told(recorded, programme, "request-posted", at, subject=subject, **about)
        case RequestDeclined(programme=programme, declined_at=at, person_id=subject):
            # A gate has a name of its own, which says more than that some gate was closed (S2.7).
            rule = event.gate or event.rule
            return told(recorded, programme, "request-declined", at, subject=subject, rule=rule, **about)
        case RequestParked(programme=programme, parked_at=at):
            return told(recorded, programme, "request-parked", at, **about)
        case RequestResumed(programme=programme, resumed_at=at):
            return told(recorded, programme, "request-resumed", at, **about)
        case RequestWithdrawn(programme=programme, withdrawn_at=at):
            return told(recorded, programme, "request-withdrawn", at, **about)
        case RequestMet(programme=programme, met_at=at):
            return told(recorded, programme, "request-met", at, **about)
