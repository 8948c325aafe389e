"""Verification of access tokens (RFC 9068): signed JWTs, asymmetric algorithms only, one refusal for every fault."""

import base64
import binascii
import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from chassis.auth.issuer import IssuerKeys
from chassis.auth.principal import Principal
from chassis.auth.trust import Trusted
from chassis.refusal import Refusal
from contracts.base import JsonObject

MAX_TOKEN_BYTES = 8 * 1024
_MAX_HEADER_BYTES = 1024
_LEEWAY_SECONDS = 30
_LAST_SECOND = 2**53  # beyond it a whole number has no float, and adding to it fails

# A header is read by this list, not searched for bad members: crit, jwk, jku, x5u, x5c, zip, cty, b64 are not on it.
_HEADER_MEMBERS = {"alg", "kid", "typ", "x5t", "x5t#S256"}
_ALGORITHMS = {"RS256": "RS256", "ES256": "ES256", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}

log = structlog.get_logger()


class Unauthenticated(Refusal):
    """The same answer whatever is wrong with a token: no hint to who forges one."""

    rule, sentence, status = "unauthenticated", "Log in, or send a valid access token.", 401


class TokenVerifier:
    """Turns a token into a Principal: by the entry of the issuer that the token names, with that issuer's keys alone.

    `now` is the system clock: tokens do not follow the clock that may be moved.
    """

    def __init__(self, trusted: Iterable[tuple[Trusted, IssuerKeys]], *, now: Callable[[], float] = time.time) -> None:
        self._trusted = {entry.issuer: (entry, keys) for entry, keys in trusted}
        self._now = now

    async def verify(self, token: str) -> Principal:
        """Raises Unauthenticated, or IssuerAway when the issuer's keys were never read."""
        try:
            entry, claims = await self._claims(token)
            return entry.principal(claims)
        except (ValueError, JoseError) as fault:
            log.info("token_refused", fault=_word_of(fault))
            raise Unauthenticated() from None

    async def _claims(self, token: str) -> tuple[Trusted, JsonObject]:
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            raise ValueError("size")
        head, body, signature = _parts(token)
        header = _object(_decoded(head, _MAX_HEADER_BYTES))
        claims = _object(_decoded(body, MAX_TOKEN_BYTES))
        entry, keys = self._named(claims)
        algorithm, kid = _checked_header(header, entry.types)
        key = await keys.find(kid)
        if key is None:
            raise ValueError("kid")
        _check_signature(algorithm, key, f"{head}.{body}".encode(), _decoded(signature, MAX_TOKEN_BYTES))
        self._check(claims, entry)
        return entry, claims

    def _named(self, claims: JsonObject) -> tuple[Trusted, IssuerKeys]:
        """Whom the token says it is of; its signature then has to be one of theirs."""
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or issuer not in self._trusted:
            raise ValueError("iss")
        return self._trusted[issuer]

    def _check(self, claims: JsonObject, entry: Trusted) -> None:
        audience = claims.get("aud")
        if entry.audience not in (audience if isinstance(audience, list) else [audience]):
            raise ValueError("aud")
        now, begins, ends = self._now(), _seconds(claims, "iat"), _seconds(claims, "exp")
        if ends + _LEEWAY_SECONDS <= now:
            raise ValueError("exp")
        if begins - _LEEWAY_SECONDS > now:
            raise ValueError("iat")
        if ends - begins > entry.max_lifetime_seconds:
            raise ValueError("lifetime")
        if "nbf" in claims and _seconds(claims, "nbf") - _LEEWAY_SECONDS > now:
            raise ValueError("nbf")


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("parts")
    return parts[0], parts[1], parts[2]


def _decoded(part: str, limit: int) -> bytes:
    """Strict base64url: one text for one value, else a token could be changed without breaking its signature."""
    if len(part) > limit:
        raise ValueError("size")
    try:
        value = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("base64") from None
    if base64.urlsafe_b64encode(value).rstrip(b"=") != part.encode():
        raise ValueError("base64")
    return value


def _object(text: bytes) -> JsonObject:
    try:
        found = json.loads(text.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("json") from None
    if not isinstance(found, dict):
        raise ValueError("json")  # noqa: TRY004 - one kind of error for every fault of a token
    return found


def _without_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate")
    return found


def _no_constant(name: str) -> float:
    raise ValueError("json")


def _checked_header(header: JsonObject, types: Sequence[str]) -> tuple[JWSAlgModel, str]:
    if header.keys() - _HEADER_MEMBERS:
        raise ValueError("header")
    kind, name, kid = header.get("typ", ""), header.get("alg"), header.get("kid")
    if not isinstance(kind, str) or kind.lower() not in types:
        raise ValueError("typ")
    if not isinstance(name, str) or name not in _ALGORITHMS:
        raise ValueError("alg")
    if not isinstance(kid, str) or not kid:
        raise ValueError("kid")
    return JWSRegistry.algorithms[_ALGORITHMS[name]], kid


def _check_signature(algorithm: JWSAlgModel, key: Key, signed: bytes, signature: bytes) -> None:
    declared = key.alg
    if key.key_type != algorithm.key_type or (declared and _ALGORITHMS.get(declared) != algorithm.name):
        raise ValueError("alg")
    algorithm.check_key(key)
    if not algorithm.verify(signed, signature, key):
        raise ValueError("signature")


def _seconds(claims: JsonObject, claim: str) -> float:
    value = claims.get(claim)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LAST_SECOND:
        raise ValueError(claim)
    return value


def _word_of(fault: Exception) -> str:
    """A fixed word for the log: what a token holds is not ours to write down."""
    word = str(fault)
    return word if word.isidentifier() and len(word) < 16 else "malformed"
