"""Tenant keys in files of one machine: `<tenant>.<version>.key`, and `<tenant>.derivation.key`, which stays."""

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

from chassis.keyring.cipher import KEY_BYTES, new_key
from chassis.keyring.kms import WrappedKey, checked, derived, wrapping
from chassis.keyring.port import KeyUnavailable

_HEADING = "kobling-tenant-key/1"
_DERIVATION = "derivation"


class FileKms:
    """A file for each version, readable by its owner only; the first is made with the tenant's first use.

    A file is never changed, so processes may race for one: one wins and all read it. Raises KeyUnavailable for a file
    that others may read, that is damaged, that is missing, or that cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._keys: dict[tuple[str, str], bytes] = {}
        self._newest: dict[str, int] = {}

    async def newest(self, tenant: str) -> int:
        """Looks each time: another process may have rotated since."""
        version = self._newest.get(tenant) or self._newest_on_disk(tenant)
        while self._file(tenant, str(version + 1)).exists():
            version += 1
        self._newest[tenant] = version
        return version

    async def rotate(self, tenant: str) -> int:
        version = await self.newest(tenant)
        self._key(tenant, str(version), may_make=version == 1)  # no gap before the new one
        self._key(tenant, str(version + 1), may_make=True)
        return version + 1

    async def wrap(self, tenant: str, subject: str, key: bytes) -> WrappedKey:
        version = await self.newest(tenant)
        tenant_key = self._key(tenant, str(version), may_make=version == 1)
        return WrappedKey(version, wrapping(tenant_key, tenant, subject).encrypt(key))

    async def unwrap(self, tenant: str, subject: str, wrapped: WrappedKey) -> bytes:
        tenant_key = self._key(tenant, str(wrapped.version), may_make=False)
        return wrapping(tenant_key, tenant, subject).decrypt(wrapped.key)

    def derive(self, tenant: str, purpose: str) -> bytes:
        return derived(self._key(tenant, _DERIVATION, may_make=True), purpose)

    def _key(self, tenant: str, part: str, *, may_make: bool) -> bytes:
        if (tenant, part) not in self._keys:
            self._keys[tenant, part] = self._read_or_make(self._file(tenant, part), may_make=may_make)
        return self._keys[tenant, part]

    def _newest_on_disk(self, tenant: str) -> int:
        """Older ones may have been destroyed."""
        parts = [file.name.split(".")[1] for file in self._directory.glob(f"{checked(tenant)}.*.key")]
        return max((int(part) for part in parts if part.isdecimal()), default=1)

    def _file(self, tenant: str, part: str) -> Path:
        return self._directory / f"{checked(tenant)}.{part}.key"

    def _read_or_make(self, file: Path, *, may_make: bool) -> bytes:
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if may_make and not file.exists():
                _make(file)
            return _read(file)
        except OSError as fault:
            raise KeyUnavailable(f"{file}: {fault.strerror}") from fault


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
