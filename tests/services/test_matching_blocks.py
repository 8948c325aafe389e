"""Who is kept apart is nobody to the other: no list, reason, proposal or answer tells that they are there (S2.9)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.matching.app import build
from tests.services.matching_place import Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """P waits, V and X are ready to help."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt()
        await told.post("r1")
        await told.approve("v")
        await told.approve("x")
        await told.waiting("r1")
        await told.candidates("r1", "v", "x")
        yield told


def without_the_id(refused: httpx.Response, helper_id: str) -> Any:
    """The answer as it would read for anybody."""
    return refused.status_code, refused.text.replace(helper_id, "…")


@pytest.mark.requirement("S2.9", "S2.14")
async def test_who_is_kept_apart_looks_like_somebody_nobody_knows(oslo: Oslo) -> None:
    await oslo.keep_apart("p", "x")

    [only] = await oslo.candidates("r1", "v")
    assert "x" not in str(only)
    for ask in (oslo.pick("r1", "x"), oslo.get("/searches/r1/candidates/x")):
        answer = await ask
        unknown = await (oslo.pick("r1", "nobody") if answer.request.method == "POST" else _asked_of_nobody(oslo))
        assert (answer.status_code, answer.json()["rule"]) == (404, "helper_not_found")
        assert without_the_id(answer, "candidates/x") == without_the_id(unknown, "candidates/nobody")
    assert (await oslo.get("/own-proposals", person="x")).json()["items"] == []

    await oslo.free("x", "p")
    await oslo.candidates("r1", "v", "x")
    await oslo.until("/searches/r1/candidates/x", lambda found: found["why_not"] == [])
    assert await eventually(lambda: _is_picked(oslo, "x"))


async def _asked_of_nobody(oslo: Oslo) -> httpx.Response:
    return await oslo.get("/searches/r1/candidates/nobody")


async def _is_picked(oslo: Oslo, helper_id: str) -> bool:
    return (await oslo.pick("r1", helper_id)).status_code == 201


@pytest.mark.requirement("S2.9", "S2.28")
@pytest.mark.parametrize("yes_of", [(), ("p",), ("x",)])
async def test_a_block_during_a_proposal_ends_it_in_the_words_of_any_no(oslo: Oslo, yes_of: tuple[str, ...]) -> None:
    before = (await oslo.get("/searches/r1")).json()
    proposal_id = await oslo.proposed("r1", "x")
    await oslo.meet("r1", proposal_id)
    for person in yes_of:
        assert (await oslo.say("r1", proposal_id, "yes", person=person)).status_code == 200

    await oslo.keep_apart("x", "p")

    for person in ("p", "x"):
        [own] = (await oslo.until("/own-proposals", lambda found: found["items"][0]["state"] == "over", person=person))[
            "items"
        ]
        assert own["your_answer"] == ("yes" if person in yes_of else None)
        late = await oslo.say("r1", proposal_id, "yes", person=person)
        assert (late.status_code, late.json()["rule"]) == (409, "proposal_over")
    after = await oslo.until("/searches/r1", lambda found: found["proposal_id"] is None)
    assert (after["status"], after["needed_since"]) == ("open", before["needed_since"])
    assert [one["dropped_for"] for one in after["proposals"]] == ["no"]
    assert "block" not in str(after)
    await oslo.post("r2", person_id="q")
    await oslo.waiting("r2")
    await oslo.candidates("r2", "v", "x")
    await oslo.candidates("r1", "v")


@pytest.mark.requirement("S2.9")
async def test_nothing_of_a_block_leaves_the_service(oslo: Oslo) -> None:
    await oslo.keep_apart("p", "x")
    await oslo.candidates("r1", "v")
    await oslo.proposed("r1", "v")

    published = await oslo.service.place.read("matching.events", at_least=5)

    pair = oslo.pair("p", "x")
    assert not [record for record in published if pair in record.key or pair.encode() in record.body]
    assert not [record for record in published if "barred" in record.headers["ce_type"]]


@pytest.mark.requirement("S2.9")
async def test_a_block_and_a_pick_at_once_leave_no_proposal(oslo: Oslo) -> None:
    names = [f"{number:02}" for number in range(12)]
    await asyncio.gather(*(oslo.post(f"r{name}", person_id=f"p{name}") for name in names))
    await asyncio.gather(*(oslo.approve(f"x{name}") for name in names))
    await asyncio.gather(*(oslo.waiting(f"r{name}") for name in names))
    helpers = [f"x{name}" for name in names]
    await oslo.candidates("r1", "v", "x", *helpers)

    async def race(name: str) -> None:
        pick, block = oslo.pick(f"r{name}", f"x{name}"), oslo.keep_apart(f"p{name}", f"x{name}")
        answer, _ = await asyncio.gather(pick, block)
        assert answer.status_code in (201, 404)

    await asyncio.gather(*(race(name) for name in names))

    for name in names:
        await oslo.refused(lambda name=name: oslo.pick(f"r{name}", f"x{name}"), "helper_not_found")  # type: ignore[misc]
        await oslo.until(f"/searches/r{name}", lambda found: found["proposal_id"] is None)
        own = (await oslo.get("/own-proposals", person=f"x{name}")).json()["items"]
        assert [one["state"] for one in own] in ([], ["over"])
    await oslo.candidates("r1", "v", "x", *helpers)
