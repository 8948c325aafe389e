"""Cursors: where a list goes on. Encrypted and authenticated, so that they are neither read, nor changed, nor moved
to another tenant or another list."""

import base64
import binascii
import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import JsonValue

from chassis.http.refusals import CursorInvalid

DeriveKey = Callable[[str, str], bytes]

_PURPOSE = "list-cursor/1"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Cursors:
    """`derive_key(tenant, purpose)` gives 32 bytes that all processes of the service share: `Keyring.derive_key`."""

    derive_key: DeriveKey

    def encode(self, tenant: str, query: str, after: JsonValue) -> str:
        """An opaque text for `after`, good for this tenant and this query only."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher(tenant).encrypt(nonce, json.dumps(after).encode(), _bound_to(tenant, query))
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def decode(self, tenant: str, query: str, cursor: str) -> JsonValue:
        """What was encoded. Raises CursorInvalid for anything else."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            nonce, sealed = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
            after: JsonValue = json.loads(self._cipher(tenant).decrypt(nonce, sealed, _bound_to(tenant, query)))
        except (binascii.Error, InvalidTag, ValueError):
            raise CursorInvalid() from None
        return after

    def _cipher(self, tenant: str) -> AESGCM:
        return AESGCM(self.derive_key(tenant, _PURPOSE))


def _bound_to(tenant: str, query: str) -> bytes:
    return json.dumps([tenant, query]).encode()
