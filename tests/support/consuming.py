"""A small world to consume: one kind of stream, records as the relay sends them, consumers that run beside a test."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.producer import message_accumulator as accumulator_module
from aiokafka.producer import producer as producer_module
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import SystemClock
from chassis.consumer import Consumers
from chassis.dead_letters import BlockedStream, list_dead_letters
from chassis.inbound import Inbound
from chassis.projection import Fold, IndexSpec, Projection
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from contracts.base import Event, JsonObject, encode, event
from contracts.envelope import Header, Origin, RecordedEvent, StreamId, commit_headers, event_headers
from tests.support.wait import eventually

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORIGIN = Origin(NOON, NOON, "correlation", "person-1")


@event("harbour.boat-moored", version=2)
class BoatMoored(Event):
    """A boat lies in a harbour."""

    harbour: str
    berth: int = 0


@event("harbour.boat-sailed", version=1)
class BoatSailed(Event):
    """It left."""


@event("harbour.boat-painted", version=1)
class BoatPainted(Event):
    """Nobody here is interested."""


def keys(recorded: RecordedEvent) -> list[str]:
    """A document for the boat, and one for the harbour it comes to."""
    boat = f"{recorded.tenant}/{recorded.stream.id}"
    if isinstance(recorded.event, BoatMoored):
        return [boat, f"{recorded.tenant}/harbour-{recorded.event.harbour}"]
    return [boat]


def fold(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    """Boats keep their last berth and how often they moored; sailing deletes them. Harbours count arrivals."""
    if "/harbour-" in key:
        arrivals = [] if document is None else document["arrivals"]
        return {"arrivals": [*arrivals, str(recorded.stream.id)]}
    if isinstance(recorded.event, BoatSailed):
        return None
    assert isinstance(recorded.event, BoatMoored)
    if recorded.event.berth == POISON:
        raise ZeroDivisionError
    moored = 1 if document is None else document["moored"] + 1
    return {"harbour": recorded.event.harbour, "berth": recorded.event.berth, "moored": moored}


# Folding this berth is a bug.
POISON = 13


def boats(topic: str, *, version: int = 1) -> Projection:
    """Where is each boat?"""
    return Projection(
        name="boats",
        version=version,
        topics=(topic,),
        handles=(BoatMoored, BoatSailed),
        keys=keys,
        fold=fold,
        indexes=(IndexSpec(("harbour", "-berth")),),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """One record to send."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


def boat(name: str, tenant: str = "fjord") -> StreamId:
    return StreamId(tenant, "boat", name)


def sent(stream: StreamId, position: int, happened: Event) -> Sent:
    """An event as the relay sends it."""
    headers = event_headers(
        commit_headers(str(stream), ORIGIN),
        source="/kobling/harbour",
        name=happened.event_type,
        schema_version=happened.schema_version,
        position=position,
    )
    return Sent(str(stream).encode(), encode(happened).encode(), headers)


def moored(stream: StreamId, position: int, berth: int = 1, harbour: str = "west") -> Sent:
    return sent(stream, position, BoatMoored(harbour=harbour, berth=berth))


class Sender:
    """Sends records in order."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, topic: str, *records: Sent) -> None:
        futures = [
            await self._producer.send(topic, record.value, key=record.key, headers=list(record.headers))
            for record in records
        ]
        await asyncio.gather(*futures)


@asynccontextmanager
async def sending(kafka: str, **options: Any) -> AsyncIterator[Sender]:
    """A sender while the block runs."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=5, **options)
    await producer.start()
    try:
        yield Sender(producer)
    finally:
        await producer.stop()


class NoText(str):
    """A header name as a careless client in another language may write it: bytes that are no UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


@asynccontextmanager
async def sending_anything(kafka: str) -> AsyncIterator[Sender]:
    """A sender whose client checks nothing: aiokafka's writer in Python takes what its writer in C refuses."""
    checked = producer_module.DefaultRecordBatchBuilder
    for module in (producer_module, accumulator_module):
        module.DefaultRecordBatchBuilder = _DefaultRecordBatchBuilderPy
    try:
        async with sending(kafka) as sender:
            yield sender
    finally:
        for module in (producer_module, accumulator_module):
            module.DefaultRecordBatchBuilder = checked


@asynccontextmanager
async def running(consumers: Consumers) -> AsyncIterator[Consumers]:
    """Consumers that run while the block does, from the moment they have their partitions; drained at its end."""
    task = asyncio.create_task(consumers.run())
    try:
        await eventually(lambda: task.done() or consumers.is_ready())
        yield consumers
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()


@dataclass(frozen=True, slots=True)
class Harbour:
    """A topic, a database and a sender of one test's own."""

    kafka: str
    database: AsyncDatabase[JsonObject]
    topic: str
    sender: Sender
    read_models: ReadModels

    @property
    def boats(self) -> Projection:
        return boats(self.topic)

    def projection(self, *, version: int = 1, fold: Fold = fold) -> Projection:
        """The boats, folded in another way."""
        return replace(self.boats, version=version, fold=fold)

    async def send(self, *records: Sent) -> None:
        await self.sender.send(self.topic, *records)

    def consumers(
        self,
        *projections: Projection,
        reactions: Sequence[Reaction] = (),
        inbounds: Sequence[Inbound] = (),
        read_models: ReadModels | None = None,
    ) -> Consumers:
        """Consumers of one process; give others read models of their own."""
        return Consumers(
            "harbour",
            self.kafka,
            self.database,
            read_models=read_models or self.read_models,
            projections=projections,
            reactions=reactions,
            inbounds=inbounds,
        )

    def other_process(self) -> ReadModels:
        """As another process sees them: no consumer runs in it."""
        return ReadModels(self.database, clock=SystemClock())

    async def seen(self, name: str, **fields: object) -> JsonObject:
        """The boat's document, once it has these fields."""

        async def look() -> JsonObject:
            document = await self.read_models.get(self.boats, "fjord", name)
            assert document is not None
            assert fields.items() <= document.items(), document
            return document

        return await eventually(look)

    async def blocked(self, count: int = 1) -> list[BlockedStream]:
        """The blocked streams, once they are so many."""
        seen: list[BlockedStream] = []

        async def look() -> bool:
            seen[:] = await list_dead_letters(self.database)
            assert len(seen) == count, seen
            return True

        await eventually(look)
        return seen


@asynccontextmanager
async def harbour_at(kafka: str, database: AsyncDatabase[JsonObject], topic: str) -> AsyncIterator[Harbour]:
    """A harbour while the block runs."""
    async with sending(kafka) as sender:
        yield Harbour(kafka, database, topic, sender, ReadModels(database, clock=SystemClock()))
