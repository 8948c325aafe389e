"""Is a chain whole? Names the first place where it was altered, where something is missing, or where it was cut."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoint, Checkpoints, Restored
from chassis.audit.entry import BEGINNING, CommitSeal, entry_id, hash_of
from chassis.audit.mongo import AUDIT
from chassis.audit.sealed_commits import CommitFault, SealedCommits

Fault = Literal["altered", "missing", "truncated", "rewritten", "checkpoint_forged"] | CommitFault


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` is None for a whole chain of `count` entries, the newest checkpoint being at `signed_up_to`; else `n` is
    the first place at fault.

    altered: an entry says other than what was hashed, or stands in another's place · missing: a number is skipped ·
    truncated: a checkpoint knows of more entries than there are · rewritten: whole in itself, but not what was signed ·
    checkpoint_forged: line `n` of the checkpoint file was not signed by our key · commit_altered, commit_missing:
    entry `n` sealed the commit at `place` as something else · commit_added: nothing sealed the one at `place`.
    `restored` are the restores of older backups that somebody with the key has owned up to, oldest first.
    """

    service: str
    tenant: str
    count: int
    signed_up_to: int
    fault: Fault | None = None
    n: int | None = None
    place: str | None = None
    commits: int = 0
    restored: tuple[Restored, ...] = ()


async def verify(database: AsyncDatabase[dict[str, Any]], service: str, tenant: str, kept: Checkpoints) -> Verdict:
    """One reading of the whole chain and of the commits it seals, in order; in memory is a number for each stream."""
    signed = _Signed(tuple(kept.of(service, tenant)))
    verdict = Verdict(service, tenant, 0, max(signed.places, default=0), restored=tuple(signed.restored))
    if signed.forged_line is not None:
        return replace(verdict, fault="checkpoint_forged", n=signed.forged_line)
    commits = await SealedCommits.of(database, tenant)  # before the chain: what has left the outbox by now is sealed
    entries = database[AUDIT].find({"_id": {"$gt": f"{tenant}/", "$lt": f"{tenant}0"}}).sort("_id", ASCENDING)
    previous = BEGINNING
    async for document in entries:
        n, place = verdict.count + 1, None
        fault: Fault | None = _fault(document, place=(service, tenant, n), previous=previous)
        if fault is None and signed.places.get(n, {document["hash"]}) != {document["hash"]}:
            fault = "rewritten"
        if fault is None:
            fault, place = await commits.check([CommitSeal.of(one) for one in document.get("commits", ())])
        if fault is not None:
            return replace(verdict, fault=fault, n=n, place=place)
        verdict, previous = replace(verdict, count=n, commits=commits.count), document["hash"]
    if verdict.signed_up_to > verdict.count:
        return replace(verdict, fault="truncated", n=verdict.count + 1)
    added = await commits.added()
    return replace(verdict, fault="commit_added", place=added) if added else verdict


async def verify_all(
    database: AsyncDatabase[dict[str, Any]], service: str, kept: Checkpoints, *, tenant: str | None = None
) -> AsyncIterator[Verdict]:
    """Every tenant that has a chain or a checkpoint: a chain that is gone altogether is missed."""
    tenants = [tenant] if tenant else sorted({*await database[AUDIT].distinct("tenant"), *kept.tenants(service)})
    for one in tenants:
        yield await verify(database, service, one, kept)


class _Signed:
    """Which hash each signed place must have. A recorded restore takes back what was signed behind its place."""

    def __init__(self, lines: tuple[Checkpoint | Restored | None, ...]) -> None:
        self.places: dict[int, set[str]] = {}
        self.restored: list[Restored] = []
        self.forged_line: int | None = None
        for number, line in enumerate(lines, 1):
            if line is None:
                self.forged_line = self.forged_line or number
                continue
            if isinstance(line, Restored):
                self.restored.append(line)
                self.places = {n: hashes for n, hashes in self.places.items() if n <= line.n}
            if line.n > 0:
                self.places.setdefault(line.n, set()).add(line.hash)


def _fault(
    document: dict[str, Any], *, place: tuple[str, str, int], previous: str
) -> Literal["altered", "missing"] | None:
    _, tenant, n = place
    if document["_id"] != entry_id(tenant, n):
        return "missing"
    is_its_own = (document.get("service"), document.get("tenant"), document.get("n")) == place
    if not is_its_own or document.get("previous") != previous or document.get("hash") != hash_of(document):
        return "altered"
    return None
