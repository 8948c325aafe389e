"""How people are kept safe and left in peace, over HTTP on the real engines."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


@pytest.mark.requirement("S2.9")
async def test_safe_contact_is_agreed_by_the_person_or_by_staff_for_them(front: Front) -> None:
    await front.post("/v1/persons", {"name": "Ida"}, person="person-1")
    night = {"channel": "sms", "disguised": True, "quiet_from": "22:00:00", "quiet_until": "07:00:00"}
    agreed = await front.post("/v1/persons/person-1/safe-contact", night, person="person-1")
    assert agreed.status_code == 200, agreed.text
    shown = await front.get("/v1/persons/person-1", person="person-1", after=agreed)
    assert shown.json()["safe_contact"] == night
    replaced = await front.post("/v1/persons/person-1/safe-contact", {"channel": "nobody"})
    shown = await front.get("/v1/persons/person-1", after=replaced)
    assert shown.json()["safe_contact"] == {
        "channel": "nobody",
        "disguised": False,
        "quiet_from": None,
        "quiet_until": None,
    }


@pytest.mark.requirement("S2.9")
async def test_the_area_of_a_protected_address_is_shown_to_nobody_and_goes_nowhere(front: Front) -> None:
    path = f"/v1/persons/{await front.register(profile={'area': 'planted-before', 'gives': ['baking']})}"
    protected = await front.post(f"{path}/address-protection")
    again = await front.post(f"{path}/profile", {"area": "planted-after"})
    shown = (await front.get(path, after=again)).json()
    assert (shown["address_protected"], shown["profile"]["area"], shown["profile"]["gives"]) == (True, None, [])
    ended = await front.post(f"{path}/address-protection/end")
    assert (await front.get(path, after=ended)).json()["profile"]["area"] is None
    stated = await front.post(f"{path}/profile", {"area": "east"})
    assert (await front.get(path, after=stated)).json()["profile"]["area"] == "east"
    sent = [
        record.body.decode() for record in await front.place.read("intake.events", at_least=protected.json()["version"])
    ]
    assert not any("planted-after" in body for body in sent)


@pytest.mark.requirement("S2.9")
async def test_who_comes_with_a_protected_address_leaves_no_area_at_all(front: Front) -> None:
    path = f"/v1/persons/{await front.register(address_protected=True, profile={'area': 'planted-area'})}"
    moded = await front.post(f"{path}/mode", {"mode": "udvikling"})
    assert (await front.get(path, after=moded)).json()["profile"]["area"] is None
    database = front.service.application.database
    stored = [str(await database[name].find().to_list()) for name in await database.list_collection_names()]
    assert not any("planted-area" in text for text in stored)


@pytest.mark.requirement("S2.9")
async def test_nor_does_the_area_somebody_wishes_tell_where_they_live(front: Front) -> None:
    person_id = await front.register(address_protected=True)
    request = {
        "person_id": person_id,
        "programme": "walking-friends",
        "what": "Somebody to walk with.",
        "gates": {"acute_over": True},
        "wishes": {"area": "planted-wish", "interests": ["walking"]},
    }
    posted = await front.post("/v1/requests", request)
    path = posted.headers["Location"]
    wishes = (await front.get(path, after=posted)).json()["wishes"]
    assert (posted.status_code, wishes["area"], wishes["interests"]) == (201, None, ["walking"])
    amended = await front.post(f"{path}/amendment", {"wishes": {"area": "planted-wish", "interests": ["birds"]}})
    wishes = (await front.get(path, after=amended)).json()["wishes"]
    assert (amended.status_code, wishes["area"], wishes["interests"]) == (200, None, ["birds"])


@pytest.mark.requirement("S3.30")
async def test_a_person_goes_back_to_being_left_in_peace(front: Front) -> None:
    path = f"/v1/persons/{await front.register()}"
    modes = []
    for mode in ("fristed", "udvikling", "fristed"):
        chosen = await front.post(f"{path}/mode", {"mode": mode})
        modes.append((await front.get(path, after=chosen)).json()["mode"])
    assert modes == ["fristed", "udvikling", "fristed"]


@pytest.mark.requirement("S2.13", "S4.4", "S4.16")
async def test_lived_experience_is_sealed_and_shown_to_the_person_alone(front: Front) -> None:
    await front.post("/v1/persons", {"name": "Ida"}, person="person-2")
    path, said = "/v1/persons/person-2", {"purposes": ["figures", "matching"], "words": "planted-words of my own"}
    told = await front.post(f"{path}/lived-experience", said, person="person-2")
    own = await front.get(path, person="person-2", after=told)
    assert own.json()["lived_experience"] == said
    assert (await front.get(path, after=told)).json()["lived_experience"] is None
    listed = (await front.get("/v1/persons", after=told)).json()["items"]
    assert [item["lived_experience"] for item in listed if item["person_id"] == "person-2"] == [None]
    database = front.service.application.database
    stored = [str(await database[name].find().to_list()) for name in await database.list_collection_names()]
    sent = [record.body.decode() for record in await front.place.read("intake.events")]
    assert not any("planted-words" in text or '"figures"' in text for text in (*stored, *sent))
    back = await front.post(f"{path}/lived-experience/withdrawal", person="person-2")
    assert (await front.get(path, person="person-2", after=back)).json()["lived_experience"] is None


BAD = [
    ("safe-contact", {"channel": "pigeon"}, "channel", "malformed_field"),
    ("safe-contact", {"channel": "sms", "quiet_from": "22:00:00"}, "quiet_until", "quiet_hours_incomplete"),
    ("safe-contact", {"channel": "sms", "quiet_from": "22:00:00+01:00"}, "quiet_from", "malformed_field"),
    ("safe-contact", {"channel": "sms", "quiet_from": "evening"}, "quiet_from", "malformed_field"),
    ("safe-contact", {}, "channel", "missing_field"),
    ("mode", {"mode": "busy"}, "mode", "malformed_field"),
    ("mode", {"mode": "fristed", "reason": "tired"}, "reason", "unknown_field"),
    ("lived-experience", {"purposes": []}, "purposes", "malformed_field"),
    ("lived-experience", {"purposes": ["ranking"]}, "purposes.0", "malformed_field"),
    ("lived-experience", {"purposes": ["matching"], "diagnosis": "x"}, "diagnosis", "unknown_field"),
]


@pytest.mark.parametrize(("step", "body", "field", "rule"), BAD)
async def test_what_is_malformed_is_refused_by_its_field(
    front: Front, step: str, body: dict[str, Any], field: str, rule: str
) -> None:
    answer = await front.post(f"/v1/persons/{await front.register()}/{step}", body)
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


STEPS: list[tuple[str, dict[str, Any] | None]] = [
    ("safe-contact", {"channel": "nobody"}),
    ("address-protection", None),
    ("address-protection/end", None),
    ("mode", {"mode": "fristed"}),
    ("lived-experience", {"purposes": ["matching"]}),
    ("lived-experience/withdrawal", None),
]


@pytest.mark.parametrize(("step", "body"), STEPS)
async def test_nobody_says_so_for_another_and_another_tenants_person_is_absent(
    intake: Running, front: Front, step: str, body: dict[str, Any] | None
) -> None:
    path = f"/v1/persons/{await front.register()}/{step}"
    assert (await front.post(path, body, person="person-9")).status_code == 404
    assert (await (await front_of(intake)).post(path, body)).status_code == 404


async def test_people_are_found_by_the_beginning_of_each_word_of_their_name(front: Front) -> None:
    first = await front.register(name="Åse-Marie Oppdiktet")
    second = await front.register(name="Marius Eksempel")
    await front.shown(f"/v1/persons/{second}", name="Marius Eksempel")

    async def found(name: str) -> list[str]:
        return [one["person_id"] for one in (await front.get("/v1/persons", name=name)).json()["items"]]

    assert await found("mari") == [second, first]
    assert await found("opp MARIE") == [first]
    assert await found("arius") == []
    assert await found("  ") == []


@pytest.mark.requirement("S0.3", "S3.31")
@pytest.mark.parametrize("field", ["lived_experience", "phone", "municipality", "address_protected"])
async def test_nobody_is_searched_by_anything_but_a_name(front: Front, field: str) -> None:
    answer = await front.get(f"/v1/persons?{field}=x")

    assert (answer.status_code, answer.json()["field"]) == (422, f"query.{field}")
