"""What every audit trail promises; each adapter runs it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect

from chassis.audit import MemoryTrail, Trail
from chassis.audit.mongo import MongoTrail
from chassis.event_store import StoreUnavailable
from tests.support.auditing import looked


@pytest.fixture(params=["memory", "mongo"])
async def trail(request: pytest.FixtureRequest, database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[Trail]:
    if request.param == "memory":
        yield MemoryTrail("intake")
        return
    found = MongoTrail(database, "intake")
    await found.prepare()
    yield found
    await found.aclose()


async def test_what_was_read_about_a_person_is_there_newest_first(trail: Trail) -> None:
    await trail.record(looked(action="first"))
    await trail.record(looked(action="second", subjects=("person-ida", "person-kari")))
    await trail.record(looked(action="of-another", subjects=("person-kari",)))

    about = await trail.about("oslo", "person-ida", before=None, limit=10)

    assert [(one.n, one.draft.action) for one in about] == [(2, "second"), (1, "first")]


async def test_a_page_goes_on_before_the_last_number_of_the_one_before(trail: Trail) -> None:
    for number in range(5):
        await trail.record(looked(action=f"look-{number}"))

    first = await trail.about("oslo", "person-ida", before=None, limit=3)
    second = await trail.about("oslo", "person-ida", before=first[-1].n, limit=3)

    assert [one.n for one in [*first, *second]] == [5, 4, 3, 2, 1]


async def test_the_same_pseudonym_in_another_tenant_is_somebody_else(trail: Trail) -> None:
    await trail.record(looked(tenant="bergen"))

    assert await trail.about("oslo", "person-ida", before=None, limit=10) == []


async def test_each_entry_is_chained_to_the_one_before_whoever_writes_at_the_same_time(trail: Trail) -> None:
    await asyncio.gather(*(trail.record(looked(correlation_id=f"c-{number}")) for number in range(50)))

    found = list(reversed(await trail.about("oslo", "person-ida", before=None, limit=100)))

    assert [one.n for one in found] == list(range(1, 51))
    assert [one.previous for one in found[1:]] == [one.hash for one in found[:-1]]
    assert {one.draft.correlation_id for one in found} == {f"c-{number}" for number in range(50)}


async def test_two_processes_make_one_chain(database: AsyncDatabase[dict[str, Any]]) -> None:
    trails = [MongoTrail(database, "intake") for _ in range(3)]
    await trails[0].prepare()

    await asyncio.gather(
        *(trails[number % 3].record(looked(correlation_id=f"c-{number}")) for number in range(60)),
    )

    found = list(reversed(await trails[0].about("oslo", "person-ida", before=None, limit=100)))
    assert [one.n for one in found] == list(range(1, 61))
    assert [one.previous for one in found[1:]] == [one.hash for one in found[:-1]]
    assert {one.draft.correlation_id for one in found} == {f"c-{number}" for number in range(60)}


class LosesAnswers:
    """A collection whose first write arrives, and whose answer does not."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._is_lost = False

    async def insert_many(self, documents: Any, **how: Any) -> Any:
        done = await self._inner.insert_many(documents, **how)
        if not self._is_lost:
            self._is_lost = True
            raise AutoReconnect("the answer was lost")
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class LosingDatabase:
    def __init__(self, inner: AsyncDatabase[dict[str, Any]]) -> None:
        self._inner = inner

    def get_collection(self, *named: Any, **how: Any) -> Any:
        return LosesAnswers(self._inner.get_collection(*named, **how))


async def test_an_entry_whose_answer_was_lost_is_there_once(database: AsyncDatabase[dict[str, Any]]) -> None:
    trail = MongoTrail(cast(AsyncDatabase[dict[str, Any]], LosingDatabase(database)), "intake")
    await trail.prepare()

    await asyncio.gather(*(trail.record(looked(correlation_id=f"c-{number}")) for number in range(5)))

    found = list(reversed(await trail.about("oslo", "person-ida", before=None, limit=100)))
    assert [(one.n, one.draft.correlation_id) for one in found] == [(n + 1, f"c-{n}") for n in range(5)]


async def test_what_cannot_be_written_in_time_is_refused_so_that_nothing_is_shown() -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        "mongodb://127.0.0.1:1", serverSelectionTimeoutMS=50, connect=False
    )
    async with client:
        trail = MongoTrail(client["nowhere"], "intake", patience_seconds=0.2)

        with pytest.raises(StoreUnavailable):
            await trail.record(looked())
