"""Reading read models: the live generation, always within one tenant, waiting for a position when asked."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.auth.narrowing import narrowed
from chassis.clock import Clock
from chassis.position import Position
from chassis.projection import Projection, visible
from chassis.rebuild import collection_name, live_generation, reader_id
from chassis.refusal import Refusal
from contracts.base import JsonObject

Query = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]

_WAIT_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 1.0
_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.2


class NotYetVisible(Refusal):
    """The read model has not come to the position within two seconds."""

    rule, sentence, status = "not_yet_visible", "What you wait for is not visible here yet. Try again.", 503
    retryable = True


class LocalReader(Protocol):
    """What a consumer in this process knows about itself, exactly and at once."""

    def reading(self) -> facts.Reading: ...
    async def reached(self, stream: str, position: int) -> None: ...


class ReadModels:
    """Answers come as the body with `_id` and `_streams`; another tenant's documents are absent.

    `min_position` waits until the read model has folded the event, or, where the consumer runs in this process, has
    passed it; at most two seconds, then NotYetVisible. Without that consumer an event that the read model does not
    handle cannot be waited for.
    """

    def __init__(self, database: AsyncDatabase[JsonObject], *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._generations: dict[str, tuple[float, int]] = {}
        self._local: dict[str, LocalReader] = {}

    async def collection(self, projection: Projection) -> AsyncCollection[JsonObject]:
        """The generation that is live now; a switch is seen within a second."""
        return self._database[collection_name(projection.name, await self._generation(projection))]

    async def get(
        self, projection: Projection, tenant: str, name: str, *, min_position: Position | None = None
    ) -> JsonObject | None:
        """The document `tenant/name`, or None."""
        collection = await self.collection(projection)
        query = {"_id": f"{tenant}/{name}"}
        if min_position is not None:
            await self._wait(projection, query, min_position, tenant)
        document = await collection.find_one({**query, "_gone": None})
        return None if document is None else visible(document)

    async def find(
        self,
        projection: Projection,
        tenant: str,
        query: Query | None = None,
        *,
        sort: Sort = (),
        limit: int = 50,
        min_position: Position | None = None,
    ) -> list[JsonObject]:
        """The documents of the tenant that match, at most `limit`; 0 is all of them."""
        if min_position is not None:
            await self._wait(projection, {"_tenant": tenant}, min_position, tenant)
        collection = await self.collection(projection)
        found = (
            collection.find(_seen(projection, tenant, query)).sort(list(sort))
            if sort
            else collection.find(_seen(projection, tenant, query))
        )
        return [visible(document) async for document in found.limit(limit)]

    async def count(self, projection: Projection, tenant: str, query: Query | None = None) -> int:
        """How many documents of the tenant match."""
        return await (await self.collection(projection)).count_documents(_seen(projection, tenant, query))

    async def aggregate(
        self, projection: Projection, tenant: str, pipeline: Sequence[Mapping[str, Any]]
    ) -> list[JsonObject]:
        """The pipeline over the tenant's documents. It must not join: a `$lookup` would leave the tenant."""
        cursor = await (await self.collection(projection)).aggregate(
            [{"$match": _seen(projection, tenant, None)}, *pipeline]
        )
        return await cursor.to_list()

    async def facts_as_of(self, projection: Projection) -> datetime:
        """The last moment, by the clock, at which the consumer had read to the end of all its partitions.

        Year 1 when it never had: too old for everything.
        """
        reader = await self._reader(projection)
        local = self._local.get(reader)
        known = facts.Facts().joined(None if local is None else local.reading())
        if known.as_of == facts.NEVER:
            known = (await facts.read(self._database, reader)).joined(None if local is None else local.reading())
        if known.as_of == facts.NEVER:
            return facts.NEVER
        return self._clock.now() - max(datetime.now(UTC) - known.as_of, _NO_TIME)

    def attach(self, known_as: str, reader: LocalReader) -> None:
        """A consumer runs in this process."""
        self._local[known_as] = reader

    def detach(self, known_as: str) -> None:
        """It does no longer."""
        self._local.pop(known_as, None)

    async def _generation(self, projection: Projection) -> int:
        now = time.monotonic()
        seen_at, generation = self._generations.get(projection.name, (float("-inf"), 1))
        if now - seen_at >= _LOOK_AGAIN_SECONDS:
            generation = await live_generation(self._database, projection.name)
            self._generations[projection.name] = (now, generation)
        return generation

    async def _reader(self, projection: Projection) -> str:
        return reader_id(self._database, projection.name, await self._generation(projection))

    async def _wait(self, projection: Projection, query: JsonObject, wanted: Position, tenant: str) -> None:
        """Raises NotYetVisible."""
        if wanted.stream.tenant != tenant:
            raise NotYetVisible
        stream = str(wanted.stream)
        local = self._local.get(await self._reader(projection))
        passed = None if local is None else asyncio.create_task(local.reached(stream, wanted.position))
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._poll(projection, {**query, f"_streams.{stream}": {"$gte": wanted.position}}, passed)
        except TimeoutError:
            raise NotYetVisible from None
        finally:
            if passed is not None:
                passed.cancel()

    async def _poll(self, projection: Projection, query: JsonObject, passed: "asyncio.Task[None] | None") -> None:
        pause = _FIRST_PAUSE_SECONDS
        while passed is None or not passed.done():
            collection = await self.collection(projection)
            if await collection.find_one(query, {"_id": 1}) is not None:
                return
            if passed is None:
                await asyncio.sleep(pause)
            else:
                await asyncio.wait({passed}, timeout=pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


_NO_TIME = timedelta(0)


def _seen(projection: Projection, tenant: str, query: Query | None) -> JsonObject:
    """Those of the tenant, of programmes that the caller may see where this request is narrowed to some."""
    programmes = narrowed()
    if programmes is None or projection.programme is None:
        return _within(tenant, query)
    return {"$and": [_within(tenant, query), {projection.programme: {"$in": sorted(programmes)}}]}


def _within(tenant: str, query: Query | None) -> JsonObject:
    return {**(query or {}), "_tenant": tenant, "_gone": None}
