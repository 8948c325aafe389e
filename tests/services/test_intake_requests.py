"""Requests over HTTP, on the real engines."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses
from tests.support.wait import eventually


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


def shelves(person_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "programme": "neighbours",
        "person_id": person_id,
        "what": "Weed the roses.",
        "category": "garden",
        "expected_duration": "PT2H",
    } | changes


@pytest.mark.requirement("S1.3", "S1.12")
async def test_staff_post_a_request_for_somebody_who_phoned(front: Front) -> None:
    person_id = await front.register(channel="phone")
    posted = await front.post("/v1/requests", shelves(person_id, needed_since="2026-01-15"))
    assert (posted.status_code, posted.json()["status"]) == (201, "posted")
    assert posted.json()["in_plain_words"] == "We have your wish. You will hear from us."
    shown = (await front.get(posted.headers["Location"], after=posted)).json()
    assert (shown["what"], shown["origin"], shown["entered_by"], shown["waiting_since"]) == (
        "Weed the roses.",
        "staff",
        "staff-1",
        "2026-01-15",
    )
    person = (await front.get(f"/v1/persons/{person_id}")).json()
    assert (person["channel"], person["entered_by"]) == ("phone", "staff-1")


@pytest.mark.requirement("S1.3", "S2.31", "S3.19", "S3.40")
async def test_care_every_day_without_an_end_is_declined_with_two_ways_and_kept(front: Front) -> None:
    person_id = await front.register()
    body = shelves(person_id, what="Care, every day.", expected_duration=None)
    declined = await front.post("/v1/requests", body, headers={"Accept-Language": "da"})
    answer = declined.json()
    assert (answer["status"], answer["rule"]) == ("declined", "not_concrete")
    assert [option["code"] for option in answer["options"]] == ["make-concrete", "open-activities", "civil-society"]
    assert answer["options"][2]["text"] == "En frivillig forening i nærheden"
    kept = (await front.get(declined.headers["Location"], after=declined)).json()
    assert (kept["rule"], kept["what"]) == ("not_concrete", None)


@pytest.mark.requirement("S1.3")
@pytest.mark.parametrize(
    ("bound", "field"),
    [
        ({"expected_duration": "every day"}, "expected_duration"),
        ({"expected_duration": "P"}, "expected_duration"),
        ({"latest_date": "never"}, "latest_date"),
        ({"category": ""}, "category"),
    ],
)
async def test_no_end_cannot_be_said_in_other_words(front: Front, bound: dict[str, str], field: str) -> None:
    answer = await front.post("/v1/requests", shelves(await front.register(), **bound))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.requirement("S1.3", "S3.19")
async def test_an_end_that_lies_years_ahead_is_none(front: Front) -> None:
    person_id = await front.register()
    for bound in ({"expected_duration": "P9Y"}, {"expected_duration": None, "latest_date": "2200-01-01"}):
        declined = (await front.post("/v1/requests", shelves(person_id, **bound))).json()
        assert (declined["rule"], len(declined["options"])) == ("not_concrete", 3)


@pytest.mark.requirement("S1.12")
@pytest.mark.parametrize("channel", ["phone", "walk-in", "staff"])
async def test_however_somebody_came_it_is_kept_how_and_who_entered_it(front: Front, channel: str) -> None:
    person_id = await front.register(channel=channel)
    posted = await front.post("/v1/requests", shelves(person_id))
    request = (await front.get(posted.headers["Location"], after=posted)).json()
    person = (await front.get(f"/v1/persons/{person_id}")).json()
    assert (person["channel"], person["entered_by"]) == (channel, "staff-1")
    assert (request["origin"], request["entered_by"]) == ("staff", "staff-1")


@pytest.mark.requirement("S1.12")
async def test_a_channel_nobody_comes_by_is_refused(front: Front) -> None:
    answer = await front.post("/v1/persons", {"channel": "rumour", "name": "Ida Oppdiktet"})
    assert (answer.status_code, answer.json()["field"]) == (422, "channel")


@pytest.mark.requirement("S1.24")
async def test_residents_only(front: Front) -> None:
    person_id = await front.register()
    elsewhere = await front.post("/v1/requests", shelves(person_id, municipality="Elsewhere"))
    here = await front.post("/v1/requests", shelves(person_id, municipality="Fjordby"))
    assert (elsewhere.json()["rule"], here.json()["status"]) == ("residents_only", "posted")


@pytest.mark.requirement("S1.18")
async def test_a_kind_of_help_the_programme_does_not_have_leads_to_those_it_has(front: Front) -> None:
    declined = await front.post("/v1/requests", shelves(await front.register(), category="plumbing"))
    assert (declined.json()["rule"], declined.json()["options"][0]["code"]) == ("category_unknown", "other-category")


@pytest.mark.requirement("S2.7")
async def test_nobody_confirms_for_themselves_what_a_programme_asks_first(front: Front) -> None:
    wish = {
        "programme": "walking-friends",
        "person_id": "person-1",
        "what": "A friend.",
        "gates": {"acute_over": True},
    }
    await front.post("/v1/persons", {"name": "Ida", "birth_date": "1980-01-01"}, person="person-1")
    alone = await front.post("/v1/requests", wish, person="person-1")
    assert (alone.status_code, alone.json()["rule"]) == (422, "gate_unanswered")
    assert [option["code"] for option in alone.json()["options"]] == ["acute-help", "ask-referrer"]
    [waiting] = await eventually(lambda: _at_gates(front))
    assert (waiting["person_id"], waiting["name"], waiting["programme"]) == ("person-1", "Ida", "walking-friends")
    assert "A friend." not in str(waiting)
    with_somebody = await front.post("/v1/requests", wish)
    assert with_somebody.json()["status"] == "posted"

    async def nobody_waits() -> bool:
        return await _at_gates(front) == []

    assert await eventually(nobody_waits)
    everything = await front.get("/v1/persons/person-1/everything", person="person-1")
    assert [gate["programme"] for gate in everything.json()["person"]["gates_met"]] == ["walking-friends"]


async def _at_gates(front: Front) -> list[Any]:
    """Who waits for somebody's yes or no."""
    found: list[Any] = (await front.get("/v1/gates")).json()["items"]
    return found


