"""What notifications answers while a person leaves without a trace (S2.3)."""

from datetime import datetime

from chassis.receipts import Answer, Receipts, receipts
from contracts.notifications import PersonPurged

erasure: Receipts = receipts("notifications-erasure")


def purged(person_id: str, now: datetime, *, messages: tuple[str, ...]) -> Answer:
    return Answer(PersonPurged(person_id=person_id, messages=messages, purged_at=now))
