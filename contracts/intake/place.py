"""A place in the directory. Stored and published: version with care."""

from datetime import date
from typing import Literal

from contracts.base import Event, event


@event("intake.place-listed", version=1)
class PlaceListed(Event):
    """An organisation, centre, partner, school or firm is in the directory (S1.26, S3.81, S4.33)."""

    kind: Literal["tenant", "centre", "partner", "school", "firm"]
    name: str
    sector: Literal["municipal", "civil", "regional", "private"]
    country: Literal["NO", "DK"]
    zone: str
    organisation_number: str | None = None
    parent: str | None = None
    postcode: str | None = None
    contact_role: str = "coordinator"


@event("intake.place-opened", version=1)
class PlaceOpened(Event):
    """From this day something may be booked (S0.1)."""

    opens_on: date


@event("intake.place-named", version=1)
class PlaceNamed(Event):
    """One audience calls the place so from now on; earlier names stay in the history (S3.6-3.8)."""

    audience: str
    name: str
    collective: str | None = None


@event("intake.place-delisted", version=1)
class PlaceDelisted(Event):
    """The place is no longer in the directory."""
