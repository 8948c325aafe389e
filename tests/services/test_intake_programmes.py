"""Places and programmes over HTTP, on the real engines."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import PAIRING, TASKS, Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses

CENTRE = {
    "place_id": "6000",
    "kind": "centre",
    "name": "Huset",
    "sector": "civil",
    "country": "DK",
    "zone": "Europe/Copenhagen",
    "postcode": "6000",
    "organisation_number": "12345674",
}


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


@pytest.mark.requirement("S0.1", "S3.1", "S3.81")
async def test_a_centre_is_listed_opened_and_shown(front: Front) -> None:
    assert (await front.post("/v1/places", CENTRE)).status_code == 201
    opened = await front.post("/v1/places/6000/opening", {"opens_on": "2200-04-03"})
    shown = await front.get("/v1/places/6000", after=opened)
    assert (shown.json()["opens_on"], shown.json()["postcode"], shown.headers["ETag"]) == ("2200-04-03", "6000", '"2"')


@pytest.mark.requirement("S1.26")
@pytest.mark.parametrize(
    ("country", "zone", "number", "is_right"),
    [
        ("DK", "Europe/Copenhagen", "12345674", True),
        ("DK", "Europe/Copenhagen", "999888771", False),  # a Norwegian one
        ("NO", "Europe/Oslo", "999888771", True),
        ("NO", "Europe/Oslo", "999888778", False),
        ("NO", "Europe/Oslo", "12345674", False),
    ],
)
async def test_each_country_has_its_own_check_digits(
    front: Front, country: str, zone: str, number: str, is_right: bool
) -> None:
    place = CENTRE | {"country": country, "zone": zone, "organisation_number": number}
    assert (await front.post("/v1/places", place)).status_code == (201 if is_right else 422)


@pytest.mark.requirement("S1.26")
async def test_a_wrong_organisation_number_is_refused_and_leaves_no_trace(front: Front) -> None:
    answer = await front.post("/v1/places", CENTRE | {"organisation_number": "12345675"})
    assert (answer.status_code, answer.json()["rule"], answer.json()["field"]) == (
        422,
        "organisation_number_invalid",
        "organisation_number",
    )
    assert (await front.get("/v1/places/6000")).status_code == 404


@pytest.mark.requirement("S3.6", "S3.8")
async def test_each_audience_calls_a_place_by_its_own_name_and_earlier_names_are_kept(front: Front) -> None:
    await front.post("/v1/places", CENTRE)
    await front.post("/v1/places/6000/names", {"audience": "regulars", "name": "Værestedet"})
    await front.post("/v1/places/6000/names", {"audience": "young", "name": "Klubben"})
    named = await front.post(
        "/v1/places/6000/names", {"audience": "young", "name": "Mødestedet", "collective": "mødesteder"}
    )
    shown = (await front.get("/v1/places/6000", after=named)).json()
    assert (shown["names"], shown["earlier_names"]) == (
        {
            "regulars": {"name": "Værestedet", "collective": None},
            "young": {"name": "Mødestedet", "collective": "mødesteder"},
        },
        ["Klubben"],
    )


async def test_places_come_in_pages(front: Front) -> None:
    for postcode in ("6000", "6070", "6580"):
        last = await front.post("/v1/places", CENTRE | {"place_id": postcode, "postcode": postcode})
    first = (await front.get("/v1/places", limit=2, after=last)).json()
    second = (await front.get("/v1/places", limit=2, cursor=first["next"])).json()
    assert [place["place_id"] for place in (*first["items"], *second["items"])] == ["6000", "6070", "6580"]
    assert second["next"] is None


@pytest.mark.requirement("S0.30")
async def test_a_policy_is_adopted_in_versions_and_the_same_again_is_none(front: Front) -> None:
    path = "/v1/programmes/walking-friends/policy"
    assert (await front.post(path, {"policy": PAIRING})).json()["version"] == 1
    changed = await front.post(path, {"policy": PAIRING | {"capacity": 2}, "adopted_by": "The steering group"})
    shown = (await front.get("/v1/programmes/walking-friends", after=changed)).json()
    assert (shown["policy_version"], shown["adopted_by"], shown["policy"]["capacity"]) == (2, "The steering group", 2)


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"diagnosis": "any"}, "policy.diagnosis", "unknown_field"),
        ({"zone": "Nowhere/Land"}, "policy.zone", "malformed_field"),
        ({"max_length": "one year"}, "policy.max_length", "malformed_field"),
        ({"min_age": "14"}, "policy.min_age", "malformed_field"),
        ({"status": "paused"}, "policy.status", "status_is_a_step"),
    ],
)
async def test_a_policy_with_a_wrong_field_is_refused(
    front: Front, change: dict[str, Any], field: str, rule: str
) -> None:
    answer = await front.post("/v1/programmes/walking-friends/policy", {"policy": PAIRING | change})
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


@pytest.mark.requirement("S0.25", "S2.2")
async def test_a_pilot_becomes_permanent_and_keeps_its_ids(front: Front) -> None:
    permanent = await front.post("/v1/programmes/walking-friends/permanence", {"permanent_on": "2019-01-01"})
    shown = (await front.get("/v1/programmes/walking-friends", after=permanent)).json()
    assert (shown["programme"], shown["status"], shown["policy_version"]) == ("walking-friends", "permanent", 1)
    again = await front.post("/v1/programmes/walking-friends/policy", {"policy": PAIRING | {"capacity": 2}})
    assert (again.status_code, again.json()["rule"]) == (409, "programme_is_permanent")


@pytest.mark.requirement("S1.5")
async def test_an_expired_mandate_blocks_new_requests_until_it_is_renewed(front: Front) -> None:
    ended = {"from": "2012-12-01", "to": "2022-12-31"}
    await front.adopt("neighbours", TASKS | {"mandate": ended})
    wish = {
        "programme": "neighbours",
        "person_id": await front.register(),
        "what": "Put up two shelves.",
        "category": "garden",
        "expected_duration": "PT2H",
    }
    refused = await front.post("/v1/requests", wish)
    assert (refused.status_code, refused.json()["rule"]) == (409, "mandate_expired")
    assert "civil-society" in [option["code"] for option in refused.json()["options"]]
    renewal = {"mandate": ended | {"to": "2200-12-31"}, "renewed_by": "Social Udvalget"}
    assert (await front.post("/v1/programmes/neighbours/mandate", renewal)).status_code == 200
    assert (await front.post("/v1/requests", wish)).json()["status"] == "posted"


@pytest.mark.requirement("S1.18")
async def test_staff_add_a_category_and_somebody_asks_for_it(front: Front) -> None:
    path = "/v1/programmes/neighbours"
    wish = {
        "programme": "neighbours",
        "person_id": await front.register(),
        "what": "Read a letter aloud.",
        "category": "letters",
        "expected_duration": "PT1H",
    }
    assert (await front.post("/v1/requests", wish)).json()["rule"] == "category_unknown"
    added = await front.post(f"{path}/categories", {"code": "letters"})
    again = await front.post(f"{path}/categories", {"code": "letters"})
    assert (added.json()["version"], again.json()["version"]) == (2, 2)
    shown = (await front.get(path, after=added)).json()["policy"]["categories"]
    assert [one["code"] for one in shown] == ["garden", "shopping", "visiting", "letters"]
    assert (await front.post("/v1/requests", wish)).json()["status"] == "posted"
    other = await front.post(f"{path}/categories", {"code": "letters", "safeguards": ["home"]})
    assert (other.status_code, other.json()["rule"]) == (409, "category_differs")


@pytest.mark.requirement("S1.18")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"),
        ({"code": "!"}, "code"),
        ({"code": "letters", "by": "luck"}, "by"),
        ({"code": "letters", "safeguards": ["dog"]}, "safeguards.0"),
        ({"code": "letters", "diagnosis": "any"}, "diagnosis"),
    ],
)
async def test_a_category_with_a_wrong_field_is_refused(front: Front, body: dict[str, Any], field: str) -> None:
    answer = await front.post("/v1/programmes/neighbours/categories", body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_only_who_manages_programmes_adds_a_category_and_only_to_one_that_is_there(front: Front) -> None:
    somebody = await front.register()
    path = "/v1/programmes/neighbours/categories"
    assert (await front.post(path, {"code": "letters"}, person=somebody)).status_code == 403
    assert (await front.post("/v1/programmes/nowhere/categories", {"code": "letters"})).status_code == 404


@pytest.mark.requirement("S2.29")
async def test_a_pause_is_said_once_and_ends_with_a_resume(front: Front) -> None:
    path = "/v1/programmes/walking-friends"
    first, again = await front.post(f"{path}/pause"), await front.post(f"{path}/pause")
    assert (first.json()["version"], again.json()["version"]) == (2, 2)
    assert (await front.get(path, after=first)).json()["is_paused"]
    resumed = await front.post(f"{path}/resumption")
    assert not (await front.get(path, after=resumed)).json()["is_paused"]


async def test_a_programme_of_another_tenant_is_absent(intake: Running, front: Front) -> None:
    other = await front_of(intake)
    await front.adopt("ours-alone", TASKS)
    assert (await other.post("/v1/programmes/ours-alone/pause")).status_code == 404
    assert (await other.get("/v1/programmes/ours-alone")).status_code == 404
    listed = (await other.get("/v1/programmes")).json()["items"]
    assert "ours-alone" not in [programme["programme"] for programme in listed]


async def test_a_command_on_an_old_version_is_refused(front: Front) -> None:
    headers = {"If-Match": '"1"'}
    assert (await front.post("/v1/programmes/neighbours/pause", headers=headers)).status_code == 200
    stale = await front.post("/v1/programmes/neighbours/resumption", headers=headers)
    assert (stale.status_code, stale.json()["rule"]) == (412, "stale_version")
