"""A place in the directory: organisation, centre, partner, school or firm (S1.26, S3.1, S3.6-3.8, S3.81, S0.1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.intake import PlaceDelisted, PlaceListed, PlaceNamed, PlaceOpened

Kind = Literal["tenant", "centre", "partner", "school", "firm"]
Sector = Literal["municipal", "civil", "regional", "private"]
Country = Literal["NO", "DK"]


# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPlace:
    kind: Kind
    name: str
    sector: Sector
    country: Country
    zone: str
    organisation_number: str | None = None
    parent: str | None = None
    postcode: str | None = None
    contact_role: str = "coordinator"


@dataclass(frozen=True, slots=True)
class OpenPlace:
    opens_on: date
    today: date


@dataclass(frozen=True, slots=True)
class NamePlace:
    audience: str
    name: str
    collective: str | None = None


@dataclass(frozen=True, slots=True)
class DelistPlace:
    pass


Command = ListPlace | OpenPlace | NamePlace | DelistPlace


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """`listed` is the entry in force, None before listing and after delisting; `names` are those in use by audience."""

    listed: PlaceListed | None = None
    opens_on: date | None = None
    names: Mapping[str, PlaceNamed] = field(default_factory=dict)
    is_delisted: bool = False


# refusals -------------------------------------------------------------------------------------------------------------


class OrganisationNumberInvalid(Refusal):
    rule, status = "organisation_number_invalid", 422
    sentence = "The organisation number has a wrong check digit or length."
    field = "organisation_number"


class PostcodeInvalid(Refusal):
    rule, sentence, status = "postcode_invalid", "A postcode has four digits.", 422
    field = "postcode"


class AlreadyListed(Refusal):
    rule, sentence = "already_listed", "This place is listed already, with other particulars."


class AlreadyOpen(Refusal):
    rule, sentence = "already_open", "The place has opened; its opening day is history now."


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Place) -> Sequence[Event]:
    match command:
        case ListPlace():
            return _list(command, state)
        case DelistPlace() if state.is_delisted:
            return []
        case _ if state.listed is None:
            raise NotFound()
        case DelistPlace():
            return [PlaceDelisted()]
        case OpenPlace(opens_on=opens_on) if opens_on == state.opens_on:
            return []
        case OpenPlace(opens_on=opens_on, today=today):
            if state.opens_on is not None and state.opens_on <= today:
                raise AlreadyOpen()
            return [PlaceOpened(opens_on=opens_on)]
        case NamePlace(audience=audience, name=name, collective=collective):
            named = PlaceNamed(audience=audience, name=name, collective=collective)
            return [] if state.names.get(audience) == named else [named]


def _list(command: ListPlace, state: Place) -> Sequence[Event]:
    if command.postcode is not None and not re.fullmatch(r"[0-9]{4}", command.postcode):
        raise PostcodeInvalid()
    if command.organisation_number is not None and not is_organisation_number(
        command.organisation_number, command.country
    ):
        raise OrganisationNumberInvalid()
    listed = PlaceListed(
        kind=command.kind,
        name=command.name,
        sector=command.sector,
        country=command.country,
        zone=command.zone,
        organisation_number=command.organisation_number,
        parent=command.parent,
        postcode=command.postcode,
        contact_role=command.contact_role,
    )
    if state.listed is None:
        return [listed]
    if state.listed == listed:
        return []
    raise AlreadyListed()


def is_organisation_number(text: str, country: Country) -> bool:
    """Norwegian numbers have nine digits and Danish CVR numbers eight, both with a check digit modulo 11 (S1.26)."""
    weights = (3, 2, 7, 6, 5, 4, 3, 2, 1) if country == "NO" else (2, 7, 6, 5, 4, 3, 2, 1)
    if not (text.isascii() and text.isdigit() and len(text) == len(weights)):
        return False
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11 == 0


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Place, event: Event) -> Place:
    match event:
        case PlaceListed():
            return replace(state, listed=event, is_delisted=False)
        case PlaceOpened(opens_on=opens_on):
            return replace(state, opens_on=opens_on)
        case PlaceNamed(audience=audience):
            return replace(state, names={**state.names, audience: event})
        case PlaceDelisted():
            return replace(state, listed=None, is_delisted=True)
        case _:
            return state


place: Decider[Command, Place] = Decider("place", Place(), decide, evolve)
