"""How far each reader has come, kept in the service's database, beside its effects, so that every process can tell."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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

_POSITIONS = {"done_up_to": "", "caught_up_at": "", "lag": ""}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one process knows of a reader: of the partitions it has, how many there are in all; 0: not known yet.

    `caught_up_ms` is Unix time, `lag` records that are not worked off yet, `done_up_to` the offset of the next one.
    """

    reader: str
    partitions: int
    caught_up_ms: Mapping[TopicPartition, int]
    lag: Mapping[TopicPartition, int]
    done_up_to: Mapping[TopicPartition, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What all processes together know of a reader, by the system's clock."""

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


async def read(database: AsyncDatabase[JsonObject], reader: str) -> Facts:
    """What the last heartbeats told of a reader."""
    document = await database[COLLECTION].find_one({"_id": reader})
    if document is None:
        return Facts()
    return Facts(document.get("partitions", 0), document.get("caught_up_at", {}), document.get("lag", {}))


async def bind(database: AsyncDatabase[JsonObject], readers: Sequence[str], cluster: str) -> None:
    """Positions hold for one Kafka cluster: those that were reached in another are forgotten."""
    collection = database[COLLECTION]
    await collection.update_many({"_id": {"$in": list(readers)}, "cluster": {"$ne": cluster}}, {"$unset": _POSITIONS})
    bound = [UpdateOne({"_id": reader}, {"$set": {"cluster": cluster}}, upsert=True) for reader in readers]
    if bound:
        await collection.bulk_write(bound, ordered=False)


async def done_up_to(
    database: AsyncDatabase[JsonObject], readers: Sequence[str], partitions: Collection[TopicPartition]
) -> dict[str, dict[TopicPartition, int]]:
    """For each reader the offset at which it goes on, in those of the partitions in which it has done anything."""
    names = {_key(partition): partition for partition in partitions}
    found = database[COLLECTION].find({"_id": {"$in": list(readers)}}, {"done_up_to": 1})
    return {
        document["_id"]: {
            names[name]: int(offset) for name, offset in document.get("done_up_to", {}).items() if name in names
        }
        async for document in found
    }


async def write(database: AsyncDatabase[JsonObject], readings: Iterable[Reading]) -> None:
    """One heartbeat for many readers. What is lost with a server is told again in seconds, or done again."""
    told = [(reading.reader, _update(reading)) for reading in readings]
    writes = [UpdateOne({"_id": reader}, update, upsert=True) for reader, update in told if update]
    if writes:
        collection = database[COLLECTION].with_options(write_concern=WriteConcern(w=1))
        await collection.bulk_write(writes, ordered=False)


async def begin_anew(database: AsyncDatabase[JsonObject], reader: str, partitions: Iterable[TopicPartition]) -> None:
    """These partitions are not what they were when the reader read them: their offsets mean nothing any more."""
    names = [_key(partition) for partition in partitions]
    unset = {f"{field}.{name}": "" for name in names for field in _POSITIONS}
    await database[COLLECTION].update_one({"_id": reader}, {"$unset": unset})


async def forget(database: AsyncDatabase[JsonObject], reader: str) -> None:
    """The reader is no more."""
    await database[COLLECTION].delete_one({"_id": reader})


def _update(reading: Reading) -> JsonObject:
    latest: JsonObject = {
        f"caught_up_at.{_key(partition)}": datetime.fromtimestamp(at_ms / 1000, UTC)
        for partition, at_ms in reading.caught_up_ms.items()
    }
    latest |= {f"done_up_to.{_key(partition)}": offset for partition, offset in reading.done_up_to.items()}
    state: JsonObject = {f"lag.{_key(partition)}": lag for partition, lag in reading.lag.items()}
    if reading.partitions:
        state["partitions"] = reading.partitions
    return {operator: fields for operator, fields in (("$set", state), ("$max", latest)) if fields}


def _key(partition: TopicPartition) -> str:
    """As a field name, which may hold no dot; a topic's name holds no slash."""
    return f"{partition.topic.replace('.', '/')}/{partition.partition}"
