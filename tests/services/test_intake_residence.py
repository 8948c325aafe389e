"""Who lives where the programme is for, who moves away and comes back, on the real engines with a clock that moves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import Front, front_of, referral, running_intake
from tests.support.stack import Addresses
from tests.support.wait import eventually

HOME, AWAY = {"municipality": "Fjordby"}, {"municipality": "Elsewhere"}
PAIR = {"programme": "walking-friends", "what": "Walk.", "gates": {"acute_over": True}}
WISH = {"programme": "neighbours", "what": "Weed a bed.", "category": "garden", "expected_duration": "PT2H"}


@pytest.fixture
async def front(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path: Path
) -> AsyncIterator[Front]:
    """A service of the test's own: its clock moves."""
    async with running_intake(engines, mongo_client, tmp_path) as service:
        yield await front_of(service, refers=True)


async def asks(front: Front, person_id: str, **said: Any) -> str | None:
    """The rule that says no, if one does."""
    answer = await front.post("/v1/requests", WISH | {"person_id": person_id} | said)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["rule"]) if answer.json()["status"] == "declined" else None


async def helps(front: Front, person_id: str, **said: Any) -> Any:
    """The approved roles of who wants to help, or the rule that says no."""
    body = {"programme": "neighbours", "roles": ["member"], "person_id": person_id} | said
    answer = await front.post("/v1/volunteerings", body)
    return answer.json()["approved_roles"] if answer.status_code == 201 else answer.json()["rule"]


async def until(front: Front, person_id: str, *roles: str, ends: str | None) -> None:
    async def shows() -> bool:
        [item] = (await front.get("/v1/volunteerings", programme="neighbours")).json()["items"]
        assert (item["person_id"], item["approved_roles"], item["valid_until"]) == (person_id, [*roles], ends)
        return True

    await eventually(shows)


@pytest.mark.requirement("S1.24", "S1.11")
async def test_who_moves_away_asks_and_helps_for_the_days_of_grace_and_no_longer(front: Front) -> None:
    noon, ahead = noon_of_tomorrow(front)
    today = noon.date()
    person_id = await front.register()
    path = f"/v1/persons/{person_id}"
    long_ago = await front.post(f"{path}/residence", {**HOME, "since": f"{today - timedelta(days=400)}"})
    assert long_ago.status_code == 200, long_ago.text
    assert await helps(front, person_id) == ["member"]
    moved = await front.post(f"{path}/residence", AWAY)
    shown = (await front.get(path, after=moved)).json()
    assert (shown["municipality"], shown["lives_there_since"]) == ("Elsewhere", f"{today}")
    last_day = f"{today + timedelta(days=30)}"
    await until(front, person_id, "member", ends=last_day)
    await eventually(lambda: timer_is_set(front, person_id, last_day))
    assert await asks(front, person_id) is None
    front.place.move_clock(ahead + timedelta(days=30))
    assert await asks(front, person_id) is None
    front.place.move_clock(ahead + timedelta(days=31))
    assert await asks(front, person_id) == "residents_only"
    assert await asks(front, person_id, municipality="Fjordby") == "residents_only"
    await until(front, person_id, ends=last_day)
    back = {**HOME, "since": f"{today + timedelta(days=20)}"}
    assert (await front.post(f"{path}/residence", back)).status_code == 200
    assert await asks(front, person_id) is None
    await until(front, person_id, "member", ends=None)


@pytest.mark.requirement("S1.24")
async def test_who_lives_elsewhere_neither_asks_nor_helps(front: Front) -> None:
    elsewhere, unknown = await front.register(**AWAY), await front.register()
    assert (await asks(front, elsewhere), await helps(front, elsewhere)) == ("residents_only", "residents_only")
    assert await asks(front, unknown, **AWAY) == "residents_only"
    assert await helps(front, unknown, **AWAY) == "residents_only"
    assert (await asks(front, unknown), await helps(front, unknown)) == (None, ["member"])
    refused = await front.post(
        "/v1/volunteerings", {"programme": "neighbours", "roles": ["member"], "person_id": elsewhere}
    )
    assert refused.status_code == 409
    assert [option["code"] for option in refused.json()["options"]] == ["own-municipality", "civil-society"]


