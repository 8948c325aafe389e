"""Activities and sessions over HTTP and topics, on the real engines: from a proposal to heads and answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.command_handler import Context
from contracts.envelope import StreamId
from contracts.intake import PersonRegistered
from contracts.sealed import Sealed
from services.matching.app import build
from services.matching.domain.session import session
from services.matching.domain.session_commands import ScheduleSession
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

TALK = {
    "programme": PROGRAMME,
    "kind": "lecture",
    "category": "workshops",
    "title": "Kinas økonomi",
    "what_we_do": "We look at a map and cook a soup",
}


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """A programme with lectures, A who would like to give one, and V who is approved."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt(kinds=["lecture", "meal"], categories=["workshops"])
        await register(told, "a", "Ida Oppdiktet")
        await told.approve("v")
        await told.until(f"/offers?programme={PROGRAMME}", lambda found: found["items"] == [], person="v")
        yield told


async def register(oslo: Oslo, person_id: str, name: str) -> None:
    sealed: Sealed[str] = await oslo.service.application.runtime.keyring.seal(oslo.tenant, person_id, name)
    registered = PersonRegistered(person_id=person_id, channel="phone", name=sealed, entered_by="staff")
    await oslo.hear(StreamId(oslo.tenant, "person", person_id), registered)


async def heard(ask: Callable[[], Awaitable[httpx.Response]], *, rule: str = "facts_too_old") -> httpx.Response:
    """The answer, once this rule does not stand against it any more."""

    async def asked() -> httpx.Response:
        response = await ask()
        assert response.json().get("rule") != rule
        return response

    return await eventually(asked)


async def proposed(oslo: Oslo, **different: Any) -> str:
    """The id of A's talk, once A's name has been heard of."""
    made = await heard(lambda: oslo.ask("/activities", TALK | different, person="a"))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def published(oslo: Oslo, **different: Any) -> str:
    activity_id = await proposed(oslo, **different)
    assert (await oslo.ask(f"/activities/{activity_id}/support", {"supporter_id": "v"})).status_code == 200
    assert (await oslo.ask(f"/activities/{activity_id}/publish")).status_code == 200
    return activity_id


async def scheduled(oslo: Oslo, activity_id: str, **different: Any) -> str:
    now = oslo.service.application.runtime.clock.now()
    body = {
        "begins_at": (now + timedelta(days=7)).isoformat(),
        "ends_at": (now + timedelta(days=7, hours=2)).isoformat(),
        "room": "Room 2",
        "places": 2,
    }
    made = await oslo.ask(f"/activities/{activity_id}/sessions", body | different)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def sign_up(oslo: Oslo, session_id: str, person_id: str) -> httpx.Response:
    return await oslo.ask(f"/sessions/{session_id}/sign-ups", {}, person=person_id)


async def withdraw(oslo: Oslo, session_id: str, person_id: str) -> httpx.Response:
    bearer = oslo.service.bearer("oslo", "matching:answer", person=person_id)
    return await oslo.service.client.delete(f"/v1/sessions/{session_id}/sign-ups", headers=bearer)


