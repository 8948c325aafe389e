"""The caller: who the issuer says they are, and what they may do, here and in the programme that is asked about."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.base import JsonObject

TENANT = re.compile(r"[a-z0-9-]{1,64}")
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
_SCOPE = re.compile(r"[a-z]+:[a-z]+")
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MAX_NAME = 200
_OF_THE_TOKEN = frozenset({"of the token"})  # no scope: what a new Principal has everywhere is what its token says


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a thing belongs. `is_anywhere`: it belongs to no programme yet, and whoever may do this at all may."""

    programmes: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    is_anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A role as it was granted: what it opens, in one programme (None: in all), at one place, until a moment."""

    role: str
    scopes: frozenset[str]
    programme: str | None = None
    place: str | None = None
    until: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        return self.programme is not None or self.place is not None

    def covers(self, where: Whereabouts) -> bool:
        if where.is_anywhere:
            return True
        in_programme = self.programme is None or self.programme in where.programmes
        return in_programme and (self.place is None or self.place in where.places)


@dataclass(frozen=True, slots=True)
class Principal:
    """`subject` is the issuer's id of a person or system, `person_id` the pseudonym when the caller is a person here.

    `scopes` are those that hold for what is asked now, `everywhere` those that hold in the whole tenant: of the token,
    and of roles that were granted without bounds. `issuer` is whose token it was, "" for the only one there is.
    `when_linked` are the scopes that a person has once intake has tied their login to a pseudonym; None where the token
    says who they are. `holder` is by what this login is known where something is kept about it. `name` is personal
    data: it is shown back to the caller, never logged or stored.
    """

    tenant: str
    subject: str = field(repr=False)
    scopes: frozenset[str]
    person_id: str | None = None
    name: str | None = field(default=None, repr=False)
    issuer: str = ""
    grants: tuple[Grant, ...] = ()
    everywhere: frozenset[str] = _OF_THE_TOKEN
    when_linked: frozenset[str] | None = None
    holder: str = ""

    def __post_init__(self) -> None:
        if self.everywhere is _OF_THE_TOKEN:
            object.__setattr__(self, "everywhere", self.scopes)

    def named(self, holder: str) -> "Principal":
        """The same caller under a name that may be kept: of issuers that give away who somebody is (a national number),
        no other is used."""
        return replace(self, holder=holder, subject=f"login-{holder}" if self.issuer else self.subject)

    @property
    def actor(self) -> str:
        """Who did something, as it may be written down: never the id by which an issuer knows somebody's number."""
        return self.person_id or (self.subject if self.holder or not self.issuer else "somebody")

    def has(self, scope: str) -> bool:
        """Whether the caller may, for what is asked now."""
        return scope in self.scopes

    def programmes_for(self, *scopes: str) -> frozenset[str] | None:
        """In which programmes the caller has one of the scopes; None: in all there are."""
        if not self.everywhere.isdisjoint(scopes):
            return None
        return frozenset(
            grant.programme
            for grant in self.grants
            if grant.programme is not None and grant.place is None and not grant.scopes.isdisjoint(scopes)
        )

    def as_person(self, person_id: str) -> "Principal":
        """The same caller, known to be this person here."""
        scopes = self.when_linked or self.scopes
        return replace(self, person_id=person_id, scopes=scopes, everywhere=scopes, when_linked=None)

    def holding(self, grants: Collection[Grant]) -> "Principal":
        """The same caller with the roles that were granted to them."""
        wide = frozenset[str]().union(*(grant.scopes for grant in grants if not grant.is_narrow))
        everywhere = self.everywhere | wide
        return replace(self, grants=tuple(grants), scopes=everywhere, everywhere=everywhere)

    def within(self, *where: Whereabouts) -> "Principal":
        """The same caller as they are for a thing that belongs to all of these at once."""
        held = [grant.scopes for grant in self.grants if all(grant.covers(one) for one in where)]
        return replace(self, scopes=self.everywhere.union(*held))

    def role_for(self, scopes: Collection[str]) -> str | None:
        """The granted role by which the caller may do what needs one of these scopes; None: by the token alone."""
        for grant in self.grants:
            if grant.scopes & self.scopes and not grant.scopes.isdisjoint(scopes):
                return grant.role
        return None


def principal_of(claims: JsonObject) -> Principal:
    """The caller a token's claims describe; scopes we do not know are kept out. Raises ValueError."""
    return Principal(
        tenant=text_of(claims, "tenant", TENANT),
        subject=text_of(claims, "sub", _SUBJECT),
        scopes=scopes_of(claims),
        person_id=text_of(claims, "person", _PERSON) if "person" in claims else None,
        name=name_of(claims),
    )


def text_of(claims: Mapping[str, Any], claim: str, shape: re.Pattern[str] = _SUBJECT) -> str:
    """Raises ValueError unless the claim is a text of this shape."""
    value = claims.get(claim)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError(claim)
    return value


def scopes_of(claims: Mapping[str, Any], *, prefix: str = "") -> frozenset[str]:
    """Those of the claim `scope` that are shaped as ours, without the prefix that an issuer puts before them."""
    value = claims.get("scope", "")
    if not isinstance(value, str):
        raise ValueError("scope")  # noqa: TRY004 - one kind of error for every fault of a token
    named = (scope.removeprefix(prefix) for scope in value.split(" ") if scope.startswith(prefix))
    return frozenset(scope for scope in named if _SCOPE.fullmatch(scope))


def name_of(claims: Mapping[str, Any]) -> str | None:
    value = claims.get("name")
    if value is not None and not (isinstance(value, str) and len(value) <= _MAX_NAME):
        raise ValueError("name")
    return value
