"""A programme and its rules. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.policy import Category, Mandate, Policy


@event("intake.programme-adopted", version=1)
class ProgrammeAdopted(Event):
    """A policy is in force from now on, under a version that counts from 1 (S0.30, S1.5)."""

    programme: str
    policy: Policy
    policy_version: int
    adopted_by: str
    adopted_on: date


@event("intake.mandate-renewed", version=1)
class MandateRenewed(Event):
    """New requests are taken again until the new last day (S1.5)."""

    programme: str
    mandate: Mandate
    renewed_by: str


@event("intake.programme-paused", version=1)
class ProgrammePaused(Event):
    """No new meetings, notices held; nothing that runs is ended (S2.29)."""

    programme: str
    paused_at: AwareDatetime


@event("intake.programme-resumed", version=1)
class ProgrammeResumed(Event):
    """The pause is over; what went stale meanwhile is not sent again (S2.29)."""

    programme: str
    resumed_at: AwareDatetime


@event("intake.programme-made-permanent", version=1)
class ProgrammeMadePermanent(Event):
    """Pilot no longer; ids, history and counts go on (S0.25, S2.2)."""

    programme: str
    permanent_on: date


@event("intake.programme-closed", version=1)
class ProgrammeClosed(Event):
    """No new requests for good; what runs may run to its end."""

    programme: str
    closed_on: date
    reason: str


@event("intake.term-added", version=1)
class TermAdded(Event):
    """Staff add a word to one of the programme's lists; the list is open, "osv." (S1.18)."""

    programme: str
    list: Literal["categories"]
    label: Category
    added_by: str


@event("intake.mandate-end-near", version=1)
class MandateEndNear(Event):
    """The last day for new requests comes; whoever decides has time to renew (S1.5)."""

    programme: str
    ends_on: date
