"""The token format, version 1: `01 | nonce (12) | AES-256-GCM ciphertext and tag`. Stored tokens depend on it."""

import base64
import binascii
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.keyring.port import SealBroken

KEY_BYTES = 32

_VERSION = b"\x01"
_NONCE_BYTES = 12
_LEAST_BYTES = 1 + _NONCE_BYTES + 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def new_key() -> bytes:
    return AESGCM.generate_key(8 * KEY_BYTES)


class Cipher:
    """One key, bound to some words: what it sealed opens only with the same key and the same words."""

    __slots__ = ("_aead", "_bound")

    def __init__(self, key: bytes, *bound_to: str) -> None:
        self._aead = AESGCM(key)
        self._bound = json.dumps(["kobling", 1, *bound_to]).encode()  # keeps ("a", "bc") and ("ab", "c") apart

    def encrypt(self, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, self._bound)

    def decrypt(self, sealed: bytes) -> bytes:
        """Raises SealBroken when anything was changed, or key or words are not what they were."""
        if len(sealed) < _LEAST_BYTES or sealed[:1] != _VERSION:
            raise SealBroken("this is no sealed value of a version known here")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, ciphertext, self._bound)
        except InvalidTag:
            raise SealBroken("the value was changed, or sealed for somebody else") from None


def as_text(sealed: bytes) -> str:
    """base64url without its padding: what `base64.urlsafe_b64encode(…).rstrip(b"=")` gives, in half the time."""
    return binascii.b2a_base64(sealed, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def as_bytes(token: str) -> bytes:
    """Strict: one text for one value. Raises SealBroken."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SealBroken("the token is not base64url") from None
    if as_text(sealed) != token:
        raise SealBroken("the token is not canonical base64url")
    return sealed
