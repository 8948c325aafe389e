"""Where in its work a frozen process is, told by what the store, the topics and the saved positions say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.projection import Projection
from chassis.rebuild import collection_name, live_generation, reader_id
from contracts.topics import SERVICES, events_of
from tests.support.service_process import ServiceProcess
from tests.support.town import Json, Ledger
from tests.support.wait import eventually

Point = Callable[[], Awaitable[bool]]
Place = tuple[int, str, int]
"""Offset, stream, position."""


@dataclass(slots=True)
class Watch:
    """Follows every event topic, and asks the databases when it is asked."""

    client: AsyncMongoClient[Json]
    tail: AIOKafkaConsumer
    namespace: str
    ledger: Ledger
    _seen: dict[TopicPartition, list[Place]] = field(default_factory=dict)

    def stored_not_answered(self, service: str) -> Point:
        """The API has appended a command's commit, and its client has no answer yet."""

        async def is_there() -> bool:
            ids = [f"{command.tenant}:{command.command_id}" for command in self.ledger.unanswered(service)]
            return await self._database(service)["commits"].find_one({"_id": {"$in": ids}}) is not None

        return is_there

    def appended_not_relayed(self, service: str) -> Point:
        """Commits wait for the relay."""

        async def is_there() -> bool:
            async def waits() -> bool:
                return await self._database(service)["commits"].find_one({"o": 1}) is not None

            return await eventually(waits)

        return is_there

    def produced_not_marked(self, service: str) -> Point:
        """The topic has a commit's last event, and the commit still stands in the outbox."""

        async def is_there() -> bool:
            await self._read_on()
            topic = f"{self.namespace}{events_of(service)}"
            published = {
                (stream, position)
                for partition, places in self._seen.items()
                if partition.topic == topic
                for _, stream, position in places
            }
            pending = await self._database(service)["commits"].find({"o": 1}).to_list()
            return any((document["s"], document["v"] + document["n"] - 1) in published for document in pending)

        return is_there

    def written_not_saved(self, service: str, projection: Projection) -> Point:
        """The read model has folded a record, and how far it has come is not saved yet."""

        async def is_there() -> bool:
            await self._read_on()
            database = self._database(service)
            generation = await live_generation(database, projection.name)
            done = await self.done_up_to(service, reader_id(database, projection.name, generation))
            ahead = [
                {f"_streams.{stream}": {"$gte": position}}
                for partition, places in self._seen.items()
                if partition.topic in {f"{self.namespace}{topic}" for topic in projection.topics}
                for offset, stream, position in places
                if offset >= done.get(partition, 0)
            ]
            if not ahead:
                return False
            documents = database[collection_name(projection.name, generation)]
            return await documents.find_one({"$or": ahead}) is not None

        return is_there

    async def done_up_to(self, service: str, reader: str) -> dict[TopicPartition, int]:
        """How far a reader of the service has come, as its database has it."""
        known = await facts.done_up_to(self._database(service), [reader], self.tail.assignment())
        return known.get(reader, {})

    async def ends(self) -> dict[TopicPartition, int]:
        """Where each partition of the event topics ends."""
        ends: dict[TopicPartition, int] = await self.tail.end_offsets(list(self.tail.assignment()))
        return ends

    def _database(self, service: str) -> AsyncDatabase[Json]:
        return self.client[f"{self.namespace}{service}"]

    async def _read_on(self) -> None:
        """To the ends as they are now."""
        ends = await self.ends()
        while any([await self.tail.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await self.tail.getmany(timeout_ms=100)).items():
                places = self._seen.setdefault(partition, [])
                for record in records:
                    position = int(dict(record.headers)["ce_position"])
                    places.append((record.offset, record.key.decode(), position))


async def dies_at(process: ServiceProcess, point: Point) -> None:
    """Freeze it again and again until it is at the point, and kill it there."""

    async def is_dead() -> bool:
        process.freeze()
        if await point():
            process.kill()
            return True
        process.thaw()
        return False

    await eventually(is_dead, timeout=60, every=0.01)


def topics_in(namespace: str) -> list[str]:
    return [f"{namespace}{events_of(service)}" for service in SERVICES]
