"""What matching answers while a person leaves without a trace (S2.3)."""

from datetime import datetime

from chassis.receipts import Answer, Receipts, receipts
from contracts.matching import PersonPurged, PersonReleased

erasure: Receipts = receipts("matching-erasure")


def purged(person_id: str, now: datetime) -> Answer:
    return Answer(PersonPurged(person_id=person_id, purged_at=now))


def released(person_id: str, now: datetime, *, offer_ids: tuple[str, ...]) -> Answer:
    return Answer(PersonReleased(person_id=person_id, offer_ids=offer_ids, released_at=now))
