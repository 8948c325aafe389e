"""What matching answers while a person leaves without a trace (S2.3)."""

from datetime import datetime

from chassis.receipts import Answer, Receipts, receipts
from contracts.matching import PersonPurged, PersonReleased, ReleaseBegun

erasure: Receipts = receipts("matching-erasure")


def purged(person_id: str, now: datetime) -> Answer:
    return Answer(PersonPurged(person_id=person_id, purged_at=now))


def begun(person_id: str, now: datetime) -> Answer:
    return Answer(ReleaseBegun(person_id=person_id, begun_at=now))


def released(
    person_id: str, now: datetime, *, offer_ids: tuple[str, ...], activity_ids: tuple[str, ...] = ()
) -> Answer:
    released = PersonReleased(person_id=person_id, offer_ids=offer_ids, activity_ids=activity_ids, released_at=now)
    return Answer(released)
