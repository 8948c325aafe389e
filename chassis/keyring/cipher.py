"""The token format, version 1: `01 | nonce (12) | AES-256-GCM ciphertext and tag`. Stored tokens depend on it."""

import base64
import binascii
import json
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.keyring.port import SealBroken

KEY_BYTES = 32

_VERSION = b"\x01"
_NONCE_BYTES = 12
_LEAST_BYTES = 1 + _NONCE_BYTES + 16


def new_key() -> bytes:
    return AESGCM.generate_key(8 * KEY_BYTES)


def encrypt(cipher: AESGCM, plain: bytes, *bound_to: str) -> bytes:
    """Sealed for `bound_to`: it opens only where the same words are given."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, plain, _bound(bound_to))


def decrypt(cipher: AESGCM, sealed: bytes, *bound_to: str) -> bytes:
    """Raises SealBroken when anything was changed, or `bound_to` is not what it was."""
    if len(sealed) < _LEAST_BYTES or sealed[:1] != _VERSION:
        raise SealBroken("this is no sealed value of a version known here")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, ciphertext, _bound(bound_to))
    except InvalidTag:
        raise SealBroken("the value was changed, or sealed for somebody else") from None


def as_text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def as_bytes(token: str) -> bytes:
    """Strict: one text for one value. Raises SealBroken."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SealBroken("the token is not base64url") from None
    if as_text(sealed) != token:
        raise SealBroken("the token is not canonical base64url")
    return sealed


@lru_cache(maxsize=4_096)
def _bound(words: tuple[str, ...]) -> bytes:
    """JSON keeps ("a", "bc") and ("ab", "c") apart. Remembered: a person's fields are sealed and opened together."""
    return json.dumps(["kobling", 1, *words]).encode()
