"""The two grants of the local issuer: an authorization code with PKCE for people, client credentials for systems."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from deploy.local.issuer.directory import Account, Directory
from deploy.local.issuer.tokens import LIFETIME_SECONDS, TokenSigner

_CODE_SECONDS = 60.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_FOR_THE_CLIENT = ("openid", "profile")  # scopes about the id token; they open nothing in a service


class OAuthError(Exception):
    """An error of RFC 6749: its code goes into the answer, with a sentence for whoever reads it."""

    def __init__(self, code: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.status = code, sentence, status


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a page asks for when it sends somebody here to log in."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str | None
    code_challenge: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> AuthorizationRequest:
        """Raises OAuthError for anything but a code with PKCE (S256) back to this machine."""
        if form.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "Only response_type=code is known here.")
        if form.get("code_challenge_method") != "S256" or not form.get("code_challenge"):
            raise OAuthError("invalid_request", "A code_challenge with code_challenge_method=S256 is needed.")
        if not form.get("client_id"):
            raise OAuthError("invalid_request", "client_id is missing.")
        if urlsplit(form.get("redirect_uri", "")).hostname not in _LOOPBACK:
            raise OAuthError("invalid_request", "redirect_uri must lead back to this machine.")
        return cls(
            client_id=form["client_id"],
            redirect_uri=form["redirect_uri"],
            scope=form.get("scope", ""),
            state=form.get("state", ""),
            nonce=form.get("nonce"),
            code_challenge=form["code_challenge"],
        )


class Grants:
    """Codes live a minute in memory and are good for one exchange."""

    def __init__(self, directory: Directory, signer: TokenSigner) -> None:
        self._directory, self._signer = directory, signer
        self._codes: dict[str, tuple[AuthorizationRequest, Account, float]] = {}

    def authorize(self, request: AuthorizationRequest, subject: str) -> str:
        """A code for the person who was chosen. Raises OAuthError when there is nobody by that name."""
        account = self._directory.find(subject)
        if account is None or account.is_system:
            raise OAuthError("access_denied", f"There is no person {subject!r} here.")
        code = secrets.token_urlsafe(24)
        self._codes[code] = (request, account, time.monotonic() + _CODE_SECONDS)
        return code

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token answer for a code. Raises OAuthError."""
        request, account, valid_until = self._codes.pop(form.get("code", ""), (None, None, 0.0))
        if request is None or account is None or time.monotonic() > valid_until:
            raise OAuthError("invalid_grant", "The code is unknown, used or older than a minute.")
        if (form.get("client_id"), form.get("redirect_uri")) != (request.client_id, request.redirect_uri):
            raise OAuthError("invalid_grant", "The code was made for another client or redirect_uri.")
        if not hmac.compare_digest(challenge_of(form.get("code_verifier", "")), request.code_challenge):
            raise OAuthError("invalid_grant", "code_verifier does not fit the code_challenge.")
        answer = self._answer(account, request.scope, client=request.client_id)
        if "openid" in request.scope.split():
            answer["id_token"] = self._signer.id_token(account, client=request.client_id, nonce=request.nonce)
        return answer

    def client_credentials(self, client_id: str, secret: str, scope: str) -> dict[str, Any]:
        """The token answer for a system. Raises OAuthError."""
        account = self._directory.find(client_id)
        if account is None or account.secret is None or not hmac.compare_digest(account.secret, secret):
            raise OAuthError("invalid_client", "The system or its secret is not known here.", status=401)
        return self._answer(account, scope, client=client_id)

    def _answer(self, account: Account, scope: str, *, client: str) -> dict[str, Any]:
        asked = [word for word in scope.split() if word not in _FOR_THE_CLIENT]
        if refused := sorted(set(asked) - set(account.scopes)):
            raise OAuthError("invalid_scope", f"{account.subject} may not have {', '.join(refused)}.")
        granted = asked or list(account.scopes)
        token = self._signer.access_token(account, granted, client=client)
        lifetime = {"token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
        return {"access_token": token, **lifetime, "scope": " ".join(granted)}


def challenge_of(verifier: str) -> str:
    """The S256 challenge of PKCE (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
