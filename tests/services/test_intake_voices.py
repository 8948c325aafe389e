"""What people answer when asked, over HTTP on the real engines."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import PAIRING, Front, Json, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses

DAY = "2020-03-02"
ANSWERS: Json = {
    "programme": "walking-friends",
    "instrument": "loneliness",
    "instrument_version": "three-questions",
    "moment": "start",
    "items": [3, 2, 3],
    "own_words": "planted-words of my own",
    "answered_on": DAY,
}


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    front = await front_of(intake)
    await front.adopt("walking-friends", {**PAIRING, "instruments": ["loneliness", "network"]})
    await front.post("/v1/persons", {"name": "Ida Oppdiktet"}, person="ida")
    return front


async def said(front: Front) -> list[Json]:
    """What Ida sees of her own."""
    shown: list[Json] = (await front.get("/v1/persons/ida/answers", person="ida")).json()
    return shown


@pytest.mark.requirement("S2.5", "S0.4")
async def test_answers_are_given_replaced_within_the_day_shown_to_the_person_alone_and_taken_back(
    front: Front,
) -> None:
    path = "/v1/persons/ida/answers"
    first = await front.post(path, ANSWERS, person="ida")
    assert first.status_code == 201, first.text
    start = {**ANSWERS, "answer_id": first.json()["id"], "least": 1, "most": 3}
    assert await said(front) == [start]
    # Staff type in for her, and do not read it.
    replaced = await front.post(path, ANSWERS | {"items": [1, 2, 1]})
    later = await front.post(path, ANSWERS | {"moment": "later", "own_words": None}, person="ida")
    assert (replaced.json()["id"], later.status_code) == (start["answer_id"], 201)
    assert [(one["moment"], one["items"]) for one in await said(front)] == [("start", [1, 2, 1]), ("later", [3, 2, 3])]
    assert (await front.get(path)).status_code == 403
    back = await front.post(f"{path}/{start['answer_id']}/redaction", person="ida")
    assert back.status_code == 200, back.text
    assert [one["moment"] for one in await said(front)] == ["later"]
    again = await front.post(f"{path}/{start['answer_id']}/redaction", person="ida")
    assert (again.status_code, again.json()["version"]) == (200, back.json()["version"])


@pytest.mark.requirement("S1.6")
async def test_how_far_somebody_has_come_is_told_in_their_own_words_at_the_start_and_later(front: Front) -> None:
    path, words = (
        "/v1/persons/ida/answers",
        {"start": "I stay indoors.", "later": "I hung up two shelves for a neighbour."},
    )
    for moment, own_words in words.items():
        given = await front.post(path, ANSWERS | {"moment": moment, "own_words": own_words}, person="ida")
        assert given.status_code == 201, given.text
    assert {one["moment"]: one["own_words"] for one in await said(front)} == words


@pytest.mark.requirement("S2.5")
async def test_the_answers_stand_nowhere_in_clear_nor_as_something_they_could_be_guessed_from(front: Front) -> None:
    path = "/v1/persons/ida/answers"
    given = await front.post(path, ANSWERS, person="ida")
    database = front.service.application.database
    stored = [str(await database[name].find().to_list()) for name in await database.list_collection_names()]
    sent = [r.body.decode() for r in await front.place.read("intake.events", at_least=given.json()["version"])]
    canonical = json.dumps(ANSWERS, sort_keys=True, separators=(",", ":"))
    guessed = hashlib.sha256(f"POST\n{path}\n{canonical}".encode()).hexdigest()
    for found in ("planted-words", "[3, 2, 3]", "[3,2,3]", guessed):
        assert not any(found in text for text in (*stored, *sent)), found
    await front.service.application.runtime.keyring.shred(front.tenant, "ida")
    assert await said(front) == []


@pytest.mark.requirement("S2.5")
async def test_the_same_sent_twice_under_one_key_is_one_and_another_under_that_key_is_refused(front: Front) -> None:
    key = {"Idempotency-Key": "answers-1"}
    first = await front.post("/v1/persons/ida/answers", ANSWERS, person="ida", headers=key)
    again = await front.post("/v1/persons/ida/answers", ANSWERS, person="ida", headers=key)
    other = await front.post("/v1/persons/ida/answers", ANSWERS | {"items": [1, 1, 1]}, person="ida", headers=key)
    assert (first.json(), other.status_code) == (again.json(), 422)


BAD = [
    ({"items": [3, 2]}, "items", "answers_off_scale"),
    ({"items": [3, 2, 4]}, "items", "answers_off_scale"),
    ({"items": [3, 2, 0]}, "items", "answers_off_scale"),
    ({"items": [3, 2, -1]}, "items.2", "malformed_field"),
    ({"items": [3, 2, 1.5]}, "items.2", "malformed_field"),
    ({"items": [3, 2, "often"]}, "items.2", "malformed_field"),
    ({"items": []}, "items", "malformed_field"),
    ({"instrument": "happiness"}, "instrument", "instrument_not_in_use"),
    ({"instrument": "network"}, "instrument", "instrument_not_in_use"),
    ({"instrument_version": "ten-questions"}, "instrument_version", "instrument_version_unknown"),
    ({"moment": "sometime"}, "moment", "malformed_field"),
    ({"answered_on": "2199-01-01"}, "answered_on", "answered_in_future"),
    ({"programme": "unheard-of"}, "programme", "programme_unknown"),
    ({"programme": "neighbours"}, "instrument", "instrument_not_in_use"),
    ({"diagnosis": "x"}, "diagnosis", "unknown_field"),
]


@pytest.mark.requirement("S2.5")
@pytest.mark.parametrize(("changes", "field", "rule"), BAD)
async def test_what_is_off_is_refused_by_its_field(front: Front, changes: Json, field: str, rule: str) -> None:
    refused = await front.post("/v1/persons/ida/answers", ANSWERS | changes, person="ida")
    assert (refused.status_code, refused.json()["field"], refused.json()["rule"]) == (422, field, rule)
    assert await said(front) == []


@pytest.mark.requirement("S2.5")
async def test_nobody_answers_for_another_and_what_is_another_tenants_or_nobodys_is_absent(
    intake: Running, front: Front
) -> None:
    path, elsewhere = "/v1/persons/ida/answers", await front_of(intake)
    given = (await front.post(path, ANSWERS, person="ida")).json()["id"]
    for step in (path, f"{path}/{given}/redaction"):
        body = ANSWERS if step == path else None
        assert (await front.post(step, body, person="somebody")).status_code == 404
        assert (await elsewhere.post(step, body)).status_code == 404
    assert (await front.get(path, person="somebody")).status_code == 404
    assert (await front.post(f"{path}/nothing/redaction", person="ida")).status_code == 404
    assert (await front.post("/v1/persons/nobody/answers", ANSWERS)).status_code == 404
    assert len(await said(front)) == 1
