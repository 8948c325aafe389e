"""Data keys wrapped anew after a tenant's key was rotated. Nothing is sealed anew: the data keys stay what they are."""

from collections.abc import Mapping
from typing import Protocol

from chassis.keyring.kms import Kms, WrappedKey

_BATCH = 200


class RotatedKeys(Protocol):
    """Where wrapped data keys are kept, as the rotation sees it."""

    async def wrapped_before(self, tenant: str, version: int, *, after: str, limit: int) -> Mapping[str, WrappedKey]:
        """Those under an older version, by subject in order, from the first subject above `after`. No shredded ones."""

    async def replace(self, tenant: str, subject: str, *, old: WrappedKey, new: WrappedKey) -> bool:
        """Put `new` where `old` still stands, durably, in one step. False where it does not: shredded, or done."""

    async def versions(self, tenant: str) -> Mapping[int, int]:
        """How many data keys are wrapped under which version."""


async def rewrap(data_keys: RotatedKeys, kms: Kms, tenant: str) -> int:
    """Wrap under the newest version what an older one wraps; answers how many data keys that were.

    Each key changes in one step from one good wrapping to another and every version goes on unwrapping, so this may
    end anywhere, run beside itself and beside every service, and be begun again. A key that is shredded meanwhile
    stays shredded.
    """
    newest = await kms.newest(tenant)
    count, after = 0, ""
    while batch := await data_keys.wrapped_before(tenant, newest, after=after, limit=_BATCH):
        for subject, old in batch.items():
            key = await kms.unwrap(tenant, subject, old)
            new = await kms.wrap(tenant, subject, key)
            if await kms.unwrap(tenant, subject, new) != key:  # the old wrapping is the only way to the key
                raise RuntimeError("the KMS does not unwrap what it has just wrapped; nothing was replaced")
            count += await data_keys.replace(tenant, subject, old=old, new=new)
            after = subject
    return count