def rule(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["rule"]


async def held_by_each(oslo: Oslo, session_id: str) -> None:
    """What each of them takes along: A leads, V supports, B has signed up (S0.21)."""
    led, supported, signed_up = [(await oslo.get("/me/everything", person=person)).json() for person in ("a", "v", "b")]
    assert [(one["title"], one["what_we_do"]) for one in led["activities"]] == [(TALK["title"], TALK["what_we_do"])]
    assert [one["title"] for one in supported["supported_activities"]] == [TALK["title"]]
    assert [(one["programme"], one["capacity"], one["why_not"]) for one in supported["listings"]] == [
        (PROGRAMME, 1, None)
    ]
    assert [(one["session_id"], one["state"]) for one in signed_up["sign_ups"]] == [(session_id, "coming")]
    assert (led["sign_ups"], signed_up["activities"], signed_up["listings"]) == ([], [], [])


@pytest.mark.requirement("S1.19", "S1.22", "S1.23")
async def test_a_citizen_proposes_a_talk_that_is_supported_published_and_held(oslo: Oslo, place: Place) -> None:
    activity_id = await proposed(oslo)
    waiting = await oslo.until("/activities/all", lambda found: found["items"])
    assert [(one["title"], one["lead_id"], one["supporter_id"]) for one in waiting["items"]] == [
        ("Kinas økonomi", "a", None)
    ]
    assert rule(await oslo.ask(f"/activities/{activity_id}/publish")) == (409, "needs_supporter")
    assert rule(await oslo.ask(f"/activities/{activity_id}/support", {"supporter_id": "a"})) == (409, "own_supporter")
    assert (await oslo.get("/activities", person="b")).json()["items"] == []
    assert (await oslo.ask(f"/activities/{activity_id}/support", {}, person="v")).status_code == 200
    assert (await oslo.ask(f"/activities/{activity_id}/publish")).status_code == 200
    session_id = await scheduled(oslo, activity_id)

    shown = (await oslo.until("/activities", lambda found: found["items"][0]["sessions"], person="b"))["items"]
    assert (shown[0]["what_we_do"], shown[0]["sessions"][0]["room"]) == (TALK["what_we_do"], "Room 2")
    assert {"lead_id", "supporter_id"} & set(shown[0]) == set()
    own = (await oslo.until("/own-activities", lambda found: found["items"], person="a"))["items"]
    assert [(one["stage"], one["has_supporter"]) for one in own] == [("published", True)]

    assert (await sign_up(oslo, session_id, "b")).status_code == 201
    await oslo.until("/activities", lambda found: found["items"][0]["sessions"][0]["you_are_coming"], person="b")
    await held_by_each(oslo, session_id)
    feedback = f"/sessions/{session_id}/feedback"
    answers = {"was_good": True, "would_come_again": False}
    assert rule(await oslo.ask(feedback, answers, person="b")) == (409, "not_held")
    assert rule(await oslo.ask(f"/sessions/{session_id}/held", {"heads": 14})) == (409, "not_begun")

    place.move_clock(timedelta(days=7, hours=1))
    held = await heard(lambda: oslo.ask(f"/sessions/{session_id}/held", {"heads": 14}), rule="not_begun")
    assert held.status_code == 200
    assert rule(await sign_up(oslo, session_id, "c")) == (409, "session_over")
    assert rule(await oslo.ask(f"/sessions/{session_id}/held", {"heads": 15})) == (409, "already_counted")
    assert (await oslo.ask(feedback, answers, person="b")).status_code == 200
    other = answers | {"was_good": False}
    assert rule(await oslo.ask(feedback, other, person="b")) == (409, "answered_already")
    assert (await oslo.ask(feedback, answers)).status_code == 200  # on paper
    assert rule(await oslo.ask(feedback, answers, person="stranger")) == (409, "not_signed_up")
    found = await oslo.until(f"/sessions/{session_id}", lambda found: found["state"] == "held")
    assert (found["heads"], found["enrolled"]) == (14, ["b"])
    been_to = [await oslo.get("/own-sessions", person=person) for person in ("a", "b", "stranger")]
    shown = [[(one["session_id"], one["title"]) for one in each.json()["items"]] for each in been_to]
    assert shown == [[], [(session_id, TALK["title"])], []]

    told = await place.read("matching.events", at_least=9)
    given = [record for record in told if record.headers["ce_type"] == "matching.feedback-given"]
    assert len(given) == 2
    assert not [record for record in given if b'"b"' in record.body or "b" in record.headers.values()]
    assert TALK["what_we_do"] not in str([record.body for record in told])


@pytest.mark.requirement("S1.19")
async def test_of_64_who_sign_up_at_once_exactly_one_takes_the_last_place(oslo: Oslo) -> None:
    session_id = await scheduled(oslo, await published(oslo), places=1)

    answers = await asyncio.gather(*(sign_up(oslo, session_id, f"p{number}") for number in range(64)))

    rules = Counter(answer.json().get("rule", answer.status_code) for answer in answers)
    assert rules == {201: 1, "full": 63}
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert [option["code"] for option in refused.json()["options"]] == ["other-session", "ask-coordinator"]
    found = await oslo.until(f"/sessions/{session_id}", lambda found: found["enrolled"])
    [came] = found["enrolled"]
    assert (await withdraw(oslo, session_id, came)).status_code == 200
    assert (await sign_up(oslo, session_id, "q")).status_code == 201
    await oslo.until(f"/sessions/{session_id}", lambda found: found["enrolled"] == ["q"])


@pytest.mark.requirement("S3.54")
async def test_a_malformed_activity_is_refused_with_its_field_and_leaves_no_trace(oslo: Oslo) -> None:
    await proposed(oslo)
    for different, field in (
        ({"what_we_do": None}, "what_we_do"),
        ({"what_we_do": " "}, "what_we_do"),
        ({"title": "x" * 121}, "title"),
        ({"kind": "seance"}, "kind"),
        ({"category": "ironing"}, "category"),
        ({"person_id": "b"}, "person_id"),
        ({"diagnosis": "any"}, "diagnosis"),
    ):
        refused = await oslo.ask("/activities", TALK | different, person="a")
        assert (refused.status_code, field in refused.text) == (422, True), refused.text
    without = {name: value for name, value in TALK.items() if name != "what_we_do"}
    assert "what_we_do" in (await oslo.ask("/activities", without, person="a")).text
    for title in ("Ring 22 33 44 55", "Soup with Ida"):
        named = await oslo.ask("/activities", TALK | {"title": title}, person="a")
        assert (rule(named), title in named.text) == ((409, "title_identifies"), False)
    assert len((await oslo.until("/activities/all", lambda found: found["items"]))["items"]) == 1


@pytest.mark.requirement("S3.54")
async def test_a_group_that_only_talks_is_flagged_for_whoever_plans_it_and_not_refused(oslo: Oslo) -> None:
    for title, what_we_do in (("Circle", "We sit together and talk"), ("Soup", "We cook a soup and talk")):
        await proposed(oslo, title=title, what_we_do=what_we_do)

    found = await oslo.until("/activities/all", lambda found: len(found["items"]) == 2)
    flags = {item["title"]: item["is_talk_only"] for item in found["items"]}
    [circle] = [item["activity_id"] for item in found["items"] if item["title"] == "Circle"]

    assert flags == {"Circle": True, "Soup": False}
    assert (await oslo.ask(f"/activities/{circle}/support", {})).status_code == 200
    assert (await oslo.ask(f"/activities/{circle}/publish")).status_code == 200
    shown = await oslo.until(f"/activities/{circle}", lambda found: found["stage"] == "published")
    assert shown["is_talk_only"]


async def test_a_malformed_session_is_refused_with_its_field(oslo: Oslo) -> None:
    activity_id = await published(oslo)
    begins, ends = datetime(2090, 1, 1, 18, tzinfo=UTC), datetime(2090, 1, 1, 20, tzinfo=UTC)
    body = {"begins_at": begins.isoformat(), "ends_at": ends.isoformat()}
    path = f"/activities/{activity_id}/sessions"
    for different, field in (
        ({"ends_at": body["begins_at"]}, "ends_at"),
        ({"ends_at": "2090-01-05T20:00:00Z"}, "ends_at"),
        ({"begins_at": "2090-01-01T18:00:00"}, "begins_at"),
        ({"places": 0}, "places"),
        ({"names": ["Ida"]}, "names"),
    ):
        refused = await oslo.ask(path, body | different)
        assert (refused.status_code, field in refused.text) == (422, True), refused.text
    past = await oslo.ask(path, {"begins_at": "2020-01-01T18:00:00Z", "ends_at": "2020-01-01T20:00:00Z"})
    assert rule(past) == (409, "begins_in_the_past")
    assert rule(await oslo.ask("/activities/nothing/sessions", body)) == (404, "activity_not_found")
    unpublished = await proposed(oslo)
    assert rule(await oslo.ask(f"/activities/{unpublished}/sessions", body)) == (409, "not_published")
    session_id = await scheduled(oslo, activity_id)
    for heads in (-1, "many"):
        assert (await oslo.ask(f"/sessions/{session_id}/held", {"heads": heads})).status_code == 422
    assert (await oslo.ask(f"/sessions/{session_id}/held", {"heads": 1, "names": []})).status_code == 422


async def test_what_one_may_not_do_or_see_is_absent(oslo: Oslo) -> None:
    activity_id = await proposed(oslo)
    path = f"/activities/{activity_id}"
    assert rule(await oslo.ask(f"{path}/support", {"supporter_id": "v"}, person="b")) == (404, "activity_not_found")
    assert rule(await oslo.ask(f"{path}/support", {"supporter_id": "b"})) == (409, "supporter_not_ready")
    assert rule(await oslo.ask(f"{path}/close", person="b")) == (404, "activity_not_found")
    assert (await oslo.ask(f"{path}/publish", person="a")).status_code == 403
    assert rule(await sign_up(oslo, "nothing", "b")) == (404, "session_not_found")
    elsewhere = oslo.service.bearer("gladsaxe", "matching:read", "matching:manage")
    response = await oslo.service.client.post(f"/v1{path}/publish", headers=elsewhere)
    assert rule(response) == (404, "activity_not_found")
    assert (await oslo.ask(f"{path}/close", person="a")).status_code == 200
    assert rule(await oslo.ask(f"{path}/publish")) == (409, "activity_closed")


@pytest.mark.requirement("S2.9")
async def test_whoever_is_kept_apart_from_the_lead_sees_nothing_of_it(oslo: Oslo) -> None:
    session_id = await scheduled(oslo, await published(oslo))
    await oslo.until("/activities", lambda found: found["items"], person="b")

    await oslo.keep_apart("a", "b")
    await oslo.until("/activities", lambda found: found["items"] == [], person="b")
    refused = await oslo.refused(lambda: sign_up(oslo, session_id, "b"), "session_not_found")
    unknown = await sign_up(oslo, "nothing", "b")
    assert (refused.status_code, refused.json()["detail"]) == (404, unknown.json()["detail"])
    assert (await oslo.get("/activities", person="c")).json()["items"]


@pytest.mark.requirement("S2.9")
async def test_two_who_are_kept_apart_do_not_meet_at_a_session(oslo: Oslo) -> None:
    session_id = await scheduled(oslo, await published(oslo))
    assert (await sign_up(oslo, session_id, "b")).status_code == 201
    await oslo.until("/activities", lambda found: found["items"][0]["sessions"], person="c")

    await oslo.keep_apart("b", "c")
    await oslo.until("/activities", lambda found: found["items"][0]["sessions"] == [], person="c")
    assert rule(await sign_up(oslo, session_id, "c")) == (404, "session_not_found")
    [own] = (await oslo.get("/activities", person="b")).json()["items"]
    assert own["sessions"][0]["you_are_coming"]

    assert (await withdraw(oslo, session_id, "b")).status_code == 200
    await oslo.until("/activities", lambda found: found["items"][0]["sessions"], person="c")
    assert (await sign_up(oslo, session_id, "c")).status_code == 201


@pytest.mark.requirement("S2.9")
async def test_who_is_kept_apart_from_the_lead_supports_nothing_of_theirs(oslo: Oslo) -> None:
    path = f"/activities/{await proposed(oslo)}/support"
    await oslo.keep_apart("a", "v")
    named = await oslo.refused(lambda: oslo.ask(path, {"supporter_id": "v"}), "helper_not_found")
    assert named.status_code == 404
    assert rule(await oslo.ask(path, {}, person="v")) == (404, "activity_not_found")


async def test_a_session_scheduled_while_its_activity_was_closed_is_called_off(oslo: Oslo) -> None:
    activity_id = await published(oslo)
    assert (await oslo.ask(f"/activities/{activity_id}/close")).status_code == 200
    runtime = oslo.service.application.runtime
    begins_at = runtime.clock.now() + timedelta(days=7)
    late = ScheduleSession(
        session_id="late",
        activity_id=activity_id,
        programme=PROGRAMME,
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=2),
        room=None,
        places=None,
        is_published=True,  # as it was when the coordinator looked
        now=runtime.clock.now(),
    )
    context = Context(command_id="late", actor="coordinator", correlation_id="correlation-1")
    await runtime.commands.handle(session, StreamId("oslo", "session", "late"), late, context=context)

    await oslo.until("/sessions/late", lambda found: found["state"] == "called-off")


