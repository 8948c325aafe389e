"""A request on its way, over HTTP on the real engines with a clock that moves (S2.20, S2.31, S3.3, S3.17)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import STAFF, Front, front_of, running_intake
from tests.support.stack import Addresses
from tests.support.wait import eventually


@pytest.fixture
async def front(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path: Path
) -> AsyncIterator[Front]:
    """A service of the test's own: its clock moves."""
    async with running_intake(engines, mongo_client, tmp_path) as service:
        yield await front_of(service)


async def posted(front: Front, **changes: Any) -> str:
    """The path of a request that waits."""
    body = {"programme": "walking-friends", "person_id": await front.register(), "what": "A friend."}
    answer = await front.post("/v1/requests", body | {"gates": {"acute_over": True}} | changes)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def says(front: Front, who: str, path: str, body: Any = None) -> httpx.Response:
    """What this member of staff is answered."""
    return await front.post(path, body, headers=front.service.bearer(front.tenant, *STAFF, subject=who))


async def listed(front: Front, **query: Any) -> list[str]:
    items = (await front.get("/v1/requests", **query)).json()["items"]
    return [f"/v1/requests/{item['request_id']}" for item in items]


async def timer_is_set(front: Front, plan: str, path: str) -> bool:
    """The plan has heard of it: from here on only the clock matters."""
    database = front.service.application.database
    timers = [name for name in await database.list_collection_names() if name.startswith(f"timers-{plan}")]
    key = f"{front.tenant}/{path.rpartition('/')[2]}"
    found = [await database[name].find_one({"_id": key}) for name in timers]
    return any(document is not None for document in found)


@pytest.mark.requirement("S2.20", "S2.31", "S2.18")
async def test_needs_change_and_the_waiting_date_does_not(front: Front) -> None:
    await front.adopt("resource-friends", {"support_forms": ["talk", "norwegian", "guide", "friend"]})
    wishes = {"support_forms": ["talk", "guide"]}
    path = await posted(front, programme="resource-friends", gates={}, needed_since="2026-01-15", wishes=wishes)
    more = {"support_forms": ["talk", "norwegian", "friend"]}
    amended = await front.post(f"{path}/amendment", {"wishes": more, "latest_date": "2200-01-01"})
    assert amended.status_code == 200, amended.text
    shown = (await front.get(path, after=amended)).json()
    assert (shown["wishes"]["support_forms"], shown["latest_date"]) == (more["support_forms"], "2200-01-01")
    assert (shown["what"], shown["waiting_since"]) == ("A friend.", "2026-01-15")
    parked = await front.post(f"{path}/parking", {})
    assert parked.json()["status"] == "parked"
    again = await front.post(f"{path}/amendment", {"what": "A friend for walks.", "latest_date": None})
    shown = (await front.get(path, after=again)).json()
    assert (shown["what"], shown["latest_date"], shown["status"]) == ("A friend for walks.", None, "parked")
    await front.post(f"{path}/withdrawal")
    over = await front.post(f"{path}/amendment", {"what": "Too late."})
    assert (over.status_code, over.json()["rule"]) == (409, "request_over")


@pytest.mark.requirement("S2.18")
async def test_a_form_of_support_the_programme_does_not_give_is_refused_with_the_field(front: Front) -> None:
    await front.adopt("resource-friends", {"support_forms": ["talk", "norwegian", "guide", "friend"]})
    wish = {"programme": "resource-friends", "person_id": await front.register(), "what": "A friend."}
    path = await posted(front, programme="resource-friends", gates={})
    therapy = {"wishes": {"support_forms": ["talk", "therapy"]}}
    for answer in (
        await front.post("/v1/requests", wish | therapy),
        await front.post(f"{path}/amendment", therapy),
    ):
        assert (answer.status_code, answer.json()["rule"], answer.json()["field"]) == (
            422,
            "support_form_unknown",
            "wishes.support_forms",
        )


@pytest.mark.parametrize("body", [{}, {"what": ""}, {"diagnosis": "any"}, {"wishes": {"origin": "any"}}])
async def test_an_amendment_that_is_malformed_changes_nothing(front: Front, body: dict[str, Any]) -> None:
    assert (await front.post(f"{await posted(front)}/amendment", body)).status_code == 422


