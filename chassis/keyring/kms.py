"""The keys of tenants, behind a port: files on one machine here, a cloud's key management where there is one."""

import re
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.keyring.cipher import KEY_BYTES, Cipher, new_key
from chassis.keyring.port import KeyUnavailable

_TENANT = re.compile(r"[a-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key, encrypted under the version of the tenant's key that is named; versions count from 1."""

    version: int
    key: bytes


class Kms(Protocol):
    """A tenant's key has versions: new data keys are wrapped under the newest, older versions go on unwrapping.

    What is derived comes from a secret of its own that never rotates. Fingerprints, pair tokens and referral ids are
    stored in events and compared for ever: under another secret the same person would be another one, and a block
    would no longer be recognised. Nothing is encrypted under that secret, so rotating it would protect nothing.
    """

    async def newest(self, tenant: str) -> int:
        """The version under which data keys are wrapped now. Made with the tenant's first use."""

    async def rotate(self, tenant: str) -> int:
        """Make one more version and answer it. Every process wraps under it within a minute, none needs a restart."""

    async def wrap(self, tenant: str, subject: str, key: bytes) -> WrappedKey:
        """Encrypt a data key under the newest version of the tenant's key, bound to the person it is for."""

    async def unwrap(self, tenant: str, subject: str, wrapped: WrappedKey) -> bytes:
        """Raises SealBroken when it was wrapped for another tenant or person, KeyUnavailable without a tenant key."""

    def derive(self, tenant: str, purpose: str) -> bytes:
        """32 bytes for another purpose, which say nothing of the tenant's key and stay the same when it rotates."""


class MemoryKms:
    """Tenant keys that live as long as the object. Runs the same suite; for pure tests."""

    def __init__(self) -> None:
        self._versions: dict[str, list[bytes]] = {}
        self._secrets: dict[str, bytes] = {}

    async def newest(self, tenant: str) -> int:
        return len(self._of(tenant))

    async def rotate(self, tenant: str) -> int:
        self._of(tenant).append(new_key())
        return len(self._of(tenant))

    async def wrap(self, tenant: str, subject: str, key: bytes) -> WrappedKey:
        versions = self._of(tenant)
        return WrappedKey(len(versions), wrapping(versions[-1], tenant, subject).encrypt(key))

    async def unwrap(self, tenant: str, subject: str, wrapped: WrappedKey) -> bytes:
        versions = self._of(tenant)
        if not 1 <= wrapped.version <= len(versions):
            raise KeyUnavailable(f"{tenant} has no key of version {wrapped.version}")
        return wrapping(versions[wrapped.version - 1], tenant, subject).decrypt(wrapped.key)

    def derive(self, tenant: str, purpose: str) -> bytes:
        return derived(self._secrets.setdefault(tenant, new_key()), purpose)

    def _of(self, tenant: str) -> list[bytes]:
        return self._versions.setdefault(tenant, [new_key()])


def checked(tenant: str) -> str:
    """The tenant, if it can be no path and no other's name. Raises KeyUnavailable."""
    if not _TENANT.fullmatch(tenant):
        raise KeyUnavailable(f"{tenant!r} is no tenant")
    return tenant


def wrapping(tenant_key: bytes, tenant: str, subject: str) -> Cipher:
    return Cipher(tenant_key, "data-key", tenant, subject)


def derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"kobling/{purpose}".encode()).derive(secret)
