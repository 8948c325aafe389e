"""Answers, withdrawal, parking, suspension, block and deadline in random orders: one outcome, no place left held."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from contracts.envelope import StreamId
from contracts.intake import RequestParked, RequestWithdrawn, VolunteerSuspended
from services.matching.app import build
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CROSSINGS = ("no", "withdrawn", "parked", "suspended", "block", "nothing")


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt()
        yield told


async def cross(oslo: Oslo, name: str, what: str, proposal_id: str) -> None:
    request = StreamId("oslo", "request", f"r{name}")
    match what:
        case "no":
            await oslo.say(f"r{name}", proposal_id, "no", person=f"p{name}")
        case "withdrawn":
            withdrawn = RequestWithdrawn(request_id=f"r{name}", programme=PROGRAMME, withdrawn_at=NOW)
            await oslo.hear(request, withdrawn, first=2)
        case "parked":
            parked = RequestParked(request_id=f"r{name}", programme=PROGRAMME, parked_at=NOW)
            await oslo.hear(request, parked, first=2)
        case "suspended":
            suspended = VolunteerSuspended(person_id=f"v{name}", programme=PROGRAMME, suspended_by="coordinator")
            await oslo.hear(oslo.volunteering(f"v{name}"), suspended, first=2)
        case "block":
            await oslo.keep_apart(f"p{name}", f"v{name}")
        case _:
            return


@pytest.mark.requirement("S2.8", "S2.9", "S2.27", "S2.28")
@pytest.mark.parametrize("seed", range(2))
async def test_whatever_crosses_two_yes_leaves_one_outcome_and_no_slot_behind(oslo: Oslo, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    crossed = {f"{number:02}": CROSSINGS[number % len(CROSSINGS)] for number in range(18)}
    await asyncio.gather(*(oslo.post(f"r{name}", person_id=f"p{name}") for name in crossed))
    await asyncio.gather(*(oslo.approve(f"v{name}") for name in crossed))
    await oslo.post("watcher", person_id="q")
    await asyncio.gather(*(oslo.waiting(f"r{name}") for name in (*crossed,)))
    await oslo.waiting("watcher")
    await oslo.candidates("watcher", *(f"v{name}" for name in crossed))

    async def race(name: str) -> None:
        proposal_id = await oslo.proposed(f"r{name}", f"v{name}")
        await oslo.meet(f"r{name}", proposal_id)
        steps: list[Awaitable[object]] = [
            oslo.say(f"r{name}", proposal_id, "yes", person=f"p{name}"),
            oslo.say(f"r{name}", proposal_id, "yes", person=f"v{name}"),
            cross(oslo, name, crossed[name], proposal_id),
        ]
        random.shuffle(steps)
        await asyncio.gather(*steps)

    await asyncio.gather(*(race(name) for name in crossed))
    for name in [name for name, what in crossed.items() if what == "nothing"]:
        await oslo.until("/own-proposals", lambda found: found["items"][0]["state"] == "matched", person=f"v{name}")
    oslo.service.place.move_clock(timedelta(days=43))

    for name, what in crossed.items():
        assert await eventually(lambda name=name, what=what: _is_at_rest(oslo, name, what))  # type: ignore[misc]


async def _is_at_rest(oslo: Oslo, name: str, what: str) -> bool:
    """No proposal is live, and a place is held exactly where a match goes on."""
    [own] = (await oslo.get("/own-proposals", person=f"v{name}")).json()["items"]
    assert own["state"] in ("matched", "over")
    matches = [one for one in (await oslo.get("/matches?limit=200")).json()["items"] if one["helper_id"] == f"v{name}"]
    states = [one["state"] for one in matches]
    why_not = (await oslo.get(f"/searches/watcher/candidates/v{name}")).json()["why_not"]
    assert ("no_free_slot" in why_not) is (states not in ([], ["ended"])), (what, states, why_not)
    expected = {
        "no": ([], ["live"]),
        "withdrawn": ([], ["ended"]),
        "parked": ([], ["live"]),
        "suspended": ([], ["paused"]),
        "block": ([], ["paused"]),
        "nothing": (["live"],),
    }[what]
    assert states in expected, (what, states)
    assert (own["state"] == "matched") is (states != []), (what, states)
    return True