@pytest.mark.requirement("S3.3")
async def test_a_request_has_one_owner_until_another_says_yes(front: Front) -> None:
    path = await posted(front)
    too_early = await says(front, "staff-1", f"{path}/hand-over", {"to": "staff-2"})
    assert (too_early.status_code, too_early.json()["rule"]) == (409, "no_owner_yet")
    await says(front, "staff-1", f"{path}/take-up")
    not_theirs = await says(front, "staff-3", f"{path}/hand-over", {"to": "staff-2"})
    assert (not_theirs.status_code, not_theirs.json()["rule"]) == (409, "not_the_owner")
    to_self = await says(front, "staff-1", f"{path}/hand-over", {"to": "staff-1"})
    assert (to_self.status_code, to_self.json()["field"]) == (422, "to")
    asked = await says(front, "staff-1", f"{path}/hand-over", {"to": "staff-2"})
    assert (asked.status_code, asked.json()["owner"]) == (200, "staff-1")
    shown = (await front.get(path, after=asked)).json()
    assert (shown["hand_over_to"], shown["waiting_for"]) == ("staff-2", ["hand-over"])
    assert await listed(front, hand_over_to="staff-2") == [path]
    assert (await says(front, "staff-1", f"{path}/hand-over", {"to": "staff-3"})).json()["rule"] == "hand_over_open"
    assert (await says(front, "staff-3", f"{path}/hand-over/acceptance")).json()["rule"] == "no_hand_over"
    accepted = await says(front, "staff-2", f"{path}/hand-over/acceptance")
    assert accepted.json()["owner"] == "staff-2"
    shown = (await front.get(path, after=accepted)).json()
    assert (shown["owner"], shown["hand_over_to"], shown["waiting_for"]) == ("staff-2", None, [])


@pytest.mark.requirement("S3.3")
async def test_the_owner_stays_when_the_other_says_no_and_the_third_time_it_goes_up(front: Front) -> None:
    path = await posted(front)
    await says(front, "staff-1", f"{path}/take-up")
    for other in ("staff-2", "staff-3", "staff-2"):
        assert (await front.get("/v1/requests", waiting_for="escalated")).json()["items"] == []
        assert (await says(front, "staff-1", f"{path}/hand-over", {"to": other})).status_code == 200
        declined = await says(front, other, f"{path}/hand-over/decline")
        assert (declined.status_code, declined.json()["owner"]) == (200, "staff-1")
    shown = (await front.get(path, after=declined)).json()
    assert (shown["bounces"], shown["waiting_for"], shown["owner"]) == (3, ["escalated"], "staff-1")
    assert await listed(front, waiting_for="escalated") == [path]


@pytest.mark.requirement("S3.3")
async def test_a_hand_over_that_nobody_answers_bounces_by_itself(front: Front) -> None:
    path = await posted(front)
    await says(front, "staff-1", f"{path}/take-up")
    await says(front, "staff-1", f"{path}/hand-over", {"to": "staff-2"})
    await eventually(lambda: timer_is_set(front, "hand-overs-bounce", path))
    front.place.move_clock(timedelta(days=15))
    await front.shown(path, bounces=1, owner="staff-1", hand_over_to=None, waiting_for=[])
    late = await says(front, "staff-2", f"{path}/hand-over/acceptance")
    assert (late.status_code, late.json()["rule"]) == (409, "no_hand_over")


@pytest.mark.requirement("S2.31", "S3.3", "S3.17")
async def test_what_nobody_has_taken_up_in_time_is_shown_and_what_waits_for_its_person_is_not(front: Front) -> None:
    forgotten, taken, parked = [await posted(front) for _ in range(3)]
    await front.post(f"{taken}/take-up")
    last = await front.post(f"{parked}/parking", {})
    await front.get(parked, after=last)
    assert set(await listed(front, is_owned=False)) == {forgotten, parked}
    await eventually(lambda: timer_is_set(front, "answers-are-due", forgotten))
    front.place.move_clock(timedelta(days=30))
    await front.shown(forgotten, waiting_for=["answer-overdue"], status="posted")
    assert await listed(front, waiting_for="answer-overdue") == [forgotten]
    front.place.move_clock(timedelta(days=400))
    await front.shown(parked, waiting_for=[], status="parked")
    resumed = await front.post(f"{parked}/resumption")
    shown = (await front.get(parked, after=resumed)).json()
    assert (shown["waiting_for"], shown["status"]) == ([], "posted")
    taken_up = await front.post(f"{forgotten}/take-up")
    assert (await front.get(forgotten, after=taken_up)).json()["waiting_for"] == []


