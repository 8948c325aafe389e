"""Each rule of the checker catches the bug it is there for. The bugs are planted in the real store and relay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.event_store import Commit
from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo import MongoEventStore
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.relay.sender import Sender
from contracts.base import JsonObject
from contracts.envelope import Origin, RecordedEvent
from tests.faults.checker import Rule, Story, Verdict, View, check, fold_of, read_story
from tests.support.harbour import NOON, CrateLanded, NoteScribbled, commit, landed, quay_stream
from tests.support.quayside import PARTITIONS, Quayside, running
from tests.support.wait import eventually


async def story_of(quayside: Quayside) -> Story:
    return await read_story(quayside.database, topic=quayside.topic, kafka=quayside.kafka)


async def verdict_on(quayside: Quayside, acknowledged: Iterable[Commit] = ()) -> Verdict:
    return check(await story_of(quayside), acknowledged=acknowledged)


async def filled(quayside: Quayside) -> list[Commit]:
    streams = [quay_stream() for _ in range(5)]
    events = (*landed(1, 2), NoteScribbled(text="hidden"))
    return [await quayside.store.append(commit(s, v, *events)) for v in (0, 3, 6) for s in streams]


async def test_a_sound_relay_gives_no_finding(quayside: Quayside) -> None:
    acknowledged = await filled(quayside)
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)

    assert await verdict_on(quayside, acknowledged) == Verdict([], commit_count=15, event_count=30, repeated_count=0)


async def test_an_acknowledged_commit_that_vanished_is_missing_and_its_records_are_phantoms(quayside: Quayside) -> None:
    acknowledged = await filled(quayside)
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)
    await quayside.database["commits"].delete_one({"v": 7})

    assert (await verdict_on(quayside, acknowledged)).rules == {Rule.COMMIT_MISSING, Rule.PHANTOM}


class TrustingStore(MongoEventStore):
    """Planted: takes the expected version for a boundary without looking."""

    async def _ends_commit(self, stream: str, version: int) -> bool:
        return True


async def test_a_version_in_the_middle_of_a_commit_breaks_the_stream(quayside: Quayside) -> None:
    store, stream = TrustingStore(quayside.database, partitions=PARTITIONS), quay_stream()
    await store.append(commit(stream, 0, *landed(1, 2, 3)))
    await store.append(commit(stream, 2, *landed(4)))

    assert Rule.STREAM_BROKEN in (await verdict_on(quayside)).rules


class TimeOrderedOutbox(MongoOutbox):
    """Planted: pages by the time of recording, which writers on two machines do not agree on."""

    async def pending(
        self, limit: int, *, partition: int | None = None, without: Iterable[str] = ()
    ) -> list[CommitDocument]:
        cursor = self._commits.find({"o": {"$exists": True}}, sort=[("m.r", 1)], limit=limit)
        documents: list[Any] = await cursor.to_list()
        return documents


async def test_a_page_by_time_turns_the_order_of_a_stream_around(quayside: Quayside) -> None:
    stream = quay_stream()
    for version, seconds in enumerate((5, 3, 9)):
        at = NOON + timedelta(seconds=seconds)
        await quayside.store.append(commit(stream, version, origin=Origin(at, at, "c", "a")))
    async with running(quayside.relay(outbox=TimeOrderedOutbox(quayside.database))):
        await eventually(quayside.is_drained)

    assert (await verdict_on(quayside)).rules == {Rule.ORDER}


@dataclass
class MarkFirstSender(Sender):
    """Planted: takes commits out of the outbox before they are sent; and dies in between, once."""

    outbox: MongoOutbox
    inner: Sender

    async def send(self, partition: int, documents: Sequence[CommitDocument]) -> int:
        await self.outbox.mark(documents)
        if any(document["v"] == 4 for document in documents):
            raise ConnectionResetError
        return await self.inner.send(partition, documents)

    async def aclose(self) -> None:
        await self.inner.aclose()


async def test_a_mark_before_the_publication_loses_events(quayside: Quayside) -> None:
    acknowledged = await filled(quayside)
    outbox = MongoOutbox(quayside.database)
    inner = Sender(quayside.kafka, topic=quayside.topic, source="/kobling/harbour", partitions=PARTITIONS)
    async with running(quayside.relay(outbox=outbox, sender=MarkFirstSender(outbox, inner))):
        await eventually(quayside.is_drained)

    assert (await verdict_on(quayside, acknowledged)).rules == {Rule.EVENT_MISSING}


class WanderingSender(Sender):
    """Planted: chooses a partition by the commit, not by the stream; and tells the time of sending."""

    async def send(self, partition: int, documents: Sequence[CommitDocument]) -> int:
        for document in documents:
            document["m"]["r"] = (NOON + timedelta(hours=1)).isoformat()
        first = documents[0]["v"]
        return await super().send((partition + first) % PARTITIONS, documents[:1]) + await super().send(
            partition, documents[1:]
        )


async def test_a_stream_in_two_partitions_and_records_with_other_bytes_are_found(quayside: Quayside) -> None:
    acknowledged = await filled(quayside)
    sender = WanderingSender(quayside.kafka, topic=quayside.topic, source="/kobling/harbour", partitions=PARTITIONS)
    async with running(quayside.relay(sender=sender)):
        await eventually(quayside.is_drained)

    assert {Rule.PARTITION, Rule.PHANTOM} <= (await verdict_on(quayside, acknowledged)).rules


@dataclass(frozen=True)
class Weights:
    """A read model: how much lies on each quay."""

    name: str = "weights"
    handles: tuple[type[CrateLanded], ...] = (CrateLanded,)

    def keys(self, event: RecordedEvent) -> Iterable[str]:
        return [f"{event.tenant}/{event.stream.id}"]

    def fold(self, body: JsonObject | None, event: RecordedEvent, key: str) -> JsonObject:
        assert isinstance(event.event, CrateLanded)
        return {"kg": (body or {"kg": 0})["kg"] + event.event.weight_kg}


async def test_an_effect_that_came_twice_or_not_at_all_is_found(quayside: Quayside) -> None:
    await filled(quayside)
    async with running(quayside.relay()):
        await eventually(quayside.is_drained)
    story, weights = await story_of(quayside), Weights()
    events = story.public_events()

    def rules_for(folded: Sequence[RecordedEvent]) -> set[Rule]:
        return check(story, acknowledged=(), views=[View(weights, fold_of(weights, folded))]).rules

    assert rules_for(events) == set()
    assert rules_for([*events, events[3]]) == {Rule.EFFECT}
    assert rules_for(events[1:]) == {Rule.EFFECT}
