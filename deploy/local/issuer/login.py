"""Logging in at the issuer without a browser: what the demo, the load generator and tests do."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

import httpx

from deploy.local.issuer.grants import challenge_of

_CLIENT = "kobling-cli"
_REDIRECT = "http://127.0.0.1/callback"


async def log_in(http: httpx.AsyncClient, issuer: str, subject: str, *, scope: str = "") -> str:
    """An access token for an invented person, by an authorization code with PKCE. Raises httpx.HTTPStatusError."""
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(8)
    asked = {"response_type": "code", "client_id": _CLIENT, "redirect_uri": _REDIRECT, "scope": scope, "state": state}
    proof = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    chosen = await http.post(f"{issuer}/authorize", data={**asked, **proof, "subject": subject}, follow_redirects=False)
    if not chosen.has_redirect_location:
        chosen.raise_for_status()
    back = parse_qs(urlsplit(chosen.headers["location"]).query)
    if back["state"] != [state]:
        raise ValueError("the issuer answered another request")
    code = {"code": back["code"][0], "code_verifier": verifier, "client_id": _CLIENT, "redirect_uri": _REDIRECT}
    return await _token(http, issuer, {"grant_type": "authorization_code", **code})


async def log_in_system(
    http: httpx.AsyncClient, issuer: str, subject: str, *, secret: str | None = None, scope: str = ""
) -> str:
    """An access token for a system; the secret of those in people.yaml is their name. Raises httpx.HTTPStatusError."""
    client = {"client_id": subject, "client_secret": secret or subject, "scope": scope}
    return await _token(http, issuer, {"grant_type": "client_credentials", **client})


async def _token(http: httpx.AsyncClient, issuer: str, form: dict[str, str]) -> str:
    answer = await http.post(f"{issuer}/token", data=form)
    answer.raise_for_status()
    return str(answer.json()["access_token"])
