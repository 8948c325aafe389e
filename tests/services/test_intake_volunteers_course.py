"""Volunteers after approval, and what coordinators see of them, over HTTP on the real engines."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses

TRUSTING = {"roles": {"volunteer": {}, "peer": {"talk": True}}, "levels": ["helper", "keyholder"]}
MENTORS = {
    "country": "DK",
    "zone": "Europe/Copenhagen",
    "roles": {"mentor": {"hours": 20}, "visitor": {}, "speaker": {}, "teacher": {}, "co-teacher": {}, "anchor": {}},
}


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    found = await front_of(intake)
    await found.adopt("centres", TRUSTING)
    await found.adopt("mentors", MENTORS)
    return found


async def applied(front: Front, programme: str, *roles: str) -> str:
    body = {"programme": programme, "person_id": await front.register(), "roles": list(roles)}
    answer = await front.post("/v1/volunteerings", body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


@pytest.mark.requirement("S2.21")
async def test_guidance_after_a_heavy_meeting_is_kept_in_hours_without_a_word_of_it(front: Front) -> None:
    path = await applied(front, "centres", "volunteer")
    await front.post(f"{path}/guidance", {"session": "talk-1", "hours": 1.5})
    await front.post(f"{path}/guidance", {"session": "talk-2", "hours": 0.5})
    corrected = await front.post(f"{path}/guidance", {"session": "talk-1", "hours": 1})
    assert (corrected.json()["guidance_hours"], corrected.json()["hours"]) == (1.5, 0)
    for bad, field in (
        ({"session": "talk-3", "hours": 1, "notes": "what was said"}, "notes"),
        ({"session": "talk-3", "hours": 25}, "hours"),
        ({"session": "talk-3"}, "hours"),
    ):
        answer = await front.post(f"{path}/guidance", bad)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.requirement("S2.21", "S2.26")
@pytest.mark.parametrize("outcome", ["not-now", "not-suitable"])
async def test_a_talk_that_did_not_go_well_is_a_talk_that_is_missing(front: Front, outcome: str) -> None:
    path = await applied(front, "centres", "peer")
    await front.post(f"{path}/interview", {"outcome": outcome})
    refused = await front.post(f"{path}/approval", {})
    assert (refused.status_code, [gap["code"] for gap in refused.json()["missing"]]) == (409, ["talk"])
    await front.post(f"{path}/interview", {"outcome": "suitable"})
    assert (await front.post(f"{path}/approval", {})).json()["approved_roles"] == ["peer"]


@pytest.mark.requirement("S3.52", "S1.9")
async def test_trust_grows_step_by_step_and_goes_with_what_is_above(front: Front) -> None:
    path = await applied(front, "centres", "volunteer")
    early = await front.post(f"{path}/trust", {"level": "helper"})
    assert (early.status_code, early.json()["rule"]) == (409, "approval_needed")
    await front.post(f"{path}/approval", {})
    given = await front.post(f"{path}/trust", {"level": "keyholder"})
    assert given.json()["trust"] == ["helper", "keyholder"]
    unknown = await front.post(f"{path}/trust", {"level": "boss"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "level")
    back = await front.post(f"{path}/trust/taking-back", {"level": "helper"})
    assert (back.json()["trust"], back.json()["approved_roles"]) == ([], ["volunteer"])
    assert (await front.post(f"{path}/trust", {"level": "helper"}, person="person-1")).status_code == 403


@pytest.mark.requirement("S4.5", "S4.29", "S4.19")
async def test_one_person_has_several_roles_each_with_its_own_requirements(front: Front) -> None:
    path = await applied(front, "mentors", "mentor", "visitor", "speaker")
    await front.post(f"{path}/training", {"session": "course", "hours": 19.5})
    both = await front.post(f"{path}/approval", {"roles": ["mentor", "visitor"]})
    assert (both.status_code, [gap["code"] for gap in both.json()["missing"]]) == (409, ["hours"])
    assert (await front.post(f"{path}/approval", {"roles": ["visitor"]})).json()["approved_roles"] == ["visitor"]
    person_id = path.rpartition("/")[2].rpartition("_")[0]
    teaching = {"programme": "mentors", "person_id": person_id, "roles": ["teacher", "co-teacher", "anchor"]}
    await front.post("/v1/volunteerings", teaching)
    taught = await front.post(f"{path}/approval", {"roles": ["teacher", "co-teacher", "anchor"]})
    assert taught.json()["approved_roles"] == ["anchor", "co-teacher", "teacher", "visitor"]
    await front.post(f"{path}/training", {"session": "last-half-hour", "hours": 0.5})
    all_of_them = await front.post(f"{path}/approval", {})
    assert "mentor" in all_of_them.json()["approved_roles"]


@pytest.mark.requirement("S4.18", "S2.10", "S2.27")
async def test_a_coordinator_sees_who_is_approved_and_what_the_others_miss(front: Front) -> None:
    half_way = await applied(front, "walking-friends", "friend")
    await front.post(f"{half_way}/training", {"session": "weekend", "hours": 12, "modules": ["measure"]})
    last = await front.post(f"{half_way}/confidentiality", {"text_version": "v1"})
    listed = (await front.get("/v1/volunteerings", programme="walking-friends", after=last)).json()["items"]
    assert [(item["hours"], item["progress"]) for item in listed] == [
        (
            12,
            [
                {
                    "role": "friend",
                    "is_approved": False,
                    "met": ["hours", "confidentiality"],
                    "missing": ["modules", "certificate", "talk"],
                }
            ],
        )
    ]
    seen = {"kind": "police", "purpose": "volunteer with survivors", "valid_until": "2199-12-31"}
    await front.post(f"{half_way}/training", {"session": "evening", "hours": 2, "modules": ["role"]})
    await front.post(f"{half_way}/certificate", seen)
    await front.post(f"{half_way}/interview", {"outcome": "suitable"})
    approved = await front.post(f"{half_way}/approval", {})
    query: dict[str, Any] = {"programme": "walking-friends", "is_approved": True}
    [item] = (await front.get("/v1/volunteerings", after=approved, **query, ends_by="2199-12-31")).json()["items"]
    assert (item["ends_by"], item["progress"][0]["missing"]) == ("2199-12-31", [])
    assert (await front.get("/v1/volunteerings", **query, ends_by="2199-12-30")).json()["items"] == []
