"""The promise of the event store: every adapter runs this suite. Races are raced, not staged."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store import Commit, CommitTooLarge, Conflict, EventStore, Loaded
from chassis.event_store.documents import MAX_EVENT_BYTES
from chassis.event_store.memory import MemoryEventStore
from chassis.event_store.mongo import MongoEventStore
from chassis.refusal import CommandIdReused
from contracts.base import JsonObject
from contracts.envelope import Origin, StreamId
from tests.support.harbour import NOON, CrateLanded, CrateLandedThen, NoteScribbled, commit, landed, quay_stream


@pytest.fixture
def memory() -> MemoryEventStore:
    return MemoryEventStore()


@pytest.fixture
async def mongo(database: AsyncDatabase[JsonObject]) -> AsyncIterator[MongoEventStore]:
    store = MongoEventStore(database)
    await store.prepare()
    yield store
    await store.aclose()


@pytest.fixture(params=["memory", "mongo"])
def store(request: pytest.FixtureRequest) -> EventStore:
    adapter: EventStore = request.getfixturevalue(request.param)
    return adapter


@pytest.fixture
def stream() -> StreamId:
    return quay_stream()


class TestAStream:
    async def test_that_nobody_wrote_to_is_empty_at_version_0(self, store: EventStore, stream: StreamId) -> None:
        assert await store.load(stream) == Loaded(0, ())

    async def test_gives_back_what_was_appended_in_order(self, store: EventStore, stream: StreamId) -> None:
        first = await store.append(commit(stream, 0, *landed(10, 20)))
        second = await store.append(commit(stream, 2, *landed(30)))

        assert await store.load(stream) == Loaded(3, (first, second))
        assert (first.first, first.version, second.first, second.version) == (1, 2, 3, 3)

    async def test_gives_what_came_after_a_version(self, store: EventStore, stream: StreamId) -> None:
        await store.append(commit(stream, 0, *landed(10, 20)))
        second = await store.append(commit(stream, 2, *landed(30)))

        assert await store.load(stream, after=2) == Loaded(3, (second,))
        assert await store.load(stream, after=3) == Loaded(3, ())

    async def test_keeps_origin_and_digest_to_the_microsecond(self, store: EventStore, stream: StreamId) -> None:
        origin = Origin(
            occurred_at=NOON - timedelta(days=3, microseconds=7),
            recorded_at=NOON,
            correlation_id="correlation-1",
            actor="user-1",
            causation_id="event-1",
            traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        await store.append(commit(stream, 0, command_id="land-1", digest="sha", origin=origin))

        loaded = await store.load(stream)
        assert loaded.commits == (Commit(stream, 1, "land-1", landed(1), origin, "sha"),)

    async def test_tells_instants_of_other_time_zones_in_utc(self, store: EventStore, stream: StreamId) -> None:
        oslo = NOON.astimezone(timezone(timedelta(hours=1)))
        await store.append(commit(stream, 0, origin=Origin(oslo, oslo, correlation_id="c", actor="a")))

        [stored] = (await store.load(stream)).commits
        assert stored.origin.occurred_at.isoformat() == NOON.isoformat()

    async def test_holds_internal_events_among_the_others(self, store: EventStore, stream: StreamId) -> None:
        events = (*landed(1), NoteScribbled(text="blåbærsyltetøy 🫐"), *landed(2))
        await store.append(commit(stream, 0, *events))

        assert (await store.load(stream)).events == list(events)

    async def test_takes_a_big_commit_whole(self, store: EventStore, stream: StreamId) -> None:
        events = landed(*range(1, 2_001))
        await store.append(commit(stream, 0, *events))
        await store.append(commit(stream, 2_000, *landed(1)))

        loaded = await store.load(stream)
        assert (loaded.version, loaded.events) == (2_001, [*events, *landed(1)])

    async def test_reads_events_of_an_older_schema(self, store: EventStore, stream: StreamId) -> None:
        await store.append(commit(stream, 0, CrateLandedThen(kilos=7)))

        assert (await store.load(stream)).events == [CrateLanded(weight_kg=7)]


class TestAnAppend:
    @pytest.mark.parametrize("stale", [0, 2, 3, 9], ids=["beginning", "earlier commit", "inside a commit", "ahead"])
    async def test_on_a_version_that_is_not_the_head_is_a_conflict(
        self, store: EventStore, stream: StreamId, stale: int
    ) -> None:
        await store.append(commit(stream, 0, *landed(1, 2)))
        await store.append(commit(stream, 2, *landed(3, 4, 5)))
        before = await store.load(stream)

        with pytest.raises(Conflict):
            await store.append(commit(stream, stale, *landed(6)))
        assert await store.load(stream) == before

    async def test_of_nothing_is_a_mistake(self, store: EventStore, stream: StreamId) -> None:
        nothing = commit(stream, 0)
        with pytest.raises(ValueError, match="at least one event"):
            await store.append(type(nothing)(stream, 0, "c", (), nothing.origin))

    async def test_without_a_time_zone_is_a_mistake(self, store: EventStore, stream: StreamId) -> None:
        local = datetime(2026, 11, 24, 12)  # noqa: DTZ001
        with pytest.raises(ValueError, match="no time zone"):
            await store.append(commit(stream, 0, origin=Origin(local, local, correlation_id="c", actor="a")))

    async def test_too_large_for_the_broker_is_refused_and_stores_nothing(
        self, store: EventStore, stream: StreamId
    ) -> None:
        with pytest.raises(CommitTooLarge):
            await store.append(commit(stream, 0, *landed(1), NoteScribbled(text="ø" * (MAX_EVENT_BYTES // 2))))
        with pytest.raises(CommitTooLarge):
            await store.append(commit(stream, 0, *[NoteScribbled(text="x" * (MAX_EVENT_BYTES - 20))] * 20))
        assert await store.load(stream) == Loaded(0, ())

    async def test_just_below_the_limit_is_stored(self, store: EventStore, stream: StreamId) -> None:
        event = NoteScribbled(text="x" * (MAX_EVENT_BYTES - len('{"text":""}')))
        await store.append(commit(stream, 0, event))
        assert (await store.load(stream)).events == [event]


class TestACommand:
    async def test_repeated_answers_what_it_answered_first(self, store: EventStore, stream: StreamId) -> None:
        first = await store.append(commit(stream, 0, *landed(10), command_id="land-1", digest="sha"))
        await store.append(commit(stream, 1, *landed(20)))

        assert await store.append(commit(stream, 0, *landed(10), command_id="land-1", digest="sha")) == first
        assert await store.append(commit(stream, 2, *landed(10), command_id="land-1", digest="sha")) == first
        assert await store.append(commit(stream, 7, *landed(10), command_id="land-1", digest="sha")) == first
        assert (await store.load(stream)).version == 2

    async def test_id_used_for_something_else_is_refused(self, store: EventStore, stream: StreamId) -> None:
        await store.append(commit(stream, 0, command_id="land-1", digest="sha"))

        with pytest.raises(CommandIdReused):
            await store.append(commit(stream, 1, command_id="land-1", digest="another"))
        with pytest.raises(CommandIdReused):
            await store.append(commit(quay_stream(), 0, command_id="land-1", digest="sha"))
        assert (await store.load(stream)).version == 1

    async def test_is_found_by_its_id_within_its_tenant(self, store: EventStore, stream: StreamId) -> None:
        made = await store.append(commit(stream, 0, command_id="land-1"))

        assert await store.find(stream.tenant, "land-1") == made
        assert await store.find(stream.tenant, "land-2") is None
        assert await store.find("oslo", "land-1") is None

    async def test_of_another_tenant_may_have_the_same_ids(self, store: EventStore) -> None:
        here, there = quay_stream("bergen", "quay-1"), quay_stream("oslo", "quay-1")
        mine = await store.append(commit(here, 0, *landed(1), command_id="land-1", digest="a"))
        theirs = await store.append(commit(there, 0, *landed(2), command_id="land-1", digest="b"))

        assert await store.load(here) == Loaded(1, (mine,))
        assert await store.load(there) == Loaded(1, (theirs,))


class TestRaces:
    async def test_of_64_on_one_version_have_one_winner(self, store: EventStore, stream: StreamId) -> None:
        outcomes = await asyncio.gather(
            *(store.append(commit(stream, 0, *landed(weight))) for weight in range(64)), return_exceptions=True
        )
        won = [outcome for outcome in outcomes if isinstance(outcome, Commit)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]

        assert (len(won), len(lost)) == (1, 63)
        assert await store.load(stream) == Loaded(1, tuple(won))

    async def test_of_a_command_with_itself_have_one_effect(self, store: EventStore, stream: StreamId) -> None:
        outcomes = await asyncio.gather(*(store.append(commit(stream, 0, command_id="land-1")) for _ in range(64)))

        assert set(outcomes) == {outcomes[0]}
        assert await store.load(stream) == Loaded(1, (outcomes[0],))

    async def test_lose_no_update_and_leave_no_gap(self, store: EventStore, stream: StreamId) -> None:
        """Each writer appends three commits of one to three events, loading again whenever it lost."""

        async def write(writer: int) -> None:
            for turn in range(3):
                while True:
                    version = (await store.load(stream)).version
                    try:
                        await store.append(commit(stream, version, *landed(*[writer] * (1 + turn))))
                        break
                    except Conflict:
                        continue

        await asyncio.gather(*(write(writer) for writer in range(12)))

        loaded = await store.load(stream)
        ends = [committed.version for committed in loaded.commits]
        assert [committed.first for committed in loaded.commits] == [1, *(end + 1 for end in ends[:-1])]
        assert sorted(event.weight_kg for event in loaded.events if isinstance(event, CrateLanded)) == sorted(
            [writer for writer in range(12) for _ in range(6)]
        )

    async def test_of_many_streams_do_not_disturb_each_other(self, store: EventStore) -> None:
        streams = [quay_stream() for _ in range(200)]
        await asyncio.gather(*(store.append(commit(stream, 0, *landed(i))) for i, stream in enumerate(streams)))

        assert [(await store.load(stream)).events for stream in streams] == [list(landed(i)) for i in range(200)]

    async def test_a_caller_that_gives_up_takes_nobody_along(self, store: EventStore) -> None:
        staying, leaving = [quay_stream() for _ in range(20)], [quay_stream() for _ in range(20)]
        tasks = [asyncio.create_task(store.append(commit(stream, 0))) for stream in [*staying, *leaving]]
        await asyncio.wait(tasks, timeout=0)
        for task in tasks[20:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

        assert [(await store.load(stream)).version for stream in staying] == [1] * 20
