"""The issuer's signing key and the tokens it signs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.issuer.directory import Account
from deploy.secret_files import write_secret

AUDIENCE = "kobling"
LIFETIME_SECONDS = 3600
SYSTEM_SECONDS = 120
_ALGORITHM = "ES256"


class TokenSigner:
    """Signs RFC 9068 access tokens and OpenID Connect id tokens as one issuer."""

    def __init__(self, issuer: str, key: ECKey) -> None:
        self.issuer = issuer
        self._key = key
        self._kid = key.thumbprint()

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**self._key.as_dict(private=False), "kid": self._kid, "use": "sig", "alg": _ALGORITHM}]}

    def access_token(self, account: Account, scopes: Sequence[str], *, client: str) -> str:
        """What services believe: tenant, scopes, and for human beings their pseudonym and name."""
        claims = {"client_id": client, "jti": uuid4().hex, "tenant": account.tenant, "scope": " ".join(scopes)}
        return self._sign("at+jwt", self._claims(account, AUDIENCE, {**claims, "person": account.person}))

    def system_token(self, account: Account, scopes: Sequence[str], *, resource: str) -> str:
        """As Maskinporten writes it: the organisation as `consumer`, no `sub`, a life of two minutes."""
        now = int(time.time())
        consumer = {"authority": "iso6523-actorid-upis", "ID": account.organisation}
        claims = {"iss": self.issuer, "aud": resource, "client_id": account.subject, "consumer": consumer}
        life = {"iat": now, "exp": now + SYSTEM_SECONDS, "jti": uuid4().hex}
        return self._sign("at+jwt", {**claims, **life, "scope": " ".join(f"kobling:{scope}" for scope in scopes)})

    def id_token(self, account: Account, *, client: str, nonce: str | None) -> str:
        """What a page that logs somebody in reads."""
        return self._sign("JWT", self._claims(account, client, {"nonce": nonce, "tenant": account.tenant}))

    def _claims(self, account: Account, audience: str, more: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        life = {"iat": now, "exp": now + LIFETIME_SECONDS}
        claims = {"iss": self.issuer, "aud": audience, "sub": account.subject, "name": account.name, **life, **more}
        return {name: value for name, value in claims.items() if value is not None}

    def _sign(self, kind: str, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": _ALGORITHM, "typ": kind, "kid": self._kid}, claims, self._key)


def kept_key(file: Path) -> ECKey:
    """The key in `file` (0600), made on first use: tokens of yesterday stay valid after a restart."""
    if not file.exists():
        write_secret(file, ECKey.generate_key("P-256").as_pem(private=True))
    return ECKey.import_key(file.read_bytes())
