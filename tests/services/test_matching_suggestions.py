"""A suggestion for the waiting list, over HTTP: the best for all, explained, and nothing follows from it by itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from chassis.service import Role
from contracts.intake import LanguageSkill, Wishes
from services.matching.app import build
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

SUGGESTIONS = f"/programmes/{PROGRAMME}/suggestions"
SOMALI = Wishes(languages=(LanguageSkill(code="so", level="b1"),))


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """P and Q wait for somebody who speaks Somali; V speaks it well, W a little."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt()
        await told.post("r1", person_id="p", wishes=SOMALI)
        await told.post("r2", person_id="q", wishes=SOMALI)
        await told.approve("v", languages=(LanguageSkill(code="so"),))
        await told.approve("w", languages=(LanguageSkill(code="so", level="a1"),))
        for request_id in ("r1", "r2"):
            await told.waiting(request_id)
            await told.candidates(request_id, "v", "w")
        yield told


async def asked(oslo: Oslo, *request_ids: str, key: str = "") -> str:
    """The address of a new suggestion."""
    body = {"request_ids": list(request_ids)} if request_ids else {}
    answer = await oslo.ask(SUGGESTIONS, body, key=key)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"].removeprefix("/v1")


async def ready(oslo: Oslo, address: str) -> Any:
    """Once it is made: by a process of its own, which on a busy machine comes last."""

    async def made() -> Any:
        found = (await oslo.get(address)).json()
        return found if found.get("state") in ("ready", "failed") else None

    found = await eventually(made, timeout=60)
    assert found["state"] == "ready"
    return found


async def suggested(oslo: Oslo, *request_ids: str) -> Any:
    return await ready(oslo, await asked(oslo, *request_ids))


def pairs(found: Any) -> dict[str, str]:
    return {pair["request_id"]: pair["helper_id"] for pair in found["pairs"]}


def without(found: Any) -> dict[str, str]:
    return {one["request_id"]: one["why"] for one in found["nobody"]}


@pytest.mark.requirement("S2.30")
async def test_a_suggestion_is_picked_pair_by_pair_by_a_person(oslo: Oslo) -> None:
    await oslo.post("r3", person_id="v", wishes=SOMALI)  # v asks for somebody too, and is no helper to herself
    await oslo.waiting("r3")
    found = await suggested(oslo)
    assert len(found["pairs"]) == 2
    assert without(found) == {({"r1", "r2", "r3"} - set(pairs(found))).pop(): "needed_elsewhere"}
    for pair in found["pairs"]:
        assert [reason["code"] for reason in pair["reasons"]] == ["languages"]
        assert pair["score"] == pair["reasons"][0]["points"]
        assert (await oslo.get(f"/searches/{pair['request_id']}")).json()["proposal_id"] is None
    request_id, helper_id = next(iter(pairs(found).items()))
    await oslo.proposed(request_id, helper_id)


async def test_what_is_best_for_all_is_suggested_and_not_what_is_best_for_the_first(oslo: Oslo) -> None:
    await oslo.keep_apart("q", "w")
    await oslo.candidates("r2", "v")
    assert pairs(await suggested(oslo)) == {"r1": "w", "r2": "v"}
    assert pairs(await suggested(oslo, "r1")) == {"r1": "v"}


@pytest.mark.requirement("S2.9")
async def test_who_is_kept_apart_is_never_suggested_nor_shown_any_longer(oslo: Oslo) -> None:
    for helper_id in ("v", "w"):
        await oslo.keep_apart("p", helper_id)
    await oslo.candidates("r1")
    address = await asked(oslo, "r1", "r2")
    found = await ready(oslo, address)
    assert (pairs(found), without(found)) == ({"r2": "v"}, {"r1": "nobody_suits"})

    await oslo.keep_apart("q", "v")
    later = await oslo.until(address, lambda found: not found["pairs"])
    assert without(later) == {"r1": "nobody_suits", "r2": "changed_meanwhile"}


async def test_requests_that_wait_for_nobody_are_named_and_tell_nothing_of_others(oslo: Oslo) -> None:
    await oslo.proposed("r1", "v")
    await oslo.until("/searches/r1", lambda found: found["proposal_id"])
    found = await suggested(oslo, "r1", "r2", "unknown")
    assert (pairs(found), without(found)) == ({"r2": "w"}, {"r1": "not_waiting", "unknown": "not_waiting"})


async def test_a_suggestion_is_the_tenants_own_and_is_gone_after_an_hour(oslo: Oslo, place: Place) -> None:
    address = await asked(oslo, key="once")
    assert await asked(oslo, key="once") == address
    await ready(oslo, address)
    other = Oslo(oslo.service, tenant="kolding")
    elsewhere = address.replace(PROGRAMME, "mentors")
    for answer in (await other.get(address), await oslo.get(elsewhere), await oslo.get(f"{SUGGESTIONS}/unknown")):
        assert (answer.status_code, answer.json()["rule"]) == (404, "suggestion_not_found")
    assert (await oslo.get(address, person="p")).status_code == 403
    assert (await oslo.ask(SUGGESTIONS, {}, person="p")).status_code == 403

    place.move_clock(timedelta(minutes=61))

    async def is_gone() -> bool:
        return (await oslo.get(address)).status_code == 404

    await eventually(is_gone)


async def test_what_cannot_be_asked_leaves_no_trace(oslo: Oslo) -> None:
    bodies: list[dict[str, Any]] = [
        *({"request_ids": ids} for ids in ([], "r1", ["no/id"], ["r"] * 1001)),
        {"limit": 3},
    ]
    for body in bodies:
        assert (await oslo.ask(SUGGESTIONS, body)).status_code == 422, body


async def test_nothing_is_suggested_on_facts_that_nobody_keeps_fresh(place: Place) -> None:
    await place.make_topics("oslo")
    async with running_service("matching", build, place, roles={Role.API}) as matching:
        answer = await Oslo(matching).ask(SUGGESTIONS, {})
        assert (answer.status_code, answer.json()["rule"]) == (409, "facts_too_old")
