"""Issuers of every kind, as deploy/issuers writes them: the same entries, with keys that a test has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.auth import IssuerKeys, TokenVerifier, TrustedIssuer, read_issuers
from tests.support.tokens import TokenIssuer

PREPARED = Path(__file__).parents[2] / "deploy/issuers"

CLAIMS: dict[str, dict[str, Any]] = {
    "id-porten": {"pid": "00000000000", "acr": "idporten-loa-substantial", "amr": ["BankID"], "tenant": None},
    "ansattporten": {"acr": "high", "tenant": None},
    "entra": {"oid": "0f0f0f0f-0000-4000-8000-000000000001", "tenant": None},
    "maskinporten": {
        "consumer": {"authority": "iso6523-actorid-upis", "ID": "0192:999888777"},
        "client_id": "case-system",
        "scope": "kobling:referrals:write",
        "sub": None,
        "tenant": None,
    },
}
"""What each kind of token says beside what all say; None leaves a claim out that the plain ones have."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One entry, and an issuer with keys of its own that signs what the entry expects."""

    entry: TrustedIssuer
    issuer: TokenIssuer

    def token(self, **changes: Any) -> str:
        [organisation] = self.entry.tenants
        claims = {"aud": self.entry.audience, **CLAIMS[self.entry.name]}
        if self.entry.tenant_from != "consumer":
            claims[self.entry.tenant_from] = organisation
        header = {"typ": None} if "" in self.entry.types else {}
        header |= changes.pop("header", {})
        return self.issuer.token(**{"header": header, "seconds": 100, **claims, **changes})


def prepared(file: str = "norway.yaml") -> dict[str, Prepared]:
    """By name; each entry as it is in the file."""
    return {
        entry.name: Prepared(entry, TokenIssuer(entry.issuer, first_kid=f"{entry.name}-1"))
        for entry in read_issuers(PREPARED / file)
    }


def verifier_of(found: dict[str, Prepared]) -> TokenVerifier:
    """One that believes all of them."""
    return TokenVerifier([(one.entry, IssuerKeys(one.entry.issuer, one.issuer.http())) for one in found.values()])
