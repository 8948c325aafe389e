"""How far each consumer group has read, kept in the service's database so that every process can tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition
from pymongo import UpdateOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from contracts.base import JsonObject

COLLECTION = "read_model_facts"
NEVER = datetime.min.replace(tzinfo=UTC)

# A generation has caught up when every partition was at its end within this time.
_AT_THE_SAME_TIME = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one process knows of a group: of the partitions it has, how many the group has in all; 0: not known yet.

    `caught_up_ms` is Unix time, `lag` records that are not worked off yet.
    """

    group: str
    partitions: int
    caught_up_ms: Mapping[TopicPartition, int]
    lag: Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """What all processes together know of a group, by the system's clock."""

    partitions: int = 0
    caught_up_at: Mapping[str, datetime] = field(default_factory=dict)
    lags: Mapping[str, int] = field(default_factory=dict)

    @property
    def lag(self) -> int | None:
        """Records not worked off yet; None until every partition's owner told."""
        return None if self.partitions == 0 or len(self.lags) < self.partitions else sum(self.lags.values())

    @property
    def as_of(self) -> datetime:
        """The last moment at which every partition was read to its end; NEVER, when one never was."""
        if self.partitions == 0 or len(self.caught_up_at) < self.partitions:
            return NEVER
        return min(self.caught_up_at.values())

    @property
    def is_caught_up(self) -> bool:
        return self.lag == 0 and self.as_of > datetime.now(UTC) - _AT_THE_SAME_TIME

    def joined(self, reading: Reading | None) -> "Facts":
        """With what this process knows better than the last heartbeat."""
        if reading is None:
            return self
        known = dict(self.caught_up_at)
        for partition, at_ms in reading.caught_up_ms.items():
            at = datetime.fromtimestamp(at_ms / 1000, UTC)
            known[_key(partition)] = max(at, known.get(_key(partition), NEVER))
        return Facts(reading.partitions or self.partitions, known, self.lags)


async def read(database: AsyncDatabase[JsonObject], group: str) -> Facts:
    """What the last heartbeats told of a group."""
    document = await database[COLLECTION].find_one({"_id": group})
    if document is None:
        return Facts()
    return Facts(document.get("partitions", 0), document.get("caught_up_at", {}), document.get("lag", {}))


async def write(database: AsyncDatabase[JsonObject], readings: Iterable[Reading]) -> None:
    """One heartbeat for many groups. Facts that are lost with a server are told again in seconds."""
    told = [(reading.group, _update(reading)) for reading in readings]
    writes = [UpdateOne({"_id": group}, update, upsert=True) for group, update in told if update]
    if writes:
        collection = database[COLLECTION].with_options(write_concern=WriteConcern(w=1))
        await collection.bulk_write(writes, ordered=False)


async def forget(database: AsyncDatabase[JsonObject], group: str) -> None:
    """The group is no more."""
    await database[COLLECTION].delete_one({"_id": group})


def _update(reading: Reading) -> JsonObject:
    latest = {
        f"caught_up_at.{_key(partition)}": datetime.fromtimestamp(at_ms / 1000, UTC)
        for partition, at_ms in reading.caught_up_ms.items()
    }
    state: JsonObject = {f"lag.{_key(partition)}": lag for partition, lag in reading.lag.items()}
    if reading.partitions:
        state["partitions"] = reading.partitions
    return {operator: fields for operator, fields in (("$set", state), ("$max", latest)) if fields}


def _key(partition: TopicPartition) -> str:
    """As a field name, which may hold no dot; a topic's name holds no slash."""
    return f"{partition.topic.replace('.', '/')}/{partition.partition}"
