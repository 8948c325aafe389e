"""The key that signs checkpoints, behind a port: a file beside the tenant keys, or whatever a place signs with."""

import os
import stat
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from chassis.keyring import KeyUnavailable

_NAME = "audit_signing.ed25519"  # an underscore: no tenant's key file can have this name


class Signer(Protocol):
    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature (RFC 8032)."""

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed exactly that."""


class FileSigner:
    """Raises KeyUnavailable when the key cannot be made or read, or when others than its owner may read it."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / _NAME
        self._key: Ed25519PrivateKey | None = None

    def sign(self, message: bytes) -> bytes:
        return self._private().sign(message)

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        public: Ed25519PublicKey = self._private().public_key()
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public_key(self) -> bytes:
        """32 raw bytes, to be kept where the checkpoints are."""
        return self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def _private(self) -> Ed25519PrivateKey:
        if self._key is None:
            try:
                self._key = Ed25519PrivateKey.from_private_bytes(self._read_or_make())
            except (OSError, ValueError) as fault:
                raise KeyUnavailable(f"{self._file}: {type(fault).__name__}") from fault
        return self._key

    def _read_or_make(self) -> bytes:
        """Processes may race for the first use: one file wins, all read it."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._file.exists():
            aside = self._file.with_name(f".{_NAME}.{os.urandom(8).hex()}")
            raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(raw)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.link(aside, self._file)
            except FileExistsError:
                pass  # another process was first: its key is the one
            finally:
                aside.unlink()
        if stat.S_IMODE(self._file.stat().st_mode) & 0o077:
            raise KeyUnavailable(f"{self._file}: others than its owner may read it")
        return self._file.read_bytes()