async def test_sessions_of_a_closed_activity_are_called_off(oslo: Oslo) -> None:
    activity_id = await published(oslo)
    session_id = await scheduled(oslo, activity_id)
    assert (await sign_up(oslo, session_id, "b")).status_code == 201
    assert (await oslo.ask(f"/activities/{activity_id}/close")).status_code == 200

    found = await oslo.until(f"/sessions/{session_id}", lambda found: found["state"] == "called-off")
    assert found["enrolled"] == ["b"]
    assert rule(await oslo.ask(f"/sessions/{session_id}/held", {"heads": 1})) == (409, "session_over")


@pytest.mark.requirement("S1.10", "S1.19")
async def test_an_offer_that_becomes_an_activity_is_used(oslo: Oslo) -> None:
    await register(oslo, "v", "Ola Tenkt")
    offered = {"programme": PROGRAMME, "category": "workshops", "words": "I know a lot about China"}
    made = await oslo.ask("/offers", offered, person="v")
    assert made.status_code == 201, made.text
    offer_id = made.json()["id"]
    unused = f"/offers/unused?programme={PROGRAMME}"
    await oslo.until(unused, lambda found: found["items"])
    assert rule(await oslo.ask("/activities", TALK | {"offer_id": offer_id}, person="a")) == (404, "offer_not_found")

    body = {name: value for name, value in TALK.items() if name != "category"} | {"offer_id": offer_id}
    proposal = await heard(lambda: oslo.ask("/activities", body, person="v"))
    found = await oslo.until(f"/activities/{proposal.json()['id']}", lambda found: found["offer_id"] == offer_id)
    assert found["category"] == "workshops"
    await oslo.until(unused, lambda found: found["items"] == [])
