"""A mandate nears its end, ends, and is renewed; over HTTP on the real engines with a clock that moves (S1.5)."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import TASKS, Front, front_of, running_intake
from tests.support.stack import Addresses
from tests.support.wait import eventually


@pytest.fixture
async def front(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path: Path
) -> AsyncIterator[Front]:
    """A service of the test's own: its clock moves."""
    async with running_intake(engines, mongo_client, tmp_path) as service:
        yield await front_of(service)


async def warned(front: Front, *, after_events: int) -> list[str]:
    """The last days of which was warned, in order, once so many events of every kind are out."""
    records = await front.place.read("intake.events", at_least=after_events)
    near = [record for record in records if record.headers["ce_type"] == "intake.mandate-end-near"]
    return [str(json.loads(record.body)["ends_on"]) for record in near]


async def waits_until(front: Front, day: str) -> bool:
    """The timer has looked, found the day to be far off, and waits for it: from here on only the clock matters."""
    database = front.service.application.database
    names = [name for name in await database.list_collection_names() if name.startswith("timers-mandate-ends")]
    found = [await database[name].find_one({"_id": f"{front.tenant}/neighbours"}) for name in names]
    return any(document is not None and f"{document['due_at']:%Y-%m-%d}" >= day for document in found)


def in_days(count: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=count)).isoformat()


@pytest.mark.requirement("S1.5")
async def test_ninety_days_before_the_end_it_is_told_and_after_the_end_only_a_renewal_opens_the_door(
    front: Front,
) -> None:
    first, second = in_days(100), in_days(500)
    await front.adopt("neighbours", TASKS | {"mandate": {"from": "2012-12-01", "to": first}})
    wish = {"programme": "neighbours", "person_id": await front.register(), "what": "Weed.", "category": "garden"}
    wish |= {"expected_duration": "PT2H"}
    await eventually(lambda: waits_until(front, in_days(8)))
    assert await warned(front, after_events=4) == []
    front.place.move_clock(timedelta(days=12))
    assert await warned(front, after_events=5) == [first]
    assert (await front.post("/v1/requests", wish)).json()["status"] == "posted"
    front.place.move_clock(timedelta(days=102))
    refused = await front.post("/v1/requests", wish)
    assert (refused.status_code, refused.json()["rule"]) == (409, "mandate_expired")
    renewal = {"mandate": {"from": "2012-12-01", "to": second}, "renewed_by": "The board"}
    assert (await front.post("/v1/programmes/neighbours/mandate", renewal)).status_code == 200
    assert (await front.post("/v1/requests", wish)).status_code == 201
    await eventually(lambda: waits_until(front, in_days(408)))
    front.place.move_clock(timedelta(days=412))
    # Two requests nobody took up were said to be overdue meanwhile.
    assert await warned(front, after_events=11) == [first, second]


@pytest.mark.requirement("S1.1")
async def test_a_programme_tells_the_municipal_effort_it_belongs_to(front: Front) -> None:
    await front.adopt("neighbours", TASKS | {"part_of": "neighbourhood work"})
    shown = await front.shown("/v1/programmes/neighbours", policy_version=2)
    assert shown["policy"]["part_of"] == "neighbourhood work"


@pytest.mark.requirement("S1.5")
@pytest.mark.parametrize(
    ("mandate", "field"),
    [
        ({"from": "2012-12-01"}, "mandate.to"),
        ({"from": "2012-12-01", "to": "soon"}, "mandate.to"),
        ({"from": "2022-12-31", "to": "2012-12-01"}, "mandate"),
    ],
)
async def test_a_mandate_with_a_wrong_day_is_refused(front: Front, mandate: dict[str, str], field: str) -> None:
    answer = await front.post("/v1/programmes/neighbours/mandate", {"mandate": mandate, "renewed_by": "The board"})
    assert (answer.status_code, answer.json()["field"]) == (422, field)