@pytest.mark.requirement("S1.24")
async def test_where_somebody_is_referred_from_is_kept_and_counts(front: Front) -> None:
    task = {"programme": "neighbours", "category": "garden", "expected_duration": "PT2H", "gates": {}}
    first = await front.post("/v1/referrals", referral("31", **task, person_municipality="Fjordby"))
    assert first.json()["status"] == "posted", first.text
    request = await front.shown(f"/v1/requests/{first.json()['request_id']}", status="posted")
    path = f"/v1/persons/{request['person_id']}"
    await front.shown(path, municipality="Fjordby")
    declined = await front.post("/v1/referrals", referral("32", **task, person_municipality="Elsewhere"))
    assert declined.json()["rule"] == "residents_only"


@pytest.mark.requirement("S1.24", "S2.9")
async def test_where_somebody_lives_is_sealed_and_shown_to_nobody_while_their_address_is_protected(
    front: Front,
) -> None:
    person_id = await front.register(municipality="Secretville")
    path = f"/v1/persons/{person_id}"
    await front.shown(path, municipality="Secretville")
    protected = await front.post(f"{path}/address-protection")
    assert (await front.get(path, after=protected)).json()["municipality"] is None
    kept = [record.body for record in await front.place.read("intake.events", at_least=5)]
    assert all(b"Secretville" not in body for body in kept)
    database = front.service.application.database
    for name in await database.list_collection_names():
        assert "Secretville" not in str(await database[name].find({}).to_list())


@pytest.mark.requirement("S1.24")
@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({}, "municipality", "missing_field"),
        ({"municipality": ""}, "municipality", "malformed_field"),
        ({**HOME, "since": "soon"}, "since", "malformed_field"),
        ({**HOME, "since": "2200-01-01"}, "since", "lives_there_in_future"),
        ({**HOME, "origin": "any"}, "origin", "unknown_field"),
    ],
)
async def test_a_residence_with_a_wrong_field_is_refused(
    front: Front, body: dict[str, Any], field: str, rule: str
) -> None:
    person_id = await front.register()
    answer = await front.post(f"/v1/persons/{person_id}/residence", body)
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


async def test_only_the_person_and_staff_say_where_they_live(front: Front) -> None:
    somebody, other = await front.register(), await front.register()
    path = f"/v1/persons/{somebody}/residence"
    assert (await front.post(path, HOME, person=other)).status_code == 404
    assert (await front.post(path, HOME, person=somebody)).status_code == 200
    assert (await front.post("/v1/persons/nobody/residence", HOME)).status_code == 404


@pytest.mark.requirement("S1.24", "S3.40", "S2.4")
async def test_an_open_request_ends_with_the_days_of_grace_and_whoever_referred_is_told(front: Front) -> None:
    noon, ahead = noon_of_tomorrow(front)
    task = {"programme": "neighbours", "category": "garden", "expected_duration": "PT2H", "gates": {}}
    sent = (await front.post("/v1/referrals", referral("41", **task, person_municipality="Fjordby"))).json()
    path = f"/v1/requests/{sent['request_id']}"
    person_id = (await front.shown(path, status="posted"))["person_id"]
    await front.shown(f"/v1/persons/{person_id}", municipality="Fjordby")
    waits = (await front.post("/v1/requests", {**WISH, "person_id": person_id})).json()["request_id"]
    assert (await front.post(f"/v1/requests/{waits}/parking", {})).status_code == 200
    elsewhere = (await front.post("/v1/requests", {**PAIR, "person_id": person_id})).json()["request_id"]
    moved = await front.post(f"/v1/persons/{person_id}/residence", AWAY)
    assert moved.status_code == 200, moved.text
    await asked_on(front, f"person:{person_id}", noon + timedelta(days=31))
    assert (await front.get(path, after=moved)).json()["status"] == "posted"
    front.place.move_clock(ahead + timedelta(days=31))
    ended = await front.shown(path, status="withdrawn", rule="residents_only")
    assert ended["reason"] == "This programme is for people who live in the municipality."
    assert [option["code"] for option in ended["options"]] == ["own-municipality", "civil-society"]
    assert ended["in_plain_words"] == "This programme is not the way for this wish. Here is what stays open."
    assert (ended["story"][0]["what"], ended["story"][-1]["what"]) == ("posted", "ended")
    await front.shown(f"/v1/requests/{waits}", status="withdrawn", rule="residents_only")
    told = (await front.statuses("41", at_least=2))[-1]
    assert (told["status"], told["final"], told["rule"]) == ("withdrawn", True, "residents_only")
    assert told["reason"] == "Dette tiltaket er for dem som bor i kommunen."
    assert told["options"][0]["text"] == "Tilbudene i kommunen der du bor"
    assert (await front.get(f"/v1/requests/{elsewhere}")).json()[
        "status"
    ] == "posted"  # it does not ask where they live
    assert (await front.post(f"{path}/withdrawal")).json()["rule"] == "residents_only"