@pytest.mark.requirement("S2.7")
async def test_in_the_acute_phase_the_way_to_acute_help_is_shown_at_once_whoever_asks(front: Front) -> None:
    await front.post("/v1/persons", {"name": "Ida", "birth_date": "1980-01-01"}, person="person-1")
    wish = {"programme": "walking-friends", "person_id": "person-1", "what": "A friend."}
    too_early = wish | {"gates": {"acute_over": False}}
    for answer in (
        await front.post("/v1/requests", too_early, person="person-1", headers={"Accept-Language": "nb"}),
        await front.post("/v1/requests", too_early, headers={"Accept-Language": "nb"}),
    ):
        body = answer.json()
        assert (answer.status_code, body["status"], body["rule"]) == (201, "declined", "gate_not_confirmed")
        assert body["options"][0] == {"code": "acute-help", "text": "Akutt hjelp, døgnet rundt"}
        assert len(body["options"]) >= 2
    story = await front.post("/v1/requests", wish | {"gates": {"acute_over": "since March"}})
    assert (story.status_code, story.json()["field"]) == (422, "gates.acute_over")


async def test_an_age_limit_needs_a_birth_date(front: Front) -> None:
    person_id = await front.register(birth_date=None)
    wish = {"programme": "walking-friends", "person_id": person_id, "what": "A friend.", "gates": {"acute_over": True}}
    answer = await front.post("/v1/requests", wish)
    assert (answer.status_code, answer.json()["rule"]) == (409, "birth_date_needed")


@pytest.mark.requirement("S3.3", "S3.17", "S2.8", "S3.75")
async def test_a_request_has_one_owner_waits_for_the_person_and_ends_without_a_reason(front: Front) -> None:
    path = (await front.post("/v1/requests", shelves(await front.register()))).headers["Location"]
    taken_up = await front.post(f"{path}/take-up")
    assert (taken_up.json()["status"], taken_up.json()["owner"]) == ("taken-up", "staff-1")
    assert (await front.post(f"{path}/parking", {"remind": False})).json()["status"] == "parked"
    again = await front.post(f"{path}/take-up")
    assert (again.status_code, again.json()["rule"]) == (409, "request_parked")
    resumed = await front.post(f"{path}/resumption", headers={"Accept-Language": "nn"})
    assert resumed.json()["in_plain_words"] == "Nokon hos oss tek seg av ønsket ditt."
    withdrawn = await front.post(f"{path}/withdrawal")
    assert withdrawn.json()["status"] == "withdrawn"
    assert (await front.post(f"{path}/parking", {})).json()["rule"] == "request_over"
    assert (await front.get(path, after=withdrawn)).json()["status"] == "withdrawn"


