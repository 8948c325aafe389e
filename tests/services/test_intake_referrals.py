"""Referrals from a municipality's own systems: Kafka in, Kafka out, on the real engines."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from pymongo import AsyncMongoClient

from contracts.envelope import Origin, StreamId
from contracts.matching import MatchMade
from tests.services.intake_front import Front, front_of, referral, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture(scope="module")
async def front(intake: Running) -> Front:
    """One tenant for all: each test has referral numbers of its own."""
    return await front_of(intake, refers=True)


@pytest.mark.requirement("S2.4", "S2.31")
async def test_a_referral_is_posted_and_the_sender_hears_of_it(front: Front) -> None:
    await front.send(referral("17", needed_since="2026-01-15"))
    [status] = await front.statuses("17")
    assert (status["referral_id"], status["status"], status["final"]) == ("17", "posted", False)
    shown = await front.shown(f"/v1/requests/{status['request_id']}")
    assert (shown["what"], shown["origin"]) == ("Somebody to walk and talk with.", "referral")
    assert shown["waiting_since"] == "2026-01-15"


@pytest.mark.requirement("S1.12")
async def test_who_is_accepted_is_registered_with_the_channel_they_came_by(front: Front) -> None:
    await front.send(referral("18", person_languages=[{"code": "so", "level": "b2"}]))
    [status] = await front.statuses("18")
    request = await front.shown(f"/v1/requests/{status['request_id']}")
    person = await front.shown(f"/v1/persons/{request['person_id']}")
    assert (person["name"], person["channel"]) == ("Ida Oppdiktet", "referral")


async def test_the_same_referral_again_is_the_same_request_and_the_same_answer(front: Front) -> None:
    for _ in range(3):
        await front.send(referral("19"))
    first, *others = await front.told("19", at_least=3)
    assert [(other.key, other.headers["ce_id"], other.body) for other in others] == [
        (first.key, first.headers["ce_id"], first.body)
    ] * len(others)


@pytest.mark.requirement("S2.7", "S3.19", "S3.40")
async def test_who_needs_something_else_now_is_declined_with_ways_that_stay_open(front: Front) -> None:
    await front.send(referral("20", gates={"acute_over": False}))
    [status] = await front.statuses("20")
    assert (status["status"], status["final"], status["rule"]) == ("declined", True, "gate_not_confirmed")
    assert [option["code"] for option in status["options"]] == ["acute-help", "ask-later", "civil-society"]
    assert status["options"][0]["text"] == "Akutt hjelp, døgnet rundt"
    assert "For tidlig".casefold() in status["reason"].casefold()


@pytest.mark.requirement("S3.37", "S4.1")
async def test_the_age_limit_is_met_on_the_birthday(front: Front) -> None:
    today = datetime.now(ZoneInfo("Europe/Oslo")).date()
    eighteen, tomorrow = today + relativedelta(years=-18), today + relativedelta(years=-18, days=1)
    await front.send(referral("eighteen", person_birth_date=eighteen.isoformat()))
    await front.send(referral("the-day-before", person_birth_date=tomorrow.isoformat()))
    [accepted] = await front.statuses("eighteen")
    [declined] = await front.statuses("the-day-before")
    assert accepted["status"] == "posted"
    assert (declined["rule"], [option["code"] for option in declined["options"]]) == (
        "min_age",
        ["youth-advice", "civil-society"],
    )


async def test_nobody_is_registered_who_is_declined(front: Front) -> None:
    await front.send(referral("21", gates={"acute_over": False}, person_reference="declined"))
    [status] = await front.statuses("21")
    declined = await front.shown(f"/v1/requests/{status['request_id']}")
    assert (declined["what"], declined["rule"]) == (None, "gate_not_confirmed")
    assert (await front.get(f"/v1/persons/{declined['person_id']}")).status_code == 404


async def test_nothing_of_a_referral_stands_anywhere_in_clear(front: Front) -> None:
    planted = ("planted-number", "planted-person", "planted wish", "planted@example.org", "Planted Oppdiktet")
    number, reference, what, email, name = planted
    await front.send(referral(number, person_reference=reference, what=what, person_email=email, person_name=name))
    [status] = await front.statuses(number)
    request = await front.shown(f"/v1/requests/{status['request_id']}")
    await front.shown(f"/v1/persons/{request['person_id']}", email=email)
    database = front.service.application.database
    stored = [str(await database[name].find().to_list()) for name in await database.list_collection_names()]
    sent = [f"{record.key} {record.body!r}" for record in await front.place.read("intake.events")]
    assert [word for word in planted if any(word in text for text in (*stored, *sent))] == []


BAD: list[tuple[Any, dict[str, Any], str, str]] = [
    (b"not JSON", {}, "body", "not_json"),
    (b"\xff\xfe", {}, "body", "not_json"),
    (b"[" * 100_000, {}, "body", "too_large"),
    (b"[" * 60_000, {}, "body", "not_json"),
    (b"x" * 1_000_000, {}, "body", "too_large"),
    (b"[]", {}, "body", "wrong_value"),
    (referral("bad", diagnosis="none of your business"), {}, "diagnosis", "unknown_field"),
    (referral("bad", person_diagnosis="the same"), {}, "person.diagnosis", "unknown_field"),
    ({key: value for key, value in referral("bad").items() if key != "what"}, {}, "what", "missing_field"),
    (referral("bad", what=17), {}, "what", "wrong_value"),
    (referral("bad", what=""), {}, "what", "wrong_value"),
    (referral("bad", person_birth_date="yesterday"), {}, "person.birth_date", "wrong_value"),
    (referral("bad", person_email="nobody"), {}, "person.email", "wrong_value"),
    (referral("bad", person_phone="+4711"), {}, "person.phone", "wrong_value"),
    (referral("bad", person_phone="+47000000000"), {}, "person.phone", "phone_invalid"),
    (referral("bad", agreed_with_person=False), {}, "agreed_with_person", "not_agreed"),
    (referral("bad", expected_duration="for ever"), {}, "expected_duration", "wrong_value"),
    (referral("bad", wishes={"origin": "somewhere"}), {}, "wishes.origin", "unknown_field"),
    (referral("bad", programme="nowhere"), {}, "programme", "programme_unknown"),
    (referral("bad", gates={}), {}, "gates", "gate_unanswered"),
    (referral("bad", gates={"acute_over": True, "diagnosis": True}), {}, "gates", "gate_unknown"),
    (referral("bad", needed_since="2999-01-01"), {}, "needed_since", "needed_since_in_future"),
    (referral("bad"), {"ce_type": b"kobling.something"}, "ce_type", "wrong_event_type"),
    (referral("bad"), {"ce_schemaversion": b"2"}, "ce_schemaversion", "wrong_schema_version"),
    (referral("bad"), {"ce_specversion": b"0.3"}, "ce_specversion", "wrong_spec_version"),
    (referral("bad"), {"ce_tenant": b"somebody-else"}, "ce_tenant", "wrong_tenant"),
    (referral("bad"), {"ce_source": b"\xff\xfe"}, "ce_source", "bad_header_bytes"),
    (referral("bad"), {"ce_source": None}, "ce_source", "missing_header"),
    (referral("bad"), {"ce_id": None}, "ce_id", "missing_header"),
    (referral("bad"), {"ce_id": b"x" * 300}, "ce_id", "header_too_long"),
]


@pytest.mark.requirement("S3.31")
async def test_what_cannot_be_read_is_rejected_with_the_field_and_others_are_not_delayed(front: Front) -> None:
    for body, headers, _, _ in BAD:
        await front.send(body, **headers)
    await front.send(referral("good"))
    assert (await front.statuses("good"))[0]["status"] == "posted"
    # Records without a key have no order among each other: they are answered as they are done.
    rejections = sorted(await front.rejections(at_least=len(BAD)), key=lambda rejected: int(rejected["offset"]))
    assert [(rejected["field"], rejected["rule"]) for rejected in rejections] == [
        (field, rule) for _, _, field, rule in BAD
    ]
    offsets = [rejected["offset"] for rejected in rejections]
    assert offsets == list(range(offsets[0], offsets[0] + len(BAD)))
    assert "none of your business" not in json.dumps(rejections)


@pytest.mark.requirement("S2.3")
async def test_the_sender_hears_how_it_goes_until_the_final_status(front: Front) -> None:
    await front.send(referral("22"))
    [posted] = await front.statuses("22")
    request_id = posted["request_id"]
    assert (await front.post(f"/v1/requests/{request_id}/take-up")).status_code == 200
    assert (await front.post(f"/v1/requests/{request_id}/parking", {})).status_code == 200
    assert (await front.post(f"/v1/requests/{request_id}/resumption")).status_code == 200
    await front.statuses("22", at_least=4)
    await publish_match(front, request_id)
    statuses = await front.statuses("22", at_least=6)
    assert [(status["status"], status["final"]) for status in statuses] == [
        ("posted", False),
        ("taken-up", False),
        ("parked", False),
        ("taken-up", False),
        ("matched", False),
        ("met", True),
    ]
    await front.shown(f"/v1/requests/{request_id}", status="met", match_id="match-1")


async def publish_match(front: Front, request_id: str) -> None:
    now = datetime.now(UTC)
    made = MatchMade(
        match_id="match-1",
        request_id=request_id,
        programme="walking-friends",
        requester_id="person-1",
        helper_id="person-2",
        proposal_id="proposal-1",
        starts_on=now.date(),
        needed_since=now.date(),
        policy_version=1,
    )
    origin = Origin(occurred_at=now, recorded_at=now, correlation_id="correlation-1", actor="test")
    await front.place.publish("matching", StreamId(front.tenant, "match", "match-1"), [made], origin=origin)


async def test_the_same_number_from_two_tenants_is_two_requests(intake: Running, front: Front) -> None:
    other = await front_of(intake, refers=True)
    for tenant in (front, other):
        await tenant.send(referral("23"))
    [first] = await front.statuses("23")
    [second] = await other.statuses("23")
    assert first["request_id"] != second["request_id"]
    await front.shown(f"/v1/requests/{first['request_id']}")
    assert (await other.get(f"/v1/requests/{first['request_id']}")).status_code == 404


async def test_over_http_the_answer_is_the_same_and_so_is_the_request(front: Front) -> None:
    first = await front.post("/v1/referrals", referral("24"))
    assert (first.status_code, first.json()["status"]) == (200, "posted")
    await front.send(referral("24"))
    told = await front.told("24", at_least=2)
    assert {record.key for record in told} == {first.json()["request_id"]}
    declined = await front.post("/v1/referrals", referral("25", gates={"acute_over": False}))
    assert (declined.json()["status"], declined.json()["rule"]) == ("declined", "gate_not_confirmed")


async def test_the_same_referral_at_the_same_moment_is_one_request_of_one_person(front: Front) -> None:
    answers = await asyncio.gather(*(front.post("/v1/referrals", referral("26")) for _ in range(16)))
    assert {answer.text for answer in answers} == {answers[0].text}
    request = await front.shown(f"/v1/requests/{answers[0].json()['request_id']}")
    ours = {"$in": [f"{front.tenant}/request/{request['request_id']}", f"{front.tenant}/person/{request['person_id']}"]}
    commits = await front.service.application.database["commits"].find({"s": ours}).sort({"s": 1, "v": 1}).to_list()
    assert [commit["t"] for commit in commits] == [
        ["intake.person-registered/1"],
        ["intake.contact-given/1"],
        ["intake.referral-received/1", "intake.request-posted/1"],
    ]


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (referral("bad", diagnosis="x"), "diagnosis", "unknown_field"),
        (referral("bad", agreed_with_person=False), "agreed_with_person", "malformed_field"),
        (referral("bad", programme="nowhere"), "programme", "programme_unknown"),
        (referral("bad", person_phone="+47000000000"), "person.phone", "phone_invalid"),
        (referral("bad", gates={}), "gates", "gate_unanswered"),
    ],
)
async def test_over_http_a_malformed_referral_is_refused_and_leaves_no_trace(
    front: Front, body: dict[str, Any], field: str, rule: str
) -> None:
    answer = await front.post("/v1/referrals", body)
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


@pytest.mark.requirement("S2.18")
async def test_a_referral_for_support_the_programme_does_not_give_tells_the_sender_which_field(front: Front) -> None:
    await front.adopt("resource-friends", {"support_forms": ["talk", "norwegian", "guide", "friend"]})
    wanted = {"programme": "resource-friends", "gates": {}}
    several = await front.post(
        "/v1/referrals", referral("forms-1", **wanted, wishes={"support_forms": ["talk", "guide"]})
    )
    assert several.json()["status"] == "posted"
    therapy = await front.post("/v1/referrals", referral("forms-2", **wanted, wishes={"support_forms": ["therapy"]}))
    assert (therapy.status_code, therapy.json()["rule"], therapy.json()["field"]) == (
        422,
        "support_form_unknown",
        "wishes.support_forms",
    )
