"""Appending while a read model follows: until the last event is visible, against the other event sourcing library."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import ListenNotifySubscription, StoredEvent, Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteTrackingRecorder

from chassis.clock import SystemClock
from chassis.consumer import Consumers
from chassis.event_store.mongo import MongoEventStore
from chassis.read_models import ReadModels
from chassis.relay import Relay
from contracts.envelope import StreamId
from contracts.topics import PARTITIONS
from tests.benchmarks.bench_append import in_parallel
from tests.benchmarks.harness import Ground, Result, measured, per_second, ratio_of
from tests.support.consuming import running
from tests.support.harbour import commit
from tests.support.voyages import plain, voyages
from tests.support.wait import eventually


async def bench_follow(ground: Ground) -> Result:
    """Ours: 64 writers, MongoDB, relay, Kafka, projection in one process. Theirs: one writer, SQLite file, a thread."""
    count = ground.size(5_000, quick=1_500)

    async def ours() -> float:
        return await _follow(ground, count)

    async def theirs() -> float:
        return await asyncio.to_thread(_follow_by_eventsourcing, count)

    rounds = await measured(ours, theirs)
    return Result(
        "append and follow, against eventsourcing's ProjectionRunner on an SQLite file",
        ratio_of(rounds, ours=0, baseline=1),
        bar=3,
        detail=f"{per_second(count, rounds, 0)} against {per_second(count, rounds, 1)}",
    )


async def _follow(ground: Ground, count: int) -> float:
    async with ground.database() as database, ground.topic(partitions=PARTITIONS) as topic:
        relay = Relay(database, "bench", ground.kafka, topic=topic)
        store = MongoEventStore(database, on_append=relay.offer)
        await store.prepare()
        projection = voyages(topic)
        read_models = ReadModels(database, clock=SystemClock())
        consumers = Consumers("bench", ground.kafka, database, read_models=read_models, projections=[projection])

        async def is_visible() -> bool:
            return await database["voyages.1"].estimated_document_count() == count

        async with running(consumers), _relaying(relay):
            await eventually(lambda: consumers.health()[0].partitions == PARTITIONS)
            commits = [commit(StreamId("fjord", "voyage", f"v{n}"), 0, plain(n)) for n in range(count)]
            started_at = time.perf_counter()
            await in_parallel(store.append, commits)
            await eventually(is_visible, timeout=120, every=0.005)
            seconds = time.perf_counter() - started_at
        await store.aclose()
        return seconds


@asynccontextmanager
async def _relaying(relay: Relay) -> Any:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


class Voyage(Aggregate):
    """The same fields."""

    @event("Logged")
    def __init__(self, number: int, fields: dict[str, Any]) -> None:
        self.number = number
        self.fields = fields

    @staticmethod
    def create_id(number: int, fields: dict[str, Any]) -> UUID:
        return uuid5(NAMESPACE_OID, f"voyage-{number}")


class Listening(SQLiteApplicationRecorder):
    """Release 9.5 has no subscription on SQLite: this is the one it has in memory, woken by each insert."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.listeners: set[threading.Event] = set()

    def insert_events(self, stored_events: Sequence[StoredEvent], **options: Any) -> Sequence[int] | None:
        numbers = super().insert_events(stored_events, **options)
        for listener in self.listeners:
            listener.set()
        return numbers

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "Woken":
        return Woken(self, gt, topics)


class Woken(ListenNotifySubscription[Listening]):
    def __init__(self, recorder: Listening, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        recorder.listeners.add(self._has_been_notified)


class VoyageView(SQLiteTrackingRecorder):
    """A row a voyage, written together with the position."""

    def construct_create_table_statements(self) -> list[str]:
        return [
            *super().construct_create_table_statements(),
            "CREATE TABLE IF NOT EXISTS voyages (id TEXT PRIMARY KEY, harbour TEXT, berth INTEGER, captain TEXT)",
        ]

    def log_voyage(self, voyage_id: str, fields: dict[str, Any], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT OR REPLACE INTO voyages VALUES (?, ?, ?, ?)",
                (voyage_id, fields["harbour"], fields["berth"], fields["captain"]),
            )


class Voyages(Projection[VoyageView]):
    name = "voyages"

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.log_voyage(str(domain_event.originator_id), domain_event.fields, tracking)


def _follow_by_eventsourcing(count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "APPLICATION_RECORDER_TOPIC": f"{__name__}:{Listening.__name__}",
            "SQLITE_DBNAME": str(Path(folder) / "events.sqlite"),
            "VOYAGES_SQLITE_DBNAME": str(Path(folder) / "view.sqlite"),
        }
        with ProjectionRunner(
            application_class=Application[UUID], projection_class=Voyages, view_class=VoyageView, env=env
        ) as runner:
            made = [Voyage(number, plain(number).model_dump(mode="json")) for number in range(count)]
            started_at = time.perf_counter()
            for voyage in made:
                recordings = runner.app.save(voyage)
            runner.wait(recordings[-1].notification.id, timeout=300)
            return time.perf_counter() - started_at
