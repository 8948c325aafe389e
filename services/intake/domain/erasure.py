"""What intake answers while a person leaves without a trace (S2.3)."""

from datetime import datetime

from chassis.receipts import Answer, Receipts, receipts
from contracts.intake import PersonPurged

erasure: Receipts = receipts("intake-erasure")


def purged(person_id: str, now: datetime) -> Answer:
    return Answer(PersonPurged(person_id=person_id, purged_at=now))
