"""What sealing personal fields costs an append."""

import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import count as counter
from pathlib import Path

from chassis.event_store import NewCommit
from chassis.event_store.mongo import MongoEventStore
from chassis.keyring import FileKms, Keyring, MongoKeyring
from contracts.base import Event, event
from contracts.sealed import Sealed
from tests.benchmarks.bench_append import in_parallel
from tests.benchmarks.harness import Ground, Measure, Result, measured, per_second, ratio_of
from tests.support.harbour import commit, quay_stream

_PERSONS = 1_000
_FIELDS = ("kari@example.org", "+47 000 00 000")
_TENANT = "bergen"


@event("bench.contact-given", version=1)
class ContactGiven(Event):
    email: str
    phone: str
    note: str


@event("bench.sealed-contact-given", version=1)
class SealedContactGiven(Event):
    email: Sealed[str]
    phone: Sealed[str]
    note: str


async def bench_sealed_append(ground: Ground) -> Result:
    """64 writers append two personal fields each, as many as any event of ours seals, of a thousand known persons."""
    count = ground.size(10_000, quick=4_000)
    async with ground.database() as keys:
        with tempfile.TemporaryDirectory() as directory:
            keyring = MongoKeyring(keys, FileKms(Path(directory)))
            await keyring.prepare()
            await keyring.seal_many(_TENANT, [(f"person-{number}", "") for number in range(_PERSONS)])
            rounds = await measured(
                _appended(ground, count, lambda subject: _sealed(keyring, subject)),
                _appended(ground, count, _plain),
            )
    return Result(
        "append with two sealed fields, against the same in plain text",
        ratio_of(rounds, ours=0, baseline=1),
        bar=0.85,
        detail=f"{per_second(count, rounds, 0)} against {per_second(count, rounds, 1)}",
    )


async def _sealed(keyring: Keyring, subject: str) -> Event:
    email, phone = await keyring.seal_many(_TENANT, [(subject, value) for value in _FIELDS])
    return SealedContactGiven(email=email, phone=phone, note="x" * 100)


async def _plain(_: str) -> Event:
    email, phone = _FIELDS
    return ContactGiven(email=email, phone=phone, note="x" * 100)


def _appended(ground: Ground, count: int, make: Callable[[str], Awaitable[Event]]) -> Measure:
    async def measure() -> float:
        async with ground.database() as database:
            store, numbers = MongoEventStore(database), counter()
            await store.prepare()

            async def append(empty: NewCommit) -> None:
                event = await make(f"person-{next(numbers) % _PERSONS}")
                await store.append(commit(empty.stream, 0, event))

            commits = [commit(quay_stream(_TENANT), 0) for _ in range(count)]
            started_at = time.perf_counter()
            await in_parallel(append, commits)
            return time.perf_counter() - started_at

    return measure
