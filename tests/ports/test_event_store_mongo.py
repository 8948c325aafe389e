"""What only the store on MongoDB promises: several processes, its documents, the outbox, the hand-over to the relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from random import Random

import pytest
from aiokafka.partitioner import DefaultPartitioner
from pymongo.asynchronous.database import AsyncDatabase
from structlog.testing import capture_logs

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler, Outcome
from chassis.event_store import Commit, Conflict, NewCommit
from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo import MongoEventStore
from chassis.event_store.partitions import partition_of
from contracts.base import JsonObject
from tests.support.harbour import NOON, Land, Lift, NoteScribbled, commit, context, landed, quay, quay_stream

Database = AsyncDatabase[JsonObject]


@pytest.fixture
async def stores(database: Database) -> AsyncIterator[list[MongoEventStore]]:
    """The stores of four processes on one database."""
    stores = [MongoEventStore(database) for _ in range(4)]
    await stores[0].prepare()
    yield stores
    for store in stores:
        await store.aclose()


async def test_a_process_that_never_saw_the_stream_appends_where_a_commit_ends_and_nowhere_else(
    stores: list[MongoEventStore],
) -> None:
    stream = quay_stream()
    await stores[0].append(commit(stream, 0, *landed(1, 2, 3)))

    for stale in (1, 2, 4):
        with pytest.raises(Conflict):
            await stores[1].append(commit(stream, stale))
    assert (await stores[1].append(commit(stream, 3))).version == 4


async def test_processes_that_race_with_commits_of_several_events_leave_one_unbroken_stream(
    stores: list[MongoEventStore],
) -> None:
    stream, random = quay_stream(), Random(7)  # noqa: S311 - the same every time

    async def write(store: MongoEventStore) -> list[Commit]:
        made = []
        for _ in range(60):
            version = (await store.load(stream)).version
            guess = max(0, version + random.choice([0, 0, 0, -1, -2, 1]))
            try:
                made.append(await store.append(commit(stream, guess, *landed(*[1] * random.randint(1, 4)))))
            except Conflict:
                continue
        return made

    acknowledged = [made for by_one in await asyncio.gather(*map(write, stores)) for made in by_one]

    loaded = await stores[0].load(stream)
    assert list(loaded.commits) == sorted(acknowledged, key=lambda made: made.first)
    assert [made.first for made in loaded.commits] == [1, *(made.version + 1 for made in loaded.commits[:-1])]


async def test_a_command_repeated_in_other_processes_while_the_first_is_under_way_is_one_commit(
    stores: list[MongoEventStore],
) -> None:
    stream = quay_stream()
    answers = await asyncio.gather(
        *(store.append(commit(stream, 0, command_id="land-1")) for store in stores for _ in range(8))
    )

    assert set(answers) == {answers[0]}
    assert (await stores[0].load(stream)).commits == (answers[0],)


async def test_64_commands_on_one_stream_from_four_processes_lose_no_update(stores: list[MongoEventStore]) -> None:
    stream = quay_stream()
    handlers = [CommandHandler(store, FixedClock(NOON)) for store in stores]
    await handlers[0].handle(quay, stream, Land(64), context=context())

    outcomes = await asyncio.gather(
        *(handlers[n % 4].handle(quay, stream, Lift(1), context=context()) for n in range(64))
    )

    assert sorted((outcome.version, outcome.state.weight_kg) for outcome in outcomes) == [
        (version, 65 - version) for version in range(2, 66)
    ]
    assert await handlers[0].state(quay, stream) == Outcome(stream, 65, quay.initial)


async def test_a_commit_is_one_readable_document_that_is_in_the_outbox(
    stores: list[MongoEventStore], database: Database
) -> None:
    stream = quay_stream("bergen", "quay-1")
    events = (*landed(1), NoteScribbled(text="hm"))
    await stores[0].append(commit(stream, 0, *events, command_id="land-1", digest="sha"))

    assert await database["commits"].find_one() == {
        "_id": "bergen:land-1",
        "s": "bergen/quay/quay-1",
        "v": 1,
        "n": 2,
        "p": partition_of("bergen/quay/quay-1", 8),
        "e": ['{"weight_kg":1}', '{"text":"hm"}'],
        "t": ["harbour.crate-landed/2", "harbour.note-scribbled/1"],
        "m": {
            "o": "2026-11-24T12:00:00.123456+00:00",
            "r": "2026-11-24T12:00:00.123456+00:00",
            "c": "correlation-1",
            "a": "user-1",
        },
        "d": "sha",
        "i": [1],
        "o": 1,
    }


async def test_a_commit_of_internal_events_only_is_in_the_outbox_too_to_be_sealed(
    stores: list[MongoEventStore], database: Database
) -> None:
    await stores[0].append(commit(quay_stream(), 0, NoteScribbled(text="hm")))
    assert await database["commits"].count_documents({"o": 1, "i": [0], "n": 1}) == 1


async def test_what_is_stored_is_handed_over_once_and_in_the_order_of_each_stream(database: Database) -> None:
    handed: list[CommitDocument] = []

    def take(documents: Sequence[CommitDocument]) -> None:
        handed.extend(documents)

    store = MongoEventStore(database, on_append=take)
    await store.prepare()
    streams = [quay_stream() for _ in range(10)]

    async def fill(made: list[NewCommit]) -> None:
        for each in made:
            await store.append(each)

    await asyncio.gather(*(fill([commit(s, v, command_id=f"{s.id}-{v}") for v in range(5)]) for s in streams))
    await store.append(commit(streams[0], 0, command_id=f"{streams[0].id}-0"))
    with pytest.raises(Conflict):
        await store.append(commit(streams[0], 0))

    by_stream = {str(s): [document["v"] for document in handed if document["s"] == str(s)] for s in streams}
    assert by_stream == {str(s): [1, 2, 3, 4, 5] for s in streams}


async def test_a_commit_that_cannot_be_encoded_fails_alone(stores: list[MongoEventStore]) -> None:
    good, bad = quay_stream(), quay_stream()
    outcomes = await asyncio.gather(
        stores[0].append(commit(bad, 0, command_id="not UTF-8: \ud800")),
        stores[0].append(commit(good, 0)),
        return_exceptions=True,
    )

    assert isinstance(outcomes[0], UnicodeEncodeError)
    assert (await stores[0].load(good)).commits == (outcomes[1],)


async def test_a_server_that_keeps_removed_index_entries_is_warned_of(database: Database) -> None:
    """Other tests share the server, so the parameter is set for this moment only."""
    parameter = "minSnapshotHistoryWindowInSeconds"
    admin = database.client.admin
    before = (await admin.command({"getParameter": 1, parameter: 1}))[parameter]
    await admin.command({"setParameter": 1, parameter: 300})
    try:
        with capture_logs() as logs:
            await MongoEventStore(database).prepare()
    finally:
        await admin.command({"setParameter": 1, parameter: before})

    assert [(entry["event"], entry["seconds"]) for entry in logs] == [("snapshot_window_slows_relay", 300)]


def test_a_stream_lives_where_the_default_partitioner_takes_its_key() -> None:
    random, partitioner = Random(7), DefaultPartitioner()  # noqa: S311 - the same every time
    keys = [f"bergen/quay/{random.randbytes(random.randint(1, 20)).hex()[random.randint(0, 3) :]}" for _ in range(500)]

    assert [partition_of(key, 8) for key in keys] == [partitioner(key.encode(), list(range(8)), []) for key in keys]
