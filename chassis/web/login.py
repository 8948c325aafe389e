"""Logging in: an authorization code with PKCE (RFC 7636) at whatever issuer the settings name."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog

from chassis.auth import IssuerAway, Unauthenticated
from chassis.auth.discovery import address_in, discover

_TIMEOUT_SECONDS = 5.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes to log in, and what the site must remember meanwhile."""

    address: str
    state: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Issued:
    """The access token of whoever logged in, and for how many seconds it is good."""

    token: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OpenIdClient:
    """The site as a client of the issuer. `back` is the address the issuer sends people back to, `called` what the
    way in is called where people choose among several."""

    issuer: str
    client_id: str
    secret: str | None
    back: str
    http: httpx.AsyncClient
    called: str = ""
    scope: str = "openid profile"
    more: Mapping[str, str] = field(default_factory=dict)

    async def begin(self, *, language: str) -> Begun:
        """Raises IssuerAway."""
        place = await self._address("authorization_endpoint")
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "scope": self.scope,
            "state": state,
            "nonce": secrets.token_urlsafe(24),  # asked for by some; the id token that repeats it is not read
            "code_challenge": _challenge_of(verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
            **self.more,
        }
        return Begun(f"{place}?{urlencode(asked)}", state, verifier)

    async def exchange(self, code: str, verifier: str) -> Issued:
        """The token for a code. Raises Unauthenticated when the issuer does not give one, IssuerAway."""
        address = await self._address("token_endpoint")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self.back,
            "client_id": self.client_id,
        }
        auth = httpx.USE_CLIENT_DEFAULT if self.secret is None else httpx.BasicAuth(self.client_id, self.secret)
        try:
            response = await self.http.post(address, data=form, auth=auth, timeout=_TIMEOUT_SECONDS)
        except httpx.HTTPError:
            raise IssuerAway() from None
        if response.status_code >= 500:
            raise IssuerAway()
        answer = _object(response)
        token, seconds = answer.get("access_token"), answer.get("expires_in", 300)
        if response.status_code != 200 or not isinstance(token, str) or not isinstance(seconds, int | float):
            log.info("code_not_exchanged", status=response.status_code)
            raise Unauthenticated()
        return Issued(token, float(seconds))

    async def end(self) -> str | None:
        """Where the issuer's own session is ended, where it has such a place."""
        try:
            return await self._address("end_session_endpoint")
        except IssuerAway:
            return None

    async def _address(self, name: str) -> str:
        """Read at every log-in: these are few, and an issuer may move."""
        try:
            return address_in(await discover(self.issuer, self.http), name)
        except (httpx.HTTPError, ValueError) as fault:
            log.warning("issuer_not_read", fault=type(fault).__name__, name=name)
            raise IssuerAway() from None


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        raise IssuerAway() from None
    return found if isinstance(found, dict) else {}


def _challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
