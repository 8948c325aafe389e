"""The caller, as the issuer vouches for them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.base import JsonObject

_TENANT = re.compile(r"[a-z0-9-]{1,64}")
_SUBJECT = re.compile(r"[\x21-\x7e]{1,255}")
_SCOPE = re.compile(r"[a-z]+:[a-z]+")
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Principal:
    """`subject` is the issuer's id of a person or system, `person_id` the pseudonym when the caller is a person here.

    `name` is personal data: it is shown back to the caller, never logged or stored.
    """

    tenant: str
    subject: str
    scopes: frozenset[str]
    person_id: str | None = None
    name: str | None = field(default=None, repr=False)

    def has(self, scope: str) -> bool:
        return scope in self.scopes


def principal_of(claims: JsonObject) -> Principal:
    """The caller a token's claims describe; scopes we do not know are kept out. Raises ValueError."""
    return Principal(
        tenant=_text(claims, "tenant", _TENANT),
        subject=_text(claims, "sub", _SUBJECT),
        scopes=_scopes(claims),
        person_id=_text(claims, "person", _PERSON) if "person" in claims else None,
        name=_name(claims),
    )


def _text(claims: Mapping[str, Any], claim: str, shape: re.Pattern[str]) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError(claim)
    return value


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    value = claims.get("scope", "")
    if not isinstance(value, str):
        raise ValueError("scope")  # noqa: TRY004 - one kind of error for every fault of a token
    return frozenset(scope for scope in value.split(" ") if _SCOPE.fullmatch(scope))


def _name(claims: Mapping[str, Any]) -> str | None:
    value = claims.get("name")
    if value is not None and not (isinstance(value, str) and len(value) <= _MAX_NAME):
        raise ValueError("name")
    return value