@pytest.mark.requirement("S1.24")
async def test_who_moves_back_within_the_days_of_grace_keeps_what_they_asked_for(front: Front) -> None:
    noon, ahead = noon_of_tomorrow(front)
    requests = {}
    for back in (True, False):
        person_id = await front.register()  # nobody said where they live: the days count all the same
        posted = await front.post("/v1/requests", {**WISH, "person_id": person_id})
        requests[back] = posted.json()["request_id"]
        assert (await front.post(f"/v1/persons/{person_id}/residence", AWAY)).status_code == 200
        await asked_on(front, f"person:{person_id}", noon + timedelta(days=31))
        if back:
            returned = {**HOME, "since": f"{noon.date()}"}
            assert (await front.post(f"/v1/persons/{person_id}/residence", returned)).status_code == 200
    front.place.move_clock(ahead + timedelta(days=31))
    await front.shown(f"/v1/requests/{requests[False]}", status="withdrawn")
    kept = (await front.get(f"/v1/requests/{requests[True]}")).json()
    assert (kept["status"], kept["rule"]) == ("posted", None)


@pytest.mark.requirement("S1.24")
async def test_what_is_asked_after_the_move_ends_with_the_same_days(front: Front) -> None:
    noon, ahead = noon_of_tomorrow(front)
    person_id = await front.register()
    for where in ({**HOME, "since": f"{noon.date() - timedelta(days=400)}"}, AWAY):
        assert (await front.post(f"/v1/persons/{person_id}/residence", where)).status_code == 200
    asked = (await front.post("/v1/requests", {**WISH, "person_id": person_id})).json()["request_id"]
    await asked_on(front, asked, noon + timedelta(days=31))
    front.place.move_clock(ahead + timedelta(days=31))
    await front.shown(f"/v1/requests/{asked}", status="withdrawn", rule="residents_only")


def noon_of_tomorrow(front: Front) -> tuple[datetime, timedelta]:
    """The clock is moved there, so far ahead: the same day in every zone, however long this takes."""
    now = datetime.now(UTC)
    noon = now.replace(hour=12, minute=0) + timedelta(days=1)
    front.place.move_clock(noon - now)
    return noon, noon - now


async def asked_on(front: Front, key: str, day: datetime) -> None:
    """Once the plan waits for the day: from here on only the clock matters."""

    async def is_set() -> bool:
        database = front.service.application.database
        timers = [name for name in await database.list_collection_names() if name.startswith("timers-residence-ends")]
        found = [await database[name].find_one({"_id": f"{front.tenant}/{key}"}) for name in timers]
        due = [document["due_at"] for document in found if document is not None]
        return any(day - timedelta(days=1) < at < day for at in due)

    await eventually(is_set)


async def timer_is_set(front: Front, person_id: str, last_day: str) -> bool:
    """The plan has heard of the last day: from here on only the clock matters."""
    database = front.service.application.database
    timers = [name for name in await database.list_collection_names() if name.startswith("timers-lapse-when-due")]
    key = f"{front.tenant}/{person_id}_neighbours"
    found = [await database[name].find_one({"_id": key}) for name in timers]
    return any(document is not None and "due_at" in document for document in found)
