"""Where the readers of a feed go on when partitions have come to this process."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import structlog
from aiokafka import TopicPartition
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.consumer.inbox import Inbox
from chassis.consumer.partitions import Partitions
from chassis.consumer.patient import PatientConsumer
from contracts.base import JsonObject

log = structlog.get_logger()

# Readers that are no further apart than this begin together; those in front skip what they have.
_NEAR_RECORDS = 2000

Positions = dict[TopicPartition, int]
"""The offset of the next record for a reader, in each partition it reads."""


class FedReader(Protocol):
    """One who reads at a feed. `topics` are names at the broker; None: all that the feed reads."""

    @property
    def id(self) -> str: ...
    @property
    def topics(self) -> frozenset[str] | None: ...
    @property
    def partitions(self) -> Partitions: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def is_idle(self) -> bool: ...
    def reading(self) -> facts.Reading: ...


async def positions_of(
    readers: Sequence[FedReader], consumer: PatientConsumer, database: AsyncDatabase[JsonObject]
) -> dict[str, Positions]:
    """For each reader what it has still to do in the partitions that are assigned now.

    Raises KafkaError and PyMongoError while an engine is away.
    """
    assigned = consumer.assignment()
    begins = await consumer.beginning_offsets(list(assigned)) if assigned else {}
    ends = await consumer.end_offsets(list(assigned)) if assigned else {}
    ids = [reader.id for reader in readers]
    await facts.bind(database, ids, await consumer.cluster_id())
    saved = await facts.done_up_to(database, ids, assigned)
    found: dict[str, Positions] = {}
    for reader in readers:
        own = {each: 0 for each in assigned if reader.topics is None or each.topic in reader.topics}
        own |= {each: offset for each, offset in saved.get(reader.id, {}).items() if each in own}
        beyond = [each for each, offset in own.items() if offset > ends[each]]
        if beyond:
            log.error("topic_is_another", consumer=reader.id, topics=sorted({each.topic for each in beyond}))
            await facts.begin_anew(database, reader.id, beyond)
            own |= dict.fromkeys(beyond, 0)
        found[reader.id] = {each: max(offset, begins[each]) for each, offset in own.items()}
    return found


def near_each_other(positions: Mapping[str, Positions]) -> set[str]:
    """The readers that may begin together: in no partition far behind the one that is furthest there."""
    furthest = _furthest(positions)
    return {
        reader
        for reader, own in positions.items()
        if all(furthest[each] - offset <= _NEAR_RECORDS for each, offset in own.items())
    }


def beginning(positions: Mapping[str, Positions], together: Collection[str]) -> Positions:
    """Where those who read together begin: the hindmost of them misses nothing."""
    start = _furthest(positions)
    for reader in together:
        for partition, offset in positions[reader].items():
            start[partition] = min(start[partition], offset)
    return start


def _furthest(positions: Mapping[str, Positions]) -> Positions:
    furthest: Positions = {}
    for own in positions.values():
        for partition, offset in own.items():
            furthest[partition] = max(furthest.get(partition, 0), offset)
    return furthest
