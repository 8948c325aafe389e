"""What every audit trail promises; each adapter runs it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit import MemoryTrail, Trail
from chassis.audit.mongo import MongoTrail
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
