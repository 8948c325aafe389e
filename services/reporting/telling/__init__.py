"""Which facts an event tells: a file for each kind of stream that is counted."""

from collections.abc import Mapping

from contracts.base import Event
from contracts.envelope import RecordedEvent
from services.reporting.telling import activities, matches, requests, tasks, volunteering
from services.reporting.telling.fact import Fact

COUNTED: tuple[type[Event], ...] = (
    *requests.COUNTED,
    *volunteering.COUNTED,
    *matches.COUNTED,
    *tasks.COUNTED,
    *activities.COUNTED,
)


def facts_of(recorded: RecordedEvent) -> Mapping[str, Fact]:
    """The facts an event tells by their part of it; most tell one, whose part is empty."""
    event = recorded.event
    if isinstance(event, requests.COUNTED):
        return {"": requests.fact_of(recorded, event)}
    if isinstance(event, volunteering.COUNTED):
        return {"": volunteering.fact_of(recorded, event)}
    if isinstance(event, tasks.COUNTED):
        return {"": tasks.fact_of(recorded, event)}
    if isinstance(event, activities.COUNTED):
        return {"": activities.fact_of(recorded, event)}
    if isinstance(event, matches.COUNTED):
        return matches.facts_of(recorded, event)
    return {}
