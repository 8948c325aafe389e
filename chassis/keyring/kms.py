"""The keys of tenants, behind a port: files on one machine here, a cloud's key management where there is one."""

import base64
import binascii
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.keyring.cipher import KEY_BYTES, Cipher, new_key
from chassis.keyring.port import KeyUnavailable

_TENANT = re.compile(r"[a-z0-9-]{1,64}")
_HEADING = "kobling-tenant-key/1"


class Kms(Protocol):
    async def wrap(self, tenant: str, subject: str, key: bytes) -> bytes:
        """Encrypt a data key under the tenant's key, bound to the person it is for."""

    async def unwrap(self, tenant: str, subject: str, wrapped: bytes) -> bytes:
        """Raises SealBroken when it was wrapped for another tenant or person, KeyUnavailable without a tenant key."""

    def derive(self, tenant: str, purpose: str) -> bytes:
        """32 bytes for another purpose, which say nothing of the tenant's key."""


class FileKms:
    """One file per tenant, readable by its owner only, made with the tenant's first use.

    Processes may race for the first use: one file wins and all read it. Raises KeyUnavailable for a file that others
    may read, that is damaged, or that cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[str, bytes] = {}

    async def wrap(self, tenant: str, subject: str, key: bytes) -> bytes:
        return _wrapping(self._key(tenant), tenant, subject).encrypt(key)

    async def unwrap(self, tenant: str, subject: str, wrapped: bytes) -> bytes:
        return _wrapping(self._key(tenant), tenant, subject).decrypt(wrapped)

    def derive(self, tenant: str, purpose: str) -> bytes:
        return _derived(self._key(tenant), purpose)

    def _key(self, tenant: str) -> bytes:
        if tenant not in self._keys:
            if not _TENANT.fullmatch(tenant):
                raise KeyUnavailable(f"{tenant!r} is no tenant")
            self._keys[tenant] = self._read_or_make(self._directory / f"{tenant}.key")
        return self._keys[tenant]

    def _read_or_make(self, file: Path) -> bytes:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not file.exists():
                _make(file)
            return _read(file)
        except OSError as fault:
            raise KeyUnavailable(f"{file}: {fault.strerror}") from fault


class MemoryKms:
    """Tenant keys that live as long as the object. Runs the same suite; for pure tests."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    async def wrap(self, tenant: str, subject: str, key: bytes) -> bytes:
        return _wrapping(self._key(tenant), tenant, subject).encrypt(key)

    async def unwrap(self, tenant: str, subject: str, wrapped: bytes) -> bytes:
        return _wrapping(self._key(tenant), tenant, subject).decrypt(wrapped)

    def derive(self, tenant: str, purpose: str) -> bytes:
        return _derived(self._key(tenant), purpose)

    def _key(self, tenant: str) -> bytes:
        return self._keys.setdefault(tenant, new_key())


def _wrapping(tenant_key: bytes, tenant: str, subject: str) -> Cipher:
    return Cipher(tenant_key, "data-key", tenant, subject)


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"kobling/{purpose}".encode()).derive(key)


def _make(file: Path) -> None:
    """Whole or not at all, and never over another's: written aside, then linked to a name that must be free."""
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    text = f"{_HEADING}\n{base64.b64encode(new_key()).decode()}\n"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(aside, file)
    except FileExistsError:
        return  # another process was first: its key is the tenant's
    finally:
        aside.unlink()
    _sync(file.parent)


def _sync(directory: Path) -> None:
    """The name is on disk before anything is sealed under the key."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(file: Path) -> bytes:
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyUnavailable(f"{file}: others than its owner may read it; chmod 600 and think about who did")
    heading, _, text = file.read_text("ascii", "replace").partition("\n")
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if heading != _HEADING or len(key) != KEY_BYTES:
        raise KeyUnavailable(f"{file}: this is no tenant key")
    return key
