"""What operators see of one service, and what they may do to it: names, numbers and times, never what is in an event.

Readers, read models and checks are the service's; streams, timers and events are those of the operator's own tenant.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis import dead_letters, facts
from chassis.clock import Clock
from chassis.dead_letters import BlockedStream
from chassis.event_store.mongo import COMMITS
from chassis.read_models import ReadModels
from chassis.rebuild import ReadModelState, rebuild_progress, request_rebuild
from chassis.timers import TimerPlan
from contracts.base import JsonObject
from contracts.topics import referrals

_NEWEST = 20
_COUNTED_AT_MOST = 1000
_LOOKED_THROUGH = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class ReaderState:
    """`lag` in records, None while not every process told; `as_of`: all before it was read, None: not known yet."""

    reader: str
    lag: int | None
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class TimerState:
    """`overdue` is counted up to a thousand."""

    plan: str
    next_due: datetime | None
    overdue: int


@dataclass(frozen=True, slots=True)
class Happened:
    """That something of this type happened in a stream of this category; not to whom, nor what."""

    event_type: str
    category: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Oversight:
    database: AsyncDatabase[JsonObject]
    timers: Sequence[TimerPlan]
    read_models: ReadModels
    clock: Clock
    namespace: str

    async def readers(self) -> list[ReaderState]:
        """The furthest behind first."""
        found = [str(document["_id"]) async for document in self.database[facts.COLLECTION].find({}, {"_id": 1})]
        known = await asyncio.gather(*(facts.read(self.database, reader) for reader in found))
        states = [
            ReaderState(reader, each.lag, None if each.as_of == facts.NEVER else each.as_of)
            for reader, each in zip(found, known, strict=True)
            if each.partitions
        ]
        return sorted(states, key=lambda state: (-(state.lag or 0), state.reader))

    async def building(self) -> list[ReadModelState]:
        """Every read model, with what is being built beside it."""
        return await rebuild_progress(self.database)

    async def blocked(self, tenant: str) -> list[BlockedStream]:
        return await dead_letters.list_dead_letters(self.database, within=self._streams(tenant))

    async def due(self, tenant: str) -> list[TimerState]:
        return list(await asyncio.gather(*(self._due(plan, tenant) for plan in self.timers)))

    async def newest(self, tenant: str) -> list[Happened]:
        """Newest first; what was long ago in a tenant where little happens is not looked for."""
        found = (
            self.database[COMMITS]
            .find(dead_letters.beginning(f"{tenant}/", "s"), {"s": 1, "t": 1, "m.r": 1})
            .sort("$natural", -1)
            .limit(_NEWEST)
            .max_time_ms(int(_LOOKED_THROUGH.total_seconds() * 1000))
        )
        commits = [commit async for commit in found]
        return [
            Happened(kind.partition("/")[0], commit["s"].split("/")[1], datetime.fromisoformat(commit["m"]["r"]))
            for commit in commits
            for kind in reversed(commit["t"])
        ][:_NEWEST]

    async def replay(self, tenant: str, consumer: str, stream: str) -> int:
        """How many letters wait to be tried again; 0 when none of this tenant do."""
        if not stream.startswith(self._streams(tenant)):
            return 0
        return await dead_letters.replay(self.database, consumer, stream)

    async def drop(self, tenant: str, letter: str) -> bool:
        """Let the letter go for good. False: this tenant has none by that id."""
        return await dead_letters.drop(self.database, letter, within=self._streams(tenant))

    async def rebuild(self, read_model: str) -> None:
        """Raises UnknownReadModel."""
        await request_rebuild(self.database, read_model)

    def _streams(self, tenant: str) -> tuple[str, str]:
        """How names begin of the tenant's streams, and of what its own systems write."""
        return f"{tenant}/", f"{self.namespace}{referrals(tenant)}/"

    async def _due(self, plan: TimerPlan, tenant: str) -> TimerState:
        documents = await self.read_models.collection(plan.projection)
        is_set: dict[str, Any] = {"_tenant": tenant, "is_set": True}
        first = await documents.find_one(is_set, {"due_at": 1}, sort=[("due_at", 1)])
        overdue = {**is_set, "due_at": {"$lte": self.clock.now()}}
        count = await documents.count_documents(overdue, limit=_COUNTED_AT_MOST)
        return TimerState(plan.name, None if first is None else first["due_at"], count)
