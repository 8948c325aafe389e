"""What reporting answers to others. Stored and published: version with care."""

from pydantic import AwareDatetime

from contracts.base import Event, event


@event("reporting.person-purged", version=1)
class PersonPurged(Event):
    """The receipt of reporting's read models: what was counted stays counted, and leads to nobody (S2.3, S4.32)."""

    person_id: str
    purged_at: AwareDatetime
