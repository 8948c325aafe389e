"""The grant of RFC 7523 as Maskinporten gives it: a system signs who it is, and gets a token for its organisation."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from deploy.local.issuer.directory import Account, Directory
from deploy.local.issuer.grants import OAuthError
from deploy.local.issuer.tokens import AUDIENCE, SYSTEM_SECONDS, TokenSigner

LONGEST_SECONDS = 120
_PREFIX = "kobling:"


class Assertions:
    """Each `jti` is good once, for as long as its assertion could be."""

    def __init__(self, directory: Directory, signer: TokenSigner) -> None:
        self._directory, self._signer = directory, signer
        self._seen: dict[tuple[str, str], float] = {}

    def exchange(self, assertion: str) -> dict[str, Any]:
        """The token answer for an assertion signed (ES256) with the system's registered key. Raises OAuthError."""
        account, claims = self._signed(assertion)
        self._check(account, claims)
        asked = [word.removeprefix(_PREFIX) for word in str(claims.get("scope", "")).split()]
        if not asked or not set(asked) <= set(account.scopes):
            raise OAuthError("invalid_scope", f"{account.subject} may have {', '.join(account.scopes)}.")
        token = self._signer.system_token(account, asked, resource=str(claims.get("resource", AUDIENCE)))
        return {"access_token": token, "token_type": "Bearer", "expires_in": SYSTEM_SECONDS}

    def _signed(self, assertion: str) -> tuple[Account, dict[str, Any]]:
        account = self._directory.find(_issuer_in(assertion))
        if account is None or account.key is None:
            raise OAuthError("invalid_grant", "No system with a registered key is called so.")
        try:
            return account, jwt.decode(assertion, ECKey.import_key(dict(account.key)), algorithms=["ES256"]).claims
        except (JoseError, ValueError):
            raise OAuthError("invalid_grant", "The assertion is not signed with the registered key.") from None

    def _check(self, account: Account, claims: dict[str, Any]) -> None:
        now, begins, ends, name = time.time(), claims.get("iat"), claims.get("exp"), claims.get("jti")
        if claims.get("aud") != self._signer.issuer:
            raise OAuthError("invalid_grant", "The assertion is for somebody else.")
        if not isinstance(begins, int) or not isinstance(ends, int) or not begins - 10 <= now < ends:
            raise OAuthError("invalid_grant", "The assertion is not good now.")
        if ends - begins > LONGEST_SECONDS:
            raise OAuthError("invalid_grant", "The assertion may be good for 120 seconds at most.")
        self._seen = {key: until for key, until in self._seen.items() if until > now}
        if not isinstance(name, str) or not name or (account.subject, name) in self._seen:
            raise OAuthError("invalid_grant", "Each jti is good once.")
        self._seen[account.subject, name] = ends


def _issuer_in(assertion: str) -> str:
    """Whose it says it is; nothing is believed before the signature was checked with that system's key."""
    try:
        body = assertion.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iss"])
    except (IndexError, ValueError, LookupError, TypeError):
        raise OAuthError("invalid_grant", "The assertion cannot be read.") from None
