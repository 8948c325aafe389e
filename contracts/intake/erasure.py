"""How a person leaves without a trace (S2.3). On their own stream, but for the receipt. Stored and published."""

from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event

ServiceName = Literal["intake", "matching", "notifications", "reporting"]


@event("intake.erasure-asked", version=1)
class ErasureAsked(Event):
    """By the person, or by staff on their behalf. From now on they are leaving: what is live ends first."""

    person_id: str
    asked_by: str
    asked_at: AwareDatetime
    overdue_at: AwareDatetime


@event("intake.key-destroyed", version=1)
class KeyDestroyed(Event):
    """Nothing sealed about them opens any more; whoever holds documents about them drops them now, for ever.

    `requests` are the ids of all they ever asked, `programmes` those they ever offered help in, `answers` those of all
    they ever answered when asked: what is kept under such an id is found by it, without a search and in every rebuild.
    Said again with what was being written while they left.
    """

    person_id: str
    requests: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    destroyed_at: AwareDatetime


@event("intake.receipt-noted", version=1)
class ReceiptNoted(Event):
    """One service has dropped all that it held about them."""

    person_id: str
    service: ServiceName
    noted_at: AwareDatetime


@event("intake.erasure-overdue", version=1)
class ErasureOverdue(Event):
    """Not done after the days it may take; these services have not answered. A coordinator or operator looks."""

    person_id: str
    waiting_for: tuple[ServiceName, ...]
    is_shredded: bool


@event("intake.person-erased", version=1)
class PersonErased(Event):
    """The key is destroyed and every service has answered."""

    person_id: str
    erased_at: AwareDatetime


@event("intake.person-purged", version=1)
class PersonPurged(Event):
    """The receipt of intake's own read models."""

    person_id: str
    purged_at: AwareDatetime
