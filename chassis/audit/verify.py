"""Is a chain whole? Names the first place where it was altered, where something is missing, or where it was cut."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoint, Checkpoints
from chassis.audit.entry import BEGINNING, entry_id, hash_of
from chassis.audit.mongo import AUDIT

Fault = Literal["altered", "missing", "truncated", "rewritten", "checkpoint_forged"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` is None for a whole chain of `count` entries, the newest checkpoint being at `signed_up_to`; else `n` is
    the first place at fault.

    altered: an entry says other than what was hashed, or stands in another's place · missing: a number is skipped ·
    truncated: a checkpoint knows of more entries than there are · rewritten: whole in itself, but not what was signed ·
    checkpoint_forged: line `n` of the checkpoint file was not signed by our key.
    """

    service: str
    tenant: str
    count: int
    signed_up_to: int
    fault: Fault | None = None
    n: int | None = None


async def verify(database: AsyncDatabase[dict[str, Any]], service: str, tenant: str, kept: Checkpoints) -> Verdict:
    """One reading of the whole chain, in order, in constant memory."""
    checkpoints = list(kept.of(service, tenant))
    signed_up_to = max((one.n for one in checkpoints if one), default=0)
    for line, one in enumerate(checkpoints, 1):
        if one is None:
            return Verdict(service, tenant, 0, signed_up_to, "checkpoint_forged", line)
    signed = _by_place(one for one in checkpoints if one)
    entries = database[AUDIT].find({"_id": {"$gt": f"{tenant}/", "$lt": f"{tenant}0"}}).sort("_id", ASCENDING)
    count, previous = 0, BEGINNING
    async for document in entries:
        fault = _fault(document, place=(service, tenant, count + 1), previous=previous)
        if fault is None and signed.get(count + 1, {document["hash"]}) != {document["hash"]}:
            fault = "rewritten"
        if fault is not None:
            return Verdict(service, tenant, count, signed_up_to, fault, count + 1)
        count, previous = count + 1, document["hash"]
    if signed_up_to > count:
        return Verdict(service, tenant, count, signed_up_to, "truncated", count + 1)
    return Verdict(service, tenant, count, signed_up_to)


async def verify_all(
    database: AsyncDatabase[dict[str, Any]], service: str, kept: Checkpoints, *, tenant: str | None = None
) -> AsyncIterator[Verdict]:
    """Every tenant that has a chain or a checkpoint: a chain that is gone altogether is missed."""
    tenants = [tenant] if tenant else sorted({*await database[AUDIT].distinct("tenant"), *kept.tenants(service)})
    for one in tenants:
        yield await verify(database, service, one, kept)


def _by_place(checkpoints: Iterable[Checkpoint]) -> dict[int, set[str]]:
    signed: dict[int, set[str]] = {}
    for one in checkpoints:
        signed.setdefault(one.n, set()).add(one.hash)
    return signed


def _fault(document: dict[str, Any], *, place: tuple[str, str, int], previous: str) -> Fault | None:
    _, tenant, n = place
    if document["_id"] != entry_id(tenant, n):
        return "missing"
    is_its_own = (document.get("service"), document.get("tenant"), document.get("n")) == place
    if not is_its_own or document.get("previous") != previous or document.get("hash") != hash_of(document):
        return "altered"
    return None