@pytest.mark.requirement("S2.29")
async def test_a_programme_on_pause_holds_the_days_for_an_answer_until_it_goes_on(front: Front) -> None:
    path = await posted(front)
    await eventually(lambda: timer_is_set(front, "answers-are-due", path))
    await front.post("/v1/programmes/walking-friends/pause")
    marker = await posted(front, programme="neighbours", category="garden", expected_duration="PT2H", gates={})
    await eventually(lambda: timer_is_set(front, "answers-are-due", marker))
    front.place.move_clock(timedelta(days=30))
    await front.shown(marker, waiting_for=["answer-overdue"])
    await front.shown(path, waiting_for=[])
    await front.post("/v1/programmes/walking-friends/resumption")
    await front.shown(path, waiting_for=["answer-overdue"])


async def test_how_a_request_goes_round_is_not_shown_to_its_person(front: Front) -> None:
    await front.post("/v1/persons", {"name": "Ida", "birth_date": "1980-01-01"}, person="person-1")
    path = await posted(front, person_id="person-1")
    await says(front, "staff-1", f"{path}/take-up")
    asked = await says(front, "staff-1", f"{path}/hand-over", {"to": "staff-2"})
    shown = (await front.get(path, person="person-1", after=asked)).json()
    assert (shown["waiting_for"], shown["hand_over_to"], shown["owner"]) == ([], None, "staff-1")
    [item] = (await front.get("/v1/requests", person="person-1")).json()["items"]
    assert (item["waiting_for"], item["hand_over_to"]) == ([], None)
    assert (await front.get("/v1/requests", person="person-1", waiting_for="hand-over")).status_code == 403
    assert (await front.post(f"{path}/hand-over/acceptance", person="person-1")).status_code == 403
    amended = await front.post(f"{path}/amendment", {"what": "A friend for walks."}, person="person-1")
    assert amended.status_code == 200


async def test_the_requests_of_another_tenant_or_person_are_absent(front: Front) -> None:
    path = await posted(front)
    other = await front_of(front.service)
    for step, body in (("amendment", {"what": "x"}), ("hand-over", {"to": "staff-2"})):
        assert (await other.post(f"{path}/{step}", body)).status_code == 404
    for step in ("acceptance", "decline"):
        assert (await other.post(f"{path}/hand-over/{step}")).status_code == 404
    assert (await front.post(f"{path}/amendment", {"what": "x"}, person="person-2")).status_code == 404


@pytest.mark.requirement("S3.3", "S3.17")
async def test_a_request_tells_its_story_with_names_for_staff_and_without_staff_to_its_person(front: Front) -> None:
    person_id = await front.register(name="Ida Oppdiktet")
    path = await posted(front, person_id=person_id)
    await says(front, "anna", f"{path}/take-up")
    await says(front, "anna", f"{path}/hand-over", {"to": "bo"})
    await says(front, "bo", f"{path}/hand-over/decline")
    parked = await front.post(f"{path}/parking", {})

    shown = (await front.get(path, after=parked)).json()
    assert [(step["what"], step["staff"]) for step in shown["story"]] == [
        ("posted", None),
        ("taken-up", "anna"),
        ("hand-over-asked", "bo"),
        ("hand-over-declined", "bo"),
        ("parked", None),
    ]
    [item] = (await front.get("/v1/requests", person_id=person_id)).json()["items"]
    assert (shown["name"], item["name"]) == ("Ida Oppdiktet", "Ida Oppdiktet")
    own = (await front.get(path, person=person_id)).json()
    assert [(step["what"], step["staff"]) for step in own["story"]] == [
        ("posted", None),
        ("taken-up", None),
        ("parked", None),
    ]
