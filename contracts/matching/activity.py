"""A lasting offer to do something together. Stored and published: version with care."""

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.sealed import Sealed


@event("matching.activity-proposed", version=1)
class ActivityProposed(Event):
    """Somebody would like to hold or do this with others; what they do is said in a line (S1.19, S1.22, S3.54).

    `offer_id` is the standing offer that it grew out of. `is_talk_only` flags for whoever plans that nothing seems to
    be done but talking.
    """

    activity_id: str
    programme: str
    kind: str
    title: Sealed[str]
    what_we_do: Sealed[str]
    lead_id: str
    category: str | None = None
    offer_id: str | None = None
    is_talk_only: bool = False
    proposed_at: AwareDatetime


@event("matching.activity-supported", version=1)
class ActivitySupported(Event):
    """Somebody named stands beside whoever leads it (S1.22, S3.28)."""

    activity_id: str
    programme: str
    supporter_id: str
    supported_at: AwareDatetime


@event("matching.activity-published", version=1)
class ActivityPublished(Event):
    """Open for sign-up."""

    activity_id: str
    programme: str
    approved_by: str
    published_at: AwareDatetime


@event("matching.activity-closed", version=1)
class ActivityClosed(Event):
    """No more of it; nobody's failure."""

    activity_id: str
    programme: str
    closed_at: AwareDatetime
