"""Who read or changed what about whom, over HTTP on the real engines: in intake, which holds the most."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from chassis.audit.checkpoints import Checkpoints
from chassis.audit.mongo import AUDIT
from chassis.audit.signing import FileSigner
from chassis.audit.verify import Verdict, verify
from tests.services.intake_front import Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses
from tests.support.wait import eventually

Json = dict[str, Any]


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


async def entries(front: Front, *, subject: str | None = None) -> list[Json]:
    """Of what was asked for; what the relay seals stands in the same chain."""
    asked: Json = {"tenant": front.tenant, "commits": None} | ({"subjects": subject} if subject else {})
    found: list[Json] = await front.service.application.database[AUDIT].find(asked).sort("_id", 1).to_list()
    return found


def said(entry: Json, *fields: str) -> tuple[Any, ...]:
    return tuple(entry[field] for field in fields)


async def test_a_look_is_remembered_before_its_answer_leaves(front: Front) -> None:
    person_id = await front.register()
    await front.shown(f"/v1/persons/{person_id}", channel="phone")

    newest = (await entries(front, subject=person_id))[-1]

    fields = ("actor", "role", "action", "did", "outcome")
    assert said(newest, *fields) == ("staff-1", "coordinator", "persons-show_person", "read", "done")


CALLERS_ID = "0f8b1a52-6a8e-4c11-9d5e-2f4f0a6c7b90"


async def test_a_change_is_remembered_with_whom_it_is_about_and_its_correlation_id(front: Front) -> None:
    person_id = await front.register()
    answer = await front.post(
        f"/v1/persons/{person_id}/mode", {"mode": "fristed"}, headers={"X-Correlation-Id": CALLERS_ID}
    )
    assert answer.status_code == 200

    newest = (await entries(front, subject=person_id))[-1]

    fields = ("action", "did", "outcome", "correlation_id")
    assert said(newest, *fields) == ("persons-choose_mode", "changed", "done", CALLERS_ID)


async def test_a_list_is_a_look_at_everybody_on_it(front: Front) -> None:
    both = {await front.register(), await front.register()}

    async def listed() -> bool:
        return {one["person_id"] for one in (await front.get("/v1/persons")).json()["items"]} == both

    await eventually(listed)

    newest = (await entries(front))[-1]
    assert (newest["action"], set(newest["subjects"])) == ("persons-list_persons", both)


async def test_who_tried_and_was_refused_is_remembered_too(front: Front) -> None:
    person_id = await front.register()
    answer = await front.get(f"/v1/persons/{person_id}", person="somebody-else")
    assert answer.status_code == 404

    newest = (await entries(front, subject=person_id))[-1]

    assert said(newest, "actor", "role", "outcome") == ("somebody-else", "participant", "not_found")


async def test_what_was_malformed_and_what_is_about_nobody_leave_nothing(front: Front) -> None:
    before = len(await entries(front))

    assert (await front.post("/v1/persons", {"channel": "phone", "shoe_size": 44})).status_code == 422
    assert (await front.get("/v1/places")).status_code == 200

    assert len(await entries(front)) == before


@pytest.mark.requirement("S2.3")
async def test_no_name_nor_anything_a_person_told_stands_in_the_trail(front: Front) -> None:
    person_id = await front.register(
        name="Solveig Oppdiktet", contact={"language": "nb", "email": "solveig@example.org"}
    )
    await front.shown(f"/v1/persons/{person_id}", email="solveig@example.org")

    assert re.findall("(?i)solveig|oppdiktet|example.org", str(await entries(front))) == []


async def test_a_person_sees_who_looked_by_role_and_nobody_else_does(front: Front) -> None:
    await front.post("/v1/persons", {"name": "Ida Oppdiktet"}, person="person-ida")

    await front.shown("/v1/persons/person-ida", person_id="person-ida")
    own = await front.get("/v1/persons/person-ida/looked-at", person="person-ida")
    assert own.status_code == 200, own.text
    newest = own.json()["items"][0]
    assert {**newest, "at": None} == {"at": None, "by": "A coordinator", "by_yourself": False, "did": "read"}
    assert own.json()["items"][-1]["by"] == "You yourself"
    assert "staff-1" not in own.text

    assert (await front.get("/v1/persons/person-ida/looked-at", person="person-kari")).status_code == 404
    assert (await front.get("/v1/persons/person-ida/looked-at")).status_code == 403  # not for staff either


async def test_the_looks_come_in_pages_newest_first(front: Front) -> None:
    await front.post("/v1/persons", {"name": "Ida Oppdiktet"}, person="person-ida")
    for mode in ("fristed", "udvikling", "fristed", "udvikling"):
        await front.post("/v1/persons/person-ida/mode", {"mode": mode}, person="person-ida")

    first = (await front.get("/v1/persons/person-ida/looked-at", person="person-ida", limit=2)).json()
    path = "/v1/persons/person-ida/looked-at"
    second = (await front.get(path, person="person-ida", limit=3, cursor=first["next"])).json()

    times = [look["at"] for look in [*first["items"], *second["items"]]]
    assert len(times) == 5
    assert times == sorted(times, reverse=True)


async def test_the_chain_of_a_tenant_is_whole_and_its_head_signed_outside_the_database(front: Front) -> None:
    await front.register()
    place = front.place
    kept = Checkpoints(place.settings().checkpoints_dir, FileSigner(place.settings().kms_dir))

    async def sealed() -> Verdict | None:
        found = await verify(front.service.application.database, "intake", front.tenant, kept)
        return found if found.fault or found.commits else None

    verdict = await eventually(sealed)

    assert verdict is not None
    assert (verdict.fault, verdict.count > len(await entries(front))) == (None, True)


async def test_a_person_takes_everything_along_and_nobody_else_does(front: Front) -> None:
    await front.post(
        "/v1/persons",
        {
            "name": "Ida Oppdiktet",
            "birth_date": "1988-05-17",
            "contact": {"language": "nb", "email": "ida@example.org"},
        },
        person="person-ida",
    )
    told = {"purposes": ["matching"], "words": "What only I know."}
    await front.post("/v1/persons/person-ida/lived-experience", told, person="person-ida")
    path = "/v1/persons/person-ida/everything"

    async def there() -> Json:
        answer = await front.get(path, person="person-ida")
        assert answer.status_code == 200
        body: Json = answer.json()
        assert body["person"]["lived_experience"] is not None
        return body

    held = await eventually(there)

    assert held.keys() == {"person", "blocks", "requests", "volunteerings", "answers", "written_at"}
    assert (held["person"]["name"], held["person"]["email"]) == ("Ida Oppdiktet", "ida@example.org")
    assert held["person"]["lived_experience"]["words"] == "What only I know."
    assert (await front.get(path, person="person-kari")).status_code == 404
    assert (await front.get(path)).status_code == 403


async def test_what_a_person_asked_for_is_among_everything_in_clear(front: Front) -> None:
    born = {"name": "Ida Oppdiktet", "birth_date": "1988-05-17", "municipality": "Fjordby"}
    await front.post("/v1/persons", born, person="person-ida")
    asked = {
        "programme": "neighbours",
        "category": "garden",
        "what": "Cut the hedge.",
        "expected_duration": "PT2H",
        "person_id": "person-ida",
        "latest_date": "2199-05-01",
    }
    posted = await front.post("/v1/requests", asked, person="person-ida")
    assert posted.status_code == 201, posted.text

    async def there() -> str:
        held = (await front.get("/v1/persons/person-ida/everything", person="person-ida")).json()
        return str(held["requests"][0]["what"])

    assert await eventually(there) == "Cut the hedge."


@pytest.mark.requirement("S2.3")
async def test_the_trail_of_an_erased_person_stays_whole_and_leads_to_nobody(front: Front) -> None:
    person_id = await front.register(name="Solveig Oppdiktet")
    await front.shown(f"/v1/persons/{person_id}", channel="phone")
    before = await entries(front, subject=person_id)

    runtime = front.service.application.runtime
    await runtime.keyring.shred(front.tenant, person_id)

    kept = Checkpoints(runtime.settings.checkpoints_dir, FileSigner(runtime.settings.kms_dir))
    verdict = await verify(front.service.application.database, "intake", front.tenant, kept)
    assert (verdict.fault, await entries(front, subject=person_id)) == (None, before)
    assert "Solveig" not in str(before)


async def test_who_is_not_found_by_a_search_was_not_looked_at(front: Front) -> None:
    found, other = await front.register(name="Solveig Oppdiktet"), await front.register(name="Kari Oppdiktet")
    await front.shown(f"/v1/persons/{other}", name="Kari Oppdiktet")
    before = len(await entries(front, subject=other))

    shown = await front.get("/v1/persons", name="solveig")

    assert [one["person_id"] for one in shown.json()["items"]] == [found]
    assert said((await entries(front, subject=found))[-1], "action", "did") == ("persons-list_persons", "read")
    assert len(await entries(front, subject=other)) == before
