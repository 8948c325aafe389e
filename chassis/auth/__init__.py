"""Who calls: principal, tenant and scopes come from a verified token and from nowhere else; roles from their events."""

from chassis.auth.issuer import IssuerAway, IssuerKeys
from chassis.auth.principal import Grant, Principal, Whereabouts
from chassis.auth.token import MAX_TOKEN_BYTES, TokenVerifier, Unauthenticated
from chassis.auth.trust import BadIssuers, PlainIssuer, Trusted, TrustedIssuer, read_issuers

__all__ = [
    "MAX_TOKEN_BYTES",
    "BadIssuers",
    "Grant",
    "IssuerAway",
    "IssuerKeys",
    "PlainIssuer",
    "Principal",
    "TokenVerifier",
    "Trusted",
    "TrustedIssuer",
    "Unauthenticated",
    "Whereabouts",
    "read_issuers",
]
