"""The audit trail on MongoDB: entries are appended in order, each chained to the one before."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pymongo
import structlog
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, PyMongoError

from chassis.audit.entry import BEGINNING, Draft, Entry, chained, entry_id, entry_of, new_nonce
from chassis.event_store.group_commit import GroupCommit
from chassis.event_store.mongo_insert import DURABLE, MAJORITY, database_errors_told
from chassis.event_store.port import StoreUnavailable

AUDIT = "audit"
_INDEXES = [IndexModel([("tenant", ASCENDING), ("subjects", ASCENDING), ("n", DESCENDING)], name="subjects")]
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.5
_DUPLICATE = 11000

log = structlog.get_logger()


class Head(NamedTuple):
    n: int
    hash: str


OnChained = Callable[[Sequence[Entry]], None]
"""Called with what was just stored, in order; must not raise."""


class MongoTrail:
    """Several processes append to one chain: the id is the place in it, so that one of two wins and the other goes on
    from there. Entries that arrive while a write is under way share the next one."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        service: str,
        *,
        on_chained: OnChained = lambda _: None,
        patience_seconds: float = 10.0,
    ) -> None:
        self._entries = database.get_collection(AUDIT, write_concern=DURABLE, read_concern=MAJORITY)
        self._service = service
        self._on_chained = on_chained
        self._patience_seconds = patience_seconds
        self._heads: dict[str, Head] = {}
        self._group: GroupCommit[tuple[str, Draft], None] = GroupCommit(self._flush)

    async def prepare(self) -> None:
        await self._entries.create_indexes(_INDEXES)

    async def record(self, draft: Draft) -> None:
        await self._group.write((new_nonce(), draft))

    async def about(self, tenant: str, person_id: str, *, before: int | None, limit: int) -> Sequence[Entry]:
        asked: dict[str, Any] = {"tenant": tenant, "subjects": person_id}
        if before is not None:
            asked["n"] = {"$lt": before}
        with database_errors_told():
            found = await self._entries.find(asked).sort("n", DESCENDING).limit(limit).to_list()
        return [entry_of(document) for document in found]

    async def heads(self) -> list[Entry]:
        """The newest entry of every chain: what a process that was killed may have left unsigned."""
        with database_errors_told():
            tenants = await self._entries.distinct("tenant")
            found = [await self._newest(tenant) for tenant in tenants]
        return [entry_of(document) for document in found if document]

    async def aclose(self) -> None:
        """Wait until everything under way has its answer."""
        await self._group.drain()

    async def _flush(self, group: Sequence[tuple[str, Draft]]) -> Sequence[Exception | None]:
        by_tenant: dict[str, dict[str, Draft]] = defaultdict(dict)
        for nonce, draft in group:
            by_tenant[draft.tenant][nonce] = draft
        outcomes = await asyncio.gather(
            *(self._append(tenant, drafts) for tenant, drafts in by_tenant.items()), return_exceptions=True
        )
        told = dict(zip(by_tenant, outcomes, strict=True))
        return [_fault(told[draft.tenant]) for _, draft in group]

    async def _append(self, tenant: str, waiting: dict[str, Draft]) -> None:
        """What is not known to be stored is looked for by its nonce before it is written again: never twice."""
        deadline, pause = time.monotonic() + self._patience_seconds, _FIRST_PAUSE_SECONDS
        since: Head | None = None
        while True:
            try:
                with pymongo.timeout(max(0.001, deadline - time.monotonic())):
                    if since is not None:
                        waiting = await self._not_stored(tenant, since, waiting)
                    head = self._heads.get(tenant) or await self._head(tenant)
                    since = since or head
                    if not waiting or await self._insert(tenant, head, waiting):
                        return
            except PyMongoError as fault:
                self._heads.pop(tenant, None)
                log.warning("audit_outcome_unknown", fault=type(fault).__name__)
            if time.monotonic() + pause > deadline:
                raise StoreUnavailable()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _insert(self, tenant: str, head: Head, waiting: dict[str, Draft]) -> bool:
        """False when somebody else took one of the places, or it is not known what became of them."""
        entries: list[Entry] = []
        for nonce, draft in waiting.items():
            n, previous = (entries[-1].n, entries[-1].hash) if entries else head
            entries.append(chained(self._service, draft, n=n + 1, nonce=nonce, previous=previous))
        try:
            await self._entries.insert_many([entry.document() for entry in entries], ordered=True)
        except BulkWriteError as fault:
            self._heads.pop(tenant, None)
            if any(error["code"] != _DUPLICATE for error in fault.details["writeErrors"]):
                raise
            return False
        self._heads[tenant] = Head(entries[-1].n, entries[-1].hash)
        self._on_chained(entries)
        return True

    async def _not_stored(self, tenant: str, head: Head, waiting: dict[str, Draft]) -> dict[str, Draft]:
        after = {"_id": {"$gt": entry_id(tenant, head.n), "$lt": f"{tenant}0"}, "nonce": {"$in": list(waiting)}}
        stored = {document["nonce"] async for document in self._entries.find(after, {"nonce": 1})}
        return {nonce: draft for nonce, draft in waiting.items() if nonce not in stored}

    async def _head(self, tenant: str) -> Head:
        newest = await self._newest(tenant)
        return Head(newest["n"], newest["hash"]) if newest else Head(0, BEGINNING)

    async def _newest(self, tenant: str) -> dict[str, Any] | None:
        of_tenant = {"_id": {"$gt": f"{tenant}/", "$lt": f"{tenant}0"}}
        return await self._entries.find_one(of_tenant, sort=[("_id", DESCENDING)])


def _fault(outcome: BaseException | None) -> Exception | None:
    if outcome is None or isinstance(outcome, Exception):
        return outcome
    raise outcome
