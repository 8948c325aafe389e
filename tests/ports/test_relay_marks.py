"""Commits leave the outbox sealed: what is on its way from one to the other, on the real MongoDB."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.event_store.port import StoreUnavailable
from chassis.relay.marks import Marks
from tests.support.harbour import commit, quay_stream
from tests.support.quayside import Database, Quayside
from tests.support.wait import eventually


async def test_what_comes_while_marks_are_under_way_is_sealed_meanwhile_and_marked_after_its_seal(
    quayside: Quayside, database: Database
) -> None:
    steps: list[str] = []
    first_may_be_marked = asyncio.Event()

    class SlowOutbox(MongoOutbox):
        async def mark(self, documents: Sequence[CommitDocument]) -> None:
            steps.append("mark")
            await first_may_be_marked.wait()
            await super().mark(documents)

    async def seal(documents: Sequence[CommitDocument]) -> None:
        steps.append("seal")

    for stream in (quay_stream(), quay_stream()):
        await quayside.store.append(commit(stream, 0))
    marks = Marks(SlowOutbox(database), seal)
    first, second = await MongoOutbox(database).pending(2)
    marks.set_later([first])
    await eventually(lambda: steps == ["seal", "mark"])
    marks.set_later([second])
    await eventually(lambda: steps == ["seal", "mark", "seal"])
    assert not await quayside.is_drained()
    first_may_be_marked.set()
    await marks.settle()

    assert steps == ["seal", "mark", "seal", "mark"]
    assert await quayside.is_drained()


async def test_what_cannot_be_sealed_stays_in_the_outbox_and_the_fault_is_told(
    quayside: Quayside, database: Database
) -> None:
    async def seal(documents: Sequence[CommitDocument]) -> None:
        if documents[0]["s"] == str(refused):
            raise StoreUnavailable()

    refused, sealed = quay_stream(), quay_stream()
    for stream in (refused, sealed):
        await quayside.store.append(commit(stream, 0))
    outbox = MongoOutbox(database)
    marks = Marks(outbox, seal)
    by_stream = {document["s"]: document for document in await outbox.pending(2)}

    marks.set_later([by_stream[str(refused)]])
    with pytest.raises(StoreUnavailable):
        await marks.settle()
    await marks.set([by_stream[str(sealed)]])

    assert [document["s"] for document in await outbox.pending(2)] == [str(refused)]
