"""What matching answers when a person leaves without a trace (S2.3). Stored and published: version with care."""

from pydantic import AwareDatetime

from contracts.base import Event, event


@event("matching.release-begun", version=1)
class ReleaseBegun(Event):
    """From now on whatever begins with them here ends as soon as it is heard of; what is live is sought after it."""

    person_id: str
    begun_at: AwareDatetime


@event("matching.person-released", version=1)
class PersonReleased(Event):
    """Nothing with them is live here any more: no match, no proposal, no place held. The key may go now.

    `offer_ids` are the ids of all they ever offered, `activity_ids` of all they ever led: what is kept under such an id
    is found by it, in every rebuild.
    """

    person_id: str
    offer_ids: tuple[str, ...] = ()
    activity_ids: tuple[str, ...] = ()
    released_at: AwareDatetime


@event("matching.person-purged", version=1)
class PersonPurged(Event):
    """The receipt of matching's read models."""

    person_id: str
    purged_at: AwareDatetime
