"""Who calls: principal, tenant and scopes come from a verified token and from nowhere else."""

from chassis.auth.issuer import IssuerAway, IssuerKeys
from chassis.auth.principal import Principal
from chassis.auth.token import MAX_TOKEN_BYTES, TokenVerifier, Unauthenticated

__all__ = ["MAX_TOKEN_BYTES", "IssuerAway", "IssuerKeys", "Principal", "TokenVerifier", "Unauthenticated"]
