"""What must hold after any fault, checked from outside: in the store, in the topic and in read models.

    story = await read_story(database, topic=..., kafka=...)
    verdict = check(story, acknowledged=load.acknowledged, views=[await read_view(...)])
    assert verdict.findings == []

Each rule has a test that plants the bug it is there for (test_checker.py). The checker trusts nothing of the relay and
the consumers: it reads documents and records as they are.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from aiokafka import ConsumerRecord
from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store import Commit
from chassis.event_store.documents import CommitDocument, commit_id, last_position, to_commit
from chassis.relay.records import records_of
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.support.quayside import records_in


class Rule(StrEnum):
    """What is broken."""

    COMMIT_MISSING = "an acknowledged commit is not in the store, or not where it was acknowledged"
    STREAM_BROKEN = "the positions of a stream have a gap or an overlap"
    EVENT_MISSING = "an event of the store is not in the topic"
    PHANTOM = "a record in the topic is no event of the store, or not byte for byte"
    ORDER = "the first occurrences of a stream's events are out of order"
    PARTITION = "a stream is in two partitions"
    EFFECT = "a read model is not what its events fold to: something was lost or had its effect twice"


@dataclass(frozen=True, slots=True)
class Finding:
    rule: Rule
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`repeated_count` records came more than once, which is allowed."""

    findings: list[Finding]
    commit_count: int
    event_count: int
    repeated_count: int

    @property
    def rules(self) -> set[Rule]:
        return {finding.rule for finding in self.findings}


@dataclass(frozen=True, slots=True)
class Story:
    """What the store and the topic hold: commits by (stream, position), records by (partition, offset)."""

    commits: Sequence[CommitDocument]
    records: Sequence[ConsumerRecord]
    source: str

    def public_events(self) -> list[RecordedEvent]:
        """Every event that others may read, each stream's in order."""
        return [
            event
            for document in self.commits
            for index, event in enumerate(to_commit(document).recorded())
            if index not in document.get("i", ())
        ]


class Folding(Protocol):
    """What the checker needs of a projection; `chassis.projection.Projection` is one."""

    @property
    def name(self) -> str: ...
    @property
    def handles(self) -> tuple[type[Any], ...]: ...
    @property
    def keys(self) -> Callable[[RecordedEvent], Iterable[str]]: ...
    @property
    def fold(self) -> Callable[[JsonObject | None, RecordedEvent, str], JsonObject | None]: ...


@dataclass(frozen=True, slots=True)
class View:
    """A read model as it is: its bodies by id, without what is deleted and without the framework's fields."""

    projection: Folding
    bodies: Mapping[str, JsonObject]
    streams: Callable[[RecordedEvent], bool] = field(default=lambda _: True)
    """Which events its topics carry."""


async def read_story(database: AsyncDatabase[JsonObject], *, topic: str, kafka: str, service: str = "harbour") -> Story:
    """Everything there is, read as a majority has it."""
    documents: list[Any] = await database["commits"].find().sort([("s", 1), ("v", 1)]).to_list()
    return Story(documents, await records_in(topic, kafka), f"/kobling/{service}")


def check(story: Story, *, acknowledged: Iterable[Commit], views: Iterable[View] = ()) -> Verdict:
    """Look for everything that may not be. `acknowledged`: what `append` returned to somebody, whoever that was."""
    stored = {document["_id"]: document for document in story.commits}
    findings = [
        *_missing_commits(stored, acknowledged),
        *_broken_streams(story.commits),
        *_records(story),
        *(finding for view in views for finding in _effects(story, view)),
    ]
    events = sum(len(document["e"]) - len(document.get("i", ())) for document in story.commits)
    occurrences = {_bytes_of(record) for record in story.records}
    return Verdict(findings, len(story.commits), events, len(story.records) - len(occurrences))


def _missing_commits(stored: Mapping[str, CommitDocument], acknowledged: Iterable[Commit]) -> Iterable[Finding]:
    for commit in acknowledged:
        document = stored.get(commit_id(commit.stream.tenant, commit.command_id))
        where = f"{commit.stream}@{commit.first}"
        if document is None:
            yield Finding(Rule.COMMIT_MISSING, where, f"command {commit.command_id}")
        elif to_commit(document) != commit:
            yield Finding(Rule.COMMIT_MISSING, where, f"stored as {document['s']}@{document['v']} or with other events")


def _broken_streams(commits: Iterable[CommitDocument]) -> Iterable[Finding]:
    ends: dict[str, int] = {}
    for document in commits:
        expected = ends.get(document["s"], 0) + 1
        if document["v"] != expected:
            yield Finding(Rule.STREAM_BROKEN, document["s"], f"{document['v']} where {expected} should begin")
        ends[document["s"]] = last_position(document)


def _records(story: Story) -> Iterable[Finding]:
    expected = {
        (record.key, record.value, tuple(record.headers), record.timestamp_ms): f"{document['s']} in {document['_id']}"
        for document in story.commits
        for record in records_of(document, source=story.source)
    }
    highest: dict[bytes, int] = {}
    partitions: defaultdict[bytes, set[int]] = defaultdict(set)
    seen: set[tuple[Any, ...]] = set()
    for record in story.records:
        identity, position = _bytes_of(record), int(dict(record.headers)["ce_position"])
        where = f"{record.key.decode()}@{position}"
        partitions[record.key].add(record.partition)
        if identity in seen:
            continue
        seen.add(identity)
        if identity not in expected:
            yield Finding(Rule.PHANTOM, where, f"partition {record.partition}, offset {record.offset}")
        if position < highest.get(record.key, 0):
            yield Finding(Rule.ORDER, where, f"after position {highest[record.key]}")
        highest[record.key] = max(position, highest.get(record.key, 0))
    for identity in expected.keys() - seen:
        yield Finding(Rule.EVENT_MISSING, expected[identity])
    for key, found in partitions.items():
        if len(found) > 1:
            yield Finding(Rule.PARTITION, key.decode(), f"partitions {sorted(found)}")


def _effects(story: Story, view: View) -> Iterable[Finding]:
    folded = fold_of(view.projection, [event for event in story.public_events() if view.streams(event)])
    for key in sorted(folded.keys() | view.bodies.keys()):
        if folded.get(key) != view.bodies.get(key):
            yield Finding(
                Rule.EFFECT, f"{view.projection.name} {key}", f"{view.bodies.get(key)} is not {folded.get(key)}"
            )


def fold_of(projection: Folding, events: Iterable[RecordedEvent]) -> dict[str, JsonObject]:
    """The bodies by id that these events, each taken once, lead to."""
    bodies: dict[str, JsonObject] = {}
    for event in events:
        if not isinstance(event.event, projection.handles):
            continue
        for key in projection.keys(event):
            body = projection.fold(bodies.get(key), event, key)
            if body is None:
                bodies.pop(key, None)
            else:
                bodies[key] = body
    return bodies


def _bytes_of(record: ConsumerRecord) -> tuple[Any, ...]:
    """What makes two records the same one."""
    return (record.key, record.value, tuple(record.headers), record.timestamp)
