"""Data keys in a dict. Runs the same suite; for pure tests."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from itertools import islice

from chassis.keyring.kms import Kms, MemoryKms, WrappedKey
from chassis.keyring.sealing import MAX_CACHE_SECONDS, SHREDDED, SealingKeyring, Wrapped


class MemoryDataKeys:
    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], Wrapped] = {}

    async def read(self, tenant: str, subjects: Collection[str]) -> dict[str, Wrapped]:
        return {subject: self._keys[tenant, subject] for subject in subjects if (tenant, subject) in self._keys}

    async def add(self, tenant: str, wrapped: Mapping[str, WrappedKey]) -> dict[str, Wrapped]:
        return {subject: self._keys.setdefault((tenant, subject), key) for subject, key in wrapped.items()}

    async def shred(self, tenant: str, subject: str) -> None:
        self._keys[tenant, subject] = SHREDDED

    async def wrapped_before(self, tenant: str, version: int, *, after: str, limit: int) -> dict[str, WrappedKey]:
        old = {
            subject: key
            for (whose, subject), key in sorted(self._keys.items(), key=lambda entry: entry[0])
            if whose == tenant and subject > after and isinstance(key, WrappedKey) and key.version < version
        }
        return dict(islice(old.items(), limit))

    async def replace(self, tenant: str, subject: str, *, old: WrappedKey, new: WrappedKey) -> bool:
        if self._keys.get((tenant, subject)) != old:
            return False
        self._keys[tenant, subject] = new
        return True

    async def versions(self, tenant: str) -> dict[int, int]:
        return dict(
            Counter(
                key.version for (whose, _), key in self._keys.items() if whose == tenant and isinstance(key, WrappedKey)
            )
        )


class MemoryKeyring(SealingKeyring):
    """Two of them over the same `data_keys` and `kms` are two processes."""

    def __init__(
        self,
        data_keys: MemoryDataKeys | None = None,
        kms: Kms | None = None,
        *,
        cache_seconds: float = MAX_CACHE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            data_keys or MemoryDataKeys(), kms or MemoryKms(), cache_seconds=cache_seconds, monotonic=monotonic
        )