@pytest.mark.requirement("S2.31")
async def test_who_has_waited_longest_comes_first_page_by_page(front: Front) -> None:
    person_id = await front.register()
    days = ["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-02", "2026-01-05"]
    posted = [await front.post("/v1/requests", shelves(person_id, needed_since=day)) for day in days]
    withdrawn = await front.post(f"{posted[4].headers['Location']}/withdrawal")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await front.get("/v1/requests", limit=2, after=withdrawn, **cursor)).json()
        seen += [item["waiting_since"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sorted(days[:4])


@pytest.mark.requirement("S3.3")
async def test_each_owner_has_a_work_list(front: Front) -> None:
    person_id = await front.register()
    mine, _ = [await front.post("/v1/requests", shelves(person_id)) for _ in range(2)]
    taken_up = await front.post(f"{mine.headers['Location']}/take-up")
    page = (await front.get("/v1/requests", owner="staff-1", after=taken_up)).json()
    assert [item["request_id"] for item in page["items"]] == [mine.json()["request_id"]]


async def test_the_same_idempotency_key_is_one_request(front: Front) -> None:
    body, key = shelves(await front.register()), {"Idempotency-Key": "key-1"}
    first, again = [await front.post("/v1/requests", body, headers=key) for _ in range(2)]
    other = await front.post("/v1/requests", body | {"what": "Something else."}, headers=key)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency_key_reused")


@pytest.mark.requirement("S3.31")
@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"diagnosis": "any"}, "diagnosis", "unknown_field"),
        ({"wishes": {"diagnosis": "any"}}, "wishes.diagnosis", "unknown_field"),
        ({"expected_duration": "for ever"}, "expected_duration", "malformed_field"),
        ({"what": ""}, "what", "malformed_field"),
        ({"programme": "nowhere"}, "programme", "programme_unknown"),
        ({"person_id": "nobody"}, "person_id", "person_unknown"),
        ({"needed_since": "2999-01-01"}, "needed_since", "needed_since_in_future"),
        ({"gates": {"diagnosis": True}}, "gates", "gate_unknown"),
    ],
)
async def test_what_is_malformed_is_refused_with_the_field(
    front: Front, change: dict[str, Any], field: str, rule: str
) -> None:
    answer = await front.post("/v1/requests", shelves(await front.register()) | change)
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


async def test_a_request_of_another_tenant_is_absent(intake: Running, front: Front) -> None:
    other = await front_of(intake)
    posted = await front.post("/v1/requests", shelves(await front.register()))
    path = posted.headers["Location"]
    await front.get(path, after=posted)
    assert (await other.get(path)).status_code == 404
    for step in ("take-up", "resumption", "withdrawal"):
        assert (await other.post(f"{path}/{step}")).status_code == 404
    assert (await other.get("/v1/requests")).json()["items"] == []


async def test_people_see_and_do_what_is_their_own(front: Front) -> None:
    stranger = await front.register()
    await front.post("/v1/persons", {"name": "Ida"}, person="person-1")
    theirs = await front.post("/v1/requests", shelves(stranger))
    own = await front.post("/v1/requests", shelves("person-1"), person="person-1")
    assert own.json()["status"] == "posted"
    listed = (await front.get("/v1/requests", person="person-1", after=own)).json()["items"]
    assert [item["request_id"] for item in listed] == [own.json()["request_id"]]
    path = theirs.headers["Location"]
    assert (await front.get(path, person="person-1")).status_code == 404
    assert (await front.post(f"{path}/withdrawal", person="person-1")).status_code == 404
    assert (await front.post("/v1/requests", shelves(stranger), person="person-1")).status_code == 404
    assert (await front.post(f"{own.headers['Location']}/take-up", person="person-1")).status_code == 403
    assert (await front.post(f"{own.headers['Location']}/withdrawal", person="person-1")).status_code == 200
