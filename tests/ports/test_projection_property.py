"""Any batching, repetition and lateness of a history gives the documents that folding it once gives."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumer.desk import Desk
from chassis.consumer.progress import Progress
from chassis.consumer.projecting import Projecting
from chassis.consumer.record import Record
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent, StreamId
from tests.support.consuming import ORIGIN, BoatMoored, BoatPainted, BoatSailed, boat, boats, fold, keys, sent

STREAMS = [boat("ada"), boat("bil"), boat("cat"), boat("ada", "other")]
happenings = st.one_of(
    st.builds(BoatMoored, harbour=st.sampled_from(["west", "east"]), berth=st.integers(1, 9)),
    st.just(BoatSailed()),
    st.just(BoatPainted()),
)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[StreamId, int, Event]]:
    """Some streams, interleaved as a topic may have them."""
    order = draw(st.lists(st.sampled_from(STREAMS), max_size=25))
    seen: dict[StreamId, int] = {}
    history: list[tuple[StreamId, int, Event]] = []
    for stream in order:
        seen[stream] = seen.get(stream, 0) + 1
        history.append((stream, seen[stream], draw(happenings)))
    return history


@st.composite
def deliveries(draw: st.DrawFn, length: int) -> list[list[int]]:
    """At least once: batches that go on from where they were, or from anywhere earlier; some are folded at once."""
    batches, reached = [], 0
    while reached < length:
        start = draw(st.integers(0, reached))
        end = draw(st.integers(max(start + 1, reached), length))
        batches.append(list(range(start, end)))
        reached = max(reached, end)
    return batches


def folded_once(history: Sequence[tuple[StreamId, int, Event]]) -> dict[str, JsonObject]:
    """What the documents must be: the plain fold, without Kafka, database or guard."""
    documents: dict[str, JsonObject | None] = {}
    for stream, position, happened in history:
        if isinstance(happened, BoatPainted):
            continue
        recorded = RecordedEvent(stream, position, happened, ORIGIN)
        for key in keys(recorded):
            documents[key] = fold(documents.get(key), recorded, key)
    return {key: document for key, document in documents.items() if document is not None}


@pytest.mark.timeout(300)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_delivery_of_a_history_gives_its_fold(
    database: AsyncDatabase[JsonObject], data: st.DataObject
) -> None:
    history = data.draw(histories())
    records = [record_of(offset, *happened) for offset, happened in enumerate(history)]
    collection = database[uuid4().hex]
    projection = boats("unused")

    async def deliver(batches: Sequence[Sequence[int]]) -> None:
        handler = Projecting(projection, collection, desk=Desk(database, "none"), progress=Progress())
        for batch in batches:
            await handler.process([records[offset] for offset in batch])

    if records:
        await deliver(data.draw(deliveries(len(records))))
        await deliver(data.draw(deliveries(len(records))))  # another process, from the beginning

    stored = {document["_id"]: document async for document in collection.find({"_gone": None})}
    assert {key: body_of(document) for key, document in stored.items()} == folded_once(history)


def record_of(offset: int, stream: StreamId, position: int, happened: Event) -> Record:
    made = sent(stream, position, happened)
    return Record("topic", 0, offset, made.key, made.value, made.headers)


def body_of(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if not name.startswith("_")}
