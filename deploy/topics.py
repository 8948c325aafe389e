"""The topics of `contracts/topics.py` on a broker: missing ones are made, differing ones told, none is changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from chassis.kafka import Kafka, connection
from contracts.topics import Topic

_ALREADY_EXISTS = 36
_ONE_BROKER = 1
_VISIBLE_SECONDS = 15.0


class TopicsRefused(Exception):
    """The broker did not make a topic; the message is its own."""


@dataclass(frozen=True, slots=True)
class TopicReport:
    """What was made, what was there as declared, and what is there but differs (a sentence each)."""

    created: tuple[str, ...]
    present: tuple[str, ...]
    differing: tuple[str, ...]


async def apply_topics(
    kafka: Kafka, topics: Iterable[Topic], *, replication_factor: int = _ONE_BROKER, only_look: bool = False
) -> TopicReport:
    """Make what is missing; may be repeated. With `only_look` nothing is made, and what is missing counts as differing.

    Raises TopicsRefused, and KafkaError when the broker is away.
    """
    declared = {topic.name: topic for topic in topics}
    admin = AIOKafkaAdminClient(**connection(kafka))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        missing = [topic for name, topic in declared.items() if name not in existing]
        if only_look:
            declared = {name: topic for name, topic in declared.items() if name in existing}
        created = [] if only_look else await _create(admin, missing, replication_factor)
        partitions = await _partitions(admin, list(declared))
        present = [topic for name, topic in declared.items() if name not in created]
        differing = await _differences(admin, present, partitions)
    finally:
        await admin.close()
    return TopicReport(
        created=tuple(created),
        present=tuple(topic.name for topic in present if topic.name not in differing),
        differing=(*differing.values(), *(f"{topic.name}: is not there" for topic in missing if only_look)),
    )


async def _create(admin: AIOKafkaAdminClient, topics: list[Topic], replication_factor: int) -> list[str]:
    """The names of those that were made now; somebody else may have been quicker with the others."""
    if not topics:
        return []
    wanted = [
        NewTopic(topic.name, topic.partitions, replication_factor, topic_configs=_configs(topic)) for topic in topics
    ]
    answer = await admin.create_topics(wanted)
    created = []
    for name, code, message, *_ in answer.topic_errors:  # create_topics itself never raises for one topic
        if code not in (0, _ALREADY_EXISTS):
            raise TopicsRefused(f"{name}: {message} (error {code})")
        if code == 0:
            created.append(name)
    return created


async def _partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """How many partitions each has, once each is known and every partition has a leader: then it can be used."""
    deadline = time.monotonic() + _VISIBLE_SECONDS
    while True:
        found = {
            entry["topic"]: len(entry["partitions"])
            for entry in await admin.describe_topics(names)
            if entry["error_code"] == 0 and all(part["leader"] >= 0 for part in entry["partitions"])
        }
        if found.keys() >= set(names):
            return found
        if time.monotonic() > deadline:
            unusable = ", ".join(sorted(set(names) - found.keys()))
            raise TopicsRefused(f"{unusable}: not usable after {_VISIBLE_SECONDS:.0f} s")
        await asyncio.sleep(0.05)


async def _differences(admin: AIOKafkaAdminClient, topics: list[Topic], partitions: dict[str, int]) -> dict[str, str]:
    if not topics:
        return {}
    configs = await _described_configs(admin, [topic.name for topic in topics])
    differing = {}
    for topic in topics:
        wanted = {"partitions": str(topic.partitions), **_configs(topic)}
        actual = {"partitions": str(partitions[topic.name]), **configs[topic.name]}
        parts = [f"{key} is {actual[key]}, declared {value}" for key, value in wanted.items() if actual[key] != value]
        if parts:
            differing[topic.name] = f"{topic.name}: {'; '.join(parts)}"
    return differing


async def _described_configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answers = await admin.describe_configs(resources)
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _code, _message, _kind, name, entries in answer.resources
    }


# A record carries the time its commit was recorded, by a clock that stories move ahead by years; without this a broker
# refuses what lies more than an hour ahead of its own clock, and the relay stands still.
_ANY_TIME_MS = str(2**63 - 1)


def _configs(topic: Topic) -> dict[str, str]:
    """Unlimited retention and no compaction for events: shredding makes that lawful."""
    return {
        "retention.ms": str(topic.retention_ms),
        "cleanup.policy": "delete",
        "message.timestamp.after.max.ms": _ANY_TIME_MS,
    }
