"""The issuer's public keys: read from its discovery document, cached, refreshed when a key is not known."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from chassis.auth.discovery import address_in, discover, read_document
from chassis.refusal import Refusal

_REFRESH_SECONDS = 3600.0  # a key the issuer took back is trusted at most this long while the issuer answers
_RETRY_SECONDS = 10.0  # a flood of tokens with invented key ids costs the issuer one request in this time
_FIRST_RETRY_SECONDS = 1.0  # before any key is known
_MIN_MODULUS_LENGTH = 342  # base64url letters of 2048 bits

log = structlog.get_logger()


class IssuerAway(Refusal):
    """No token can be checked yet: the issuer never answered since this process started."""

    rule, sentence, status = "issuer_away", "Logins cannot be checked right now. Try again in a moment.", 503
    retryable = True


class IssuerKeys:
    """Public signature keys by key id. Keys once read outlive an outage of the issuer."""

    def __init__(
        self, issuer: str, http: httpx.AsyncClient, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._http = http
        self._monotonic = monotonic
        self._keys: dict[str, Key] = {}
        self._read_at = float("-inf")
        self._asked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        """The key, or None when the issuer has none by that id. Raises IssuerAway."""
        if kid not in self._keys or self._age() > _REFRESH_SECONDS:
            await self._refresh(kid)
        if not self._keys:
            raise IssuerAway()
        return self._keys.get(kid)

    async def check(self) -> str | None:
        """A health check: well once keys were read, whatever the issuer does afterwards."""
        if not self._keys:
            await self._refresh("")
        return None if self._keys else "no_keys_read"

    def _age(self) -> float:
        return self._monotonic() - self._read_at

    def _may_ask(self) -> bool:
        wait = _RETRY_SECONDS if self._keys else _FIRST_RETRY_SECONDS
        return self._monotonic() - self._asked_at >= wait

    async def _refresh(self, kid: str) -> None:
        async with self._turn:
            if not self._may_ask() or (kid in self._keys and self._age() <= _REFRESH_SECONDS):
                return
            self._asked_at = self._monotonic()
            try:
                self._keys = await self._read()
            except (httpx.HTTPError, ValueError) as fault:
                log.warning("issuer_keys_not_read", fault=type(fault).__name__, kept_count=len(self._keys))
            else:
                self._read_at = self._monotonic()

    async def _read(self) -> dict[str, Key]:
        discovery = await discover(self._issuer, self._http)
        found = (await read_document(address_in(discovery, "jwks_uri"), self._http)).get("keys")
        keys = dict(_usable(entry) for entry in found if _is_signature_key(entry)) if isinstance(found, list) else {}
        if not keys:
            raise ValueError("the issuer publishes no usable key")
        return keys


def _is_signature_key(entry: Any) -> bool:
    """Public, asymmetric, strong, with an id, meant for signatures; others are skipped, not an error."""
    if not (isinstance(entry, dict) and isinstance(entry.get("kid"), str) and entry["kid"]):
        return False
    if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
        return False
    try:
        return _strong(_usable(entry)[1])
    except (JoseError, ValueError, KeyError, TypeError):
        return False


def _strong(key: Key) -> bool:
    return isinstance(key, RSAKey) or (isinstance(key, ECKey | OKPKey) and key.curve_name in ("P-256", "Ed25519"))


def _usable(entry: dict[str, Any]) -> tuple[str, Key]:
    public = {name: value for name, value in entry.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "key_ops")}
    match entry.get("kty"):
        case "RSA" if len(entry["n"]) >= _MIN_MODULUS_LENGTH:
            return entry["kid"], RSAKey.import_key(public)
        case "EC":
            return entry["kid"], ECKey.import_key(public)
        case "OKP":
            return entry["kid"], OKPKey.import_key(public)
        case other:
            raise ValueError(f"this key of kind {other!r} is not used")
