"""Whose tokens are believed, and what of them: one entry for each issuer, from a file or from two settings.

An entry binds its issuer to tenants by a table: a token never speaks for a tenant that its issuer is not bound to. What
a person's token says of them is an id that is hashed before anything is kept; a national number goes no further.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from chassis.auth.principal import TENANT, Principal, name_of, principal_of, scopes_of, text_of
from contracts.base import JsonObject

JOIN = "persons:join"
"""All that a person may do whose login is tied to nobody here yet: bring the code they were given."""
OWN_ROLES = "roles:own"

DEFAULT_LIFETIME_SECONDS = 24 * 3600
_ISO_6523 = "iso6523-actorid-upis"

Scope = Annotated[str, StringConstraints(pattern=r"^[a-z]+:[a-z]+$")]


class BadIssuers(ValueError):
    """The file of issuers cannot be used; the text says where."""


class LogIn(BaseModel):
    """How people log in to the site at an issuer: as which of its clients, and what the way in is called on the page.

    `more` goes along with what is asked of the issuer: an assurance level, or for whom the access token shall be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    called: str
    client_id: str
    secret_file: Path | None = None
    scope: str = "openid profile"
    more: Mapping[str, str] = Field(default_factory=dict)


class TrustedIssuer(BaseModel):
    """One issuer.

    `tenants` maps what stands in the claim `tenant_from` (a client, an organisation's number, a tenant) to a tenant.
    `subject_from` is the claim with an id that stays the same. `scopes` are those of every token of persons and staff,
    and the most that a system's may have; `scope_prefix` stands before ours in a system's claim `scope`. One of `acr`
    and one of `amr` is asked for where some are listed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
    issuer: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    audience: Annotated[str, StringConstraints(min_length=1)]
    kind: Literal["person", "staff", "system"]
    tenant_from: str
    tenants: Mapping[str, str] = Field(min_length=1)
    subject_from: str = "sub"
    scopes: tuple[Scope, ...]
    scope_prefix: str = ""
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    types: tuple[str, ...] = ("at+jwt", "application/at+jwt", "jwt")
    max_lifetime_seconds: int = Field(default=3600, ge=60, le=DEFAULT_LIFETIME_SECONDS)
    log_in: tuple[LogIn, ...] = ()

    @model_validator(mode="after")
    def _usable(self) -> "TrustedIssuer":
        if not all(TENANT.fullmatch(tenant) for tenant in self.tenants.values()):
            raise ValueError("a tenant is small letters, digits and hyphens")
        if not self.issuer.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("an issuer elsewhere is reached over https")
        return self

    def principal(self, claims: JsonObject) -> Principal:
        """The caller a token's claims describe. Raises ValueError."""
        self._check_assurance(claims)
        tenant = self.tenants.get(_organisation(claims.get(self.tenant_from)))
        if tenant is None:
            raise ValueError("tenant")
        own = frozenset(self.scopes)
        scopes, when_linked = own, None
        match self.kind:
            case "person":
                scopes, when_linked = frozenset({JOIN}), own
            case "staff":
                scopes = own | {OWN_ROLES}
            case "system":
                scopes = own & scopes_of(claims, prefix=self.scope_prefix)
        return Principal(
            tenant=tenant,
            subject=text_of(claims, self.subject_from),
            scopes=scopes,
            name=name_of(claims),
            issuer=self.name,
            when_linked=when_linked,
        )

    def _check_assurance(self, claims: JsonObject) -> None:
        if self.acr and claims.get("acr") not in self.acr:
            raise ValueError("acr")
        methods = claims.get("amr")
        if self.amr and not (isinstance(methods, list) and any(method in self.amr for method in methods)):
            raise ValueError("amr")


class PlainIssuer(BaseModel):
    """The simple form, of `KOBLING_ISSUER`: one issuer, which is ours to configure, and whose tokens say everything:
    `tenant`, `sub`, `scope`, and `person` where somebody is one here."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    audience: str = "kobling"
    types: tuple[str, ...] = ("at+jwt", "application/at+jwt", "jwt")
    max_lifetime_seconds: int = DEFAULT_LIFETIME_SECONDS

    def principal(self, claims: JsonObject) -> Principal:
        return principal_of(claims)


Trusted = TrustedIssuer | PlainIssuer


def read_issuers(file: Path) -> list[TrustedIssuer]:
    """The issuers of a YAML or JSON file: `issuers:` and a list. Raises BadIssuers."""
    try:
        document: Any = yaml.safe_load(file.read_text("utf-8"))
        found = [TrustedIssuer.model_validate(entry) for entry in document["issuers"]]
    except (OSError, yaml.YAMLError, ValidationError, LookupError, TypeError) as fault:
        raise BadIssuers(f"{file}: {fault}") from None
    for field in ("name", "issuer"):
        values = [getattr(one, field) for one in found]
        if len(set(values)) != len(values):
            raise BadIssuers(f"{file}: two issuers have the same {field}")
    return found


def _organisation(value: Any) -> str:
    """A text as it is; an organisation as Maskinporten writes it, by its number with the scheme before it."""
    match value:
        case str():
            return value
        case {"authority": authority, "ID": str(number)} if authority == _ISO_6523:
            return number
        case _:
            raise ValueError("tenant")
