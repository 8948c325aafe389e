"""The keyring itself, over whatever keeps the wrapped data keys: what is sealed, what is cached, and for how long."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from chassis.keyring.cipher import Cipher, as_bytes, as_text, new_key
from chassis.keyring.kms import Kms, WrappedKey
from chassis.keyring.port import PersonErased, SealBroken
from contracts.sealed import Redacted, Sealed

T = TypeVar("T")

MAX_CACHE_SECONDS = 60.0
_MAX_CACHED = 20_000


@dataclass(frozen=True, slots=True)
class Shredded:
    """What stands in place of a key that was destroyed."""


SHREDDED = Shredded()

Wrapped = WrappedKey | Shredded
Unwrapped = Cipher | Shredded


class DataKeys(Protocol):
    """Where wrapped data keys are kept. An entry, once shredded, stays shredded."""

    async def read(self, tenant: str, subjects: Collection[str]) -> dict[str, Wrapped]:
        """Those there are; one round trip."""

    async def add(self, tenant: str, wrapped: Mapping[str, WrappedKey]) -> dict[str, Wrapped]:
        """Keep them durably where there is none yet; answers what stands now, which may be another's or SHREDDED."""

    async def shred(self, tenant: str, subject: str) -> None:
        """Take the key out durably and leave a tombstone."""


class SealingKeyring:
    """Implements the port. `cache_seconds`, at most 60, is how long a shredded key may still be used elsewhere."""

    def __init__(
        self,
        data_keys: DataKeys,
        kms: Kms,
        *,
        cache_seconds: float = MAX_CACHE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 <= cache_seconds <= MAX_CACHE_SECONDS:
            raise ValueError(f"keys are cached for 0-{MAX_CACHE_SECONDS:.0f} s: erasure is promised within a minute")
        self._data_keys = data_keys
        self._kms = kms
        self._cache_seconds = cache_seconds
        self._monotonic = monotonic
        self._cache: OrderedDict[tuple[str, str], tuple[Unwrapped, float]] = OrderedDict()

    async def seal(self, tenant: str, subject: str, value: JsonValue) -> Sealed[Any]:
        return (await self.seal_many(tenant, [(subject, value)]))[0]

    async def open(self, tenant: str, sealed: Sealed[T]) -> T | Redacted:
        opened: T | Redacted = (await self.open_many(tenant, [sealed]))[0]
        return opened

    async def seal_many(self, tenant: str, values: Sequence[tuple[str, JsonValue]]) -> list[Sealed[Any]]:
        subjects = {subject for subject, _ in values}
        keys = await self._find(tenant, subjects)
        if len(keys) < len(subjects):
            keys.update(await self._make(tenant, subjects - keys.keys()))
        return [_sealed(subject, value, keys[subject]) for subject, value in values]

    async def open_many(self, tenant: str, sealed: Sequence[Sealed[Any]]) -> list[Any]:
        keys = await self._find(tenant, {one.subject for one in sealed})
        return [_opened(one, keys.get(one.subject)) for one in sealed]

    async def shred(self, tenant: str, subject: str) -> None:
        await self._data_keys.shred(tenant, subject)
        self._remember(tenant, subject, SHREDDED, self._monotonic())

    def fingerprint(self, tenant: str, purpose: str, value: str) -> str:
        return hmac.digest(self._kms.derive(tenant, f"fingerprint/{purpose}"), value.encode(), "sha256").hex()

    def derive_key(self, tenant: str, purpose: str) -> bytes:
        return self._kms.derive(tenant, f"key/{purpose}")

    async def _find(self, tenant: str, subjects: Collection[str]) -> dict[str, Unwrapped]:
        """From the cache, the others in one read; those that have no key are left out."""
        now = self._monotonic()
        found: dict[str, Unwrapped] = {}
        for subject in subjects:
            key, until = self._cache.get((tenant, subject), (None, 0.0))
            if key is not None and now < until:
                found[subject] = key
        if len(found) < len(subjects):
            unknown = subjects - found.keys()
            found.update(await self._unwrapped(tenant, await self._data_keys.read(tenant, unknown), now))
        return found

    async def _make(self, tenant: str, subjects: Collection[str]) -> dict[str, Unwrapped]:
        now = self._monotonic()
        wrapped = {subject: await self._kms.wrap(tenant, subject, new_key()) for subject in subjects}
        return await self._unwrapped(tenant, await self._data_keys.add(tenant, wrapped), now)

    async def _unwrapped(self, tenant: str, keys: Mapping[str, Wrapped], read_at: float) -> dict[str, Unwrapped]:
        found: dict[str, Unwrapped] = {}
        for subject, key in keys.items():
            cipher = (
                key
                if isinstance(key, Shredded)
                else Cipher(await self._kms.unwrap(tenant, subject, key), tenant, subject)
            )
            found[subject] = self._remember(tenant, subject, cipher, read_at)
        return found

    def _remember(self, tenant: str, subject: str, key: Unwrapped, read_at: float) -> Unwrapped:
        """Counted from before the read: a shred may have happened since. A key that came late undoes no shred."""
        before, _ = self._cache.pop((tenant, subject), (key, 0.0))
        kept = before if isinstance(before, Shredded) else key
        until = float("inf") if isinstance(kept, Shredded) else read_at + self._cache_seconds
        self._cache[tenant, subject] = (kept, until)
        if len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)
        return kept


def _sealed(subject: str, value: JsonValue, key: Unwrapped) -> Sealed[Any]:
    if isinstance(key, Shredded):
        raise PersonErased()
    return Sealed(subject, as_text(key.encrypt(to_json(value))))


def _opened(sealed: Sealed[Any], key: Unwrapped | None) -> Any:
    if isinstance(key, Shredded):
        return Redacted()
    if key is None:
        raise SealBroken("nothing was ever sealed for this person in this tenant")
    return from_json(key.decrypt(as_bytes(sealed.token)))
