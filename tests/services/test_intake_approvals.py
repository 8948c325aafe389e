"""Approvals over time, on the real engines with a clock that moves: new policies and last days."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import PAIRING, Front, front_of, running_intake
from tests.support.stack import Addresses
from tests.support.wait import eventually

FRIEND = PAIRING["roles"]["friend"]
NEW_TEXT = PAIRING | {"roles": {"friend": FRIEND | {"confidentiality": "v2"}}}


@pytest.fixture
async def front(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path: Path
) -> AsyncIterator[Front]:
    """A service of the test's own: its clock moves."""
    async with running_intake(engines, mongo_client, tmp_path) as service:
        yield await front_of(service)


async def approved(front: Front, *, valid_until: str = "2200-01-01") -> str:
    """The path of somebody who is approved."""
    body = {"programme": "walking-friends", "person_id": await front.register(), "roles": ["friend"]}
    path = str((await front.post("/v1/volunteerings", body)).headers["Location"])
    for step, shown in (
        ("training", {"session": "weekend", "hours": 12, "modules": ["measure", "role"]}),
        ("confidentiality", {"text_version": "v1"}),
        ("certificate", {"kind": "police", "purpose": "volunteer with survivors", "valid_until": valid_until}),
        ("interview", {"outcome": "suitable"}),
        ("approval", {}),
    ):
        answer = await front.post(f"{path}/{step}", shown)
        assert answer.status_code == 200, answer.text
    return path


async def until(front: Front, path: str, **expected: Any) -> None:
    async def shows() -> bool:
        body = (await front.get(path)).json()
        assert {field: body[field] for field in expected} == expected
        return True

    await eventually(shows)


@pytest.mark.requirement("S2.27", "S2.24")
async def test_an_approval_is_renewed_where_it_holds_against_a_new_policy(front: Front) -> None:
    path = await approved(front)
    await front.adopt("walking-friends", PAIRING | {"capacity": 2})
    await until(front, path, approved_roles=["friend"], policy_version=2)


@pytest.mark.requirement("S2.24")
async def test_a_new_text_is_signed_within_its_days_or_the_approval_lapses(front: Front) -> None:
    signs, does_not = await approved(front), await approved(front)
    await front.adopt("walking-friends", NEW_TEXT)
    signed = await front.post(f"{signs}/confidentiality", {"text_version": "v2"})
    assert (signed.json()["approved_roles"], signed.json()["policy_version"]) == (["friend"], 2)
    assert (await front.get(does_not)).json()["approved_roles"] == ["friend"]
    await until(front, does_not, text_to_sign="v2", sign_by=in_days(30))
    await eventually(lambda: is_ending(front, does_not, in_days(30)))
    assert await ending(front, in_days(29)) == []
    await eventually(lambda: timer_is_set(front, f"{does_not}:text"))
    front.place.move_clock(timedelta(days=32))
    await until(front, does_not, approved_roles=[], text_to_sign=None)
    assert (await front.get(signs)).json()["approved_roles"] == ["friend"]
    late = await front.post(f"{does_not}/confidentiality", {"text_version": "v2"})
    assert late.json()["approved_roles"] == ["friend"]


@pytest.mark.requirement("S2.25")
async def test_an_approval_lapses_when_the_certificate_has_run_out(front: Front) -> None:
    in_a_year = datetime.now(UTC) + timedelta(days=365)
    path = await approved(front, valid_until=in_a_year.date().isoformat())
    await eventually(lambda: timer_is_set(front, path))
    front.place.move_clock(timedelta(days=364))
    assert (await front.get(path)).json()["approved_roles"] == ["friend"]
    front.place.move_clock(timedelta(days=367))
    await until(front, path, approved_roles=[])
    assert (await front.get(path)).json()["progress"][0]["missing"] == ["certificate"]


def in_days(count: int) -> str:
    """The day it is in Oslo after so many, as seen when the test runs."""
    return (datetime.now(ZoneInfo("Europe/Oslo")).date() + timedelta(days=count)).isoformat()


async def is_ending(front: Front, path: str, day: str) -> bool:
    """The list has heard of it, and of nobody else."""
    return await ending(front, day) == [path]


async def ending(front: Front, day: str) -> list[str]:
    items = (await front.get("/v1/volunteerings", programme="walking-friends", ends_by=day)).json()["items"]
    return [f"/v1/volunteerings/{item['volunteering_id']}" for item in items]


async def timer_is_set(front: Front, path: str) -> bool:
    """The plan has heard of the approval: from here on only the clock matters."""
    database = front.service.application.database
    timers = [name for name in await database.list_collection_names() if name.startswith("timers-lapse-when-due")]
    volunteering_id = path.rpartition("/")[2]
    found = [await database[name].find_one({"_id": f"{front.tenant}/{volunteering_id}"}) for name in timers]
    return any(document is not None for document in found)
