"""Topics are made as declared; one that differs is told and left alone."""

from __future__ import annotations

from contracts.topics import Topic
from deploy.topics import TopicReport, apply_topics
from tests.support.stack import Addresses


async def test_missing_topics_are_made_and_a_second_time_changes_nothing(engines: Addresses, unique: str) -> None:
    events, status = Topic(f"{unique}.events", 3), Topic(f"{unique}.status", 1, retention_ms=60_000)
    made = await apply_topics(engines.kafka, [events, status])
    again = await apply_topics(engines.kafka, [events, status])
    assert made == TopicReport(created=(events.name, status.name), present=(), differing=())
    assert again == TopicReport(created=(), present=(events.name, status.name), differing=())


async def test_a_topic_that_differs_is_told_with_every_difference(engines: Addresses, unique: str) -> None:
    await apply_topics(engines.kafka, [Topic(unique, 3)])
    report = await apply_topics(engines.kafka, [Topic(unique, 8, retention_ms=60_000)])
    assert report.differing == (f"{unique}: partitions is 3, declared 8; retention.ms is -1, declared 60000",)
