"""What the two and their coordinator do in a match, over HTTP on the real engines, and what nobody else learns."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.matching.app import build
from tests.services.match_pair import BEGIN, HELPER, REQUESTER, Two, adopt, it_is, matched
from tests.services.matching_place import Oslo
from tests.support.service import Place, running_service

PLANTED = "Oppdiktet gate 17, oppgang B"
COMPANY = {"when": "2027-02-20T12:00:00+01:00", "where": PLANTED}


@pytest.fixture
async def two(place: Place) -> AsyncIterator[Two]:
    """Matched on 1 February 2027."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        oslo = Oslo(matching)
        it_is(oslo, BEGIN)
        await adopt(oslo)
        yield await matched(oslo)


@pytest.mark.requirement("S2.18", "S2.20")
async def test_support_is_amended_within_what_the_programme_offers(two: Two) -> None:
    for person in (REQUESTER, HELPER, None):
        assert (await two.ask("support", {"support_forms": ["guide", "talk"]}, person=person)).status_code == 200
    own = await two.own(HELPER, lambda found: found["support_forms"])
    assert own["support_forms"] == ["talk", "guide"]
    refused = await two.ask("support", {"support_forms": ["money"]}, person=REQUESTER)
    assert (refused.status_code, refused.json()["field"]) == (422, "support_forms")
    assert (await two.told(at_least=12))["support-amended"] == 1


@pytest.mark.requirement("S2.19")
async def test_company_is_known_to_the_two_and_their_coordinator_and_lies_in_clear_nowhere(two: Two) -> None:
    agreed = await two.ask("accompaniments", COMPANY, person=REQUESTER, key="company-1")
    assert agreed.status_code == 201
    again = await two.ask("accompaniments", COMPANY, person=REQUESTER, key="company-1")
    assert again.json() == agreed.json()

    [shown] = (await two.seen(lambda found: found["accompaniments"]))["accompaniments"]
    assert (shown["accompaniment_id"], shown["where"]) == (agreed.json()["id"], PLANTED)
    for person in (REQUESTER, HELPER):
        own = await two.own(person, lambda found: found["accompaniments"])
        assert own["accompaniments"] == [shown]
    service = two.oslo.service
    readers = service.bearer("oslo", "matching:read", subject="somebody-who-reads")
    read = await service.client.get(f"/v1{two.path}", headers=readers)
    assert (read.status_code, read.json()["accompaniments"]) == (200, [])

    records = await service.place.read("matching.events", at_least=12)
    assert all(b"Oppdiktet" not in record.body for record in records)
    database = service.application.database
    for name in await database.list_collection_names():
        async for document in database[name].find():
            assert "Oppdiktet" not in str(document), name


@pytest.mark.requirement("S2.15", "S2.32")
async def test_a_check_in_tells_how_it_was_and_takes_no_words_about_the_other(two: Two) -> None:
    for field in ("note", "text", "about", "diagnosis"):
        noted = await two.check_in(**{field: "She told me that ..."})
        assert (noted.status_code, noted.json()["field"]) == (422, field)

    told = {"benefits": ["support", "pleasant"], "wants_talk": True, "well": False}
    given = await two.check_in(person=HELPER, **told)
    assert given.status_code == 201
    found = await two.needing("unwell", "wants-talk")
    assert found["check_ins"] == [
        {
            "check_in_id": given.json()["id"],
            "given_by": "helper",
            "form": "met",
            "well": False,
            "wants_talk": True,
            "benefits": ["support", "pleasant"],
            "happened_on": "2027-02-01",
        }
    ]
    assert [one["match_id"] for one in (await two.oslo.get("/matches?needs=any")).json()["items"]] == [two.match_id]
    assert (await two.oslo.get("/matches?needs=suspended")).json()["items"] == []
    theirs = await two.own(REQUESTER, lambda found: True)
    assert not {"check_ins", "needs"} & set(theirs)
    assert (await two.ask("reviews", {"goes_on": True})).status_code == 201
    assert (await two.needing())["reviews"] == [{"reviewed_on": "2027-02-01", "goes_on": True}]


@pytest.mark.requirement("S2.15")
async def test_a_coordinator_gives_a_check_in_for_one_of_the_two_and_these_only_for_themselves(two: Two) -> None:
    body = {"form": "call", "well": True}
    assert (await two.ask("check-ins", body | {"given_by": "requester"})).status_code == 201
    unsaid = await two.ask("check-ins", body)
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "given_by")
    other = await two.check_in(person=HELPER, given_by="requester")
    assert (other.status_code, other.json()["field"]) == (422, "given_by")
    [kept] = (await two.seen(lambda found: found["check_ins"]))["check_ins"]
    assert kept["given_by"] == "requester"


async def test_a_check_in_repeated_under_its_key_is_one(two: Two) -> None:
    body = {"form": "out", "well": True}
    answers = [await two.ask("check-ins", body, person=HELPER, key="check-in-1") for _ in range(3)]
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    await two.ask("support", {"support_forms": ["talk"]})
    found = await two.seen(lambda found: found["support_forms"])
    assert len(found["check_ins"]) == 1


@pytest.mark.requirement("S4.13")
async def test_a_lone_visit_that_is_not_over_in_time_tells_a_coordinator_once(two: Two) -> None:
    until = BEGIN + timedelta(hours=2)
    began = await two.ask("visits", {"until": until.isoformat()}, person=HELPER)
    assert began.status_code == 201
    visit_id = began.json()["id"]
    second = await two.ask("visits", {"until": until.isoformat()}, person=HELPER)
    assert (second.status_code, second.json()["rule"]) == (409, "visit_under_way")
    own = await two.own(HELPER, lambda found: found["visit"])
    assert (own["visit"]["visit_id"], own["visit"]["is_overdue"]) == (visit_id, False)
    assert (await two.own(REQUESTER, lambda found: True))["visit"] is None

    it_is(two.oslo, until)
    await two.needing("visit-overdue")
    assert (await two.ask(f"visits/{visit_id}/end", person=HELPER)).status_code == 200
    assert (await two.needing())["visit"] is None
    it_is(two.oslo, until + timedelta(hours=1))
    again = await two.ask("visits", {"until": (until + timedelta(hours=20)).isoformat()}, person=HELPER)
    assert (await two.ask(f"visits/{again.json()['id']}/end")).status_code == 200
    await two.seen(lambda found: found["visit"] is None)
    told = await two.told(at_least=16)
    assert (told["lone-visit-overdue"], told["lone-visit-began"], told["lone-visit-ended"]) == (1, 2, 2)


@pytest.mark.requirement("S4.13")
async def test_a_lone_visit_is_watched_though_the_match_ends_meanwhile(two: Two) -> None:
    until = BEGIN + timedelta(hours=2)
    await two.ask("visits", {"until": until.isoformat()}, person=HELPER)
    assert (await two.ask("end", {"closing_talk": False}, person=REQUESTER)).status_code == 200
    it_is(two.oslo, until)
    over = await two.needing("visit-overdue")
    assert (over["state"], over["ended"]["reason"]) == ("ended", "requester")


@pytest.mark.requirement("S2.8", "S2.17")
async def test_each_of_the_two_ends_it_for_themselves(two: Two) -> None:
    for reason in ("helper", "both", "block", "length"):
        refused = await two.ask("end", {"reason": reason, "closing_talk": True}, person=REQUESTER)
        assert (refused.status_code, refused.json()["field"]) == (422, "reason")
    unsaid = await two.ask("end", {"closing_talk": True})
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "reason")
    assert (await two.ask("end", {"closing_talk": True}, person=REQUESTER)).status_code == 200
    own = await two.own(HELPER, lambda found: found["state"] == "ended")
    assert own["ended_on"] == "2027-02-01"
    assert "reason" not in own
    after: list[tuple[str, dict[str, Any] | None]] = [
        ("check-ins", {"form": "met", "well": True}),
        ("accompaniments", COMPANY),
        ("support", {"support_forms": ["talk"]}),
        ("visits", {"until": (BEGIN + timedelta(hours=2)).isoformat()}),
        ("pause", None),
        ("resumption", None),
        ("extension", None),
    ]
    answers = [await two.ask(step, body, person=HELPER) for step, body in after]
    assert {(answer.status_code, answer.json()["rule"]) for answer in answers} == {(409, "match_over")}
    review = await two.ask("reviews", {"goes_on": True})
    assert (review.status_code, review.json()["rule"]) == (409, "match_over")


@pytest.mark.requirement("S2.15", "S4.13")
async def test_what_is_malformed_is_refused_with_the_field_and_leaves_no_trace(two: Two) -> None:
    soon = (BEGIN + timedelta(hours=2)).isoformat()
    faults: list[tuple[str, dict[str, Any], str]] = [
        ("check-ins", {"well": True}, "form"),
        ("check-ins", {"form": "quarrel", "well": True}, "form"),
        ("check-ins", {"form": "met", "well": "yes"}, "well"),
        ("check-ins", {"form": "met", "well": True, "benefits": ["money"]}, "benefits.0"),
        ("check-ins", {"form": "met", "well": True, "happened_on": "2027-02-02"}, "happened_on"),
        ("check-ins", {"form": "met", "well": True, "happened_on": "2027-01-31"}, "happened_on"),
        ("support", {"support_forms": "talk"}, "support_forms"),
        ("support", {"support_forms": ["talk"], "why": "x"}, "why"),
        ("accompaniments", {"when": "tomorrow", "where": "x"}, "when"),
        ("accompaniments", {"when": "2027-01-20T12:00:00+01:00", "where": "x"}, "when"),
        ("accompaniments", {"when": COMPANY["when"], "where": " "}, "where"),
        ("visits", {"until": "2027-02-01T12:00:00"}, "until"),
        ("visits", {"until": (BEGIN + timedelta(hours=25)).isoformat()}, "until"),
        ("visits", {"until": BEGIN.isoformat()}, "until"),
        ("visits", {"until": soon, "address": "x"}, "address"),
        ("end", {"closing_talk": 1}, "closing_talk"),
        ("end", {"closing_talk": True, "why": "x"}, "why"),
    ]
    for step, body, field in faults:
        answer = await two.ask(step, body, person=HELPER)
        assert (answer.status_code, answer.json()["field"]) == (422, field), (step, body)
    review = await two.ask("reviews", {"goes_on": "yes"})
    assert (review.status_code, review.json()["field"]) == (422, "goes_on")
    assert [(await two.oslo.get(f"/matches?{query}")).status_code for query in ("state=gone", "ends_by=soon")] == [
        422,
        422,
    ]
    found = await two.seen(lambda found: True)
    assert (found["check_ins"], found["accompaniments"], found["visit"]) == ([], [], None)


async def test_a_match_is_absent_for_everybody_it_does_not_concern(two: Two) -> None:
    soon = {"until": datetime(2027, 2, 1, 12, tzinfo=UTC).isoformat()}
    steps: list[tuple[str, dict[str, Any] | None]] = [
        ("check-ins", {"form": "met", "well": True}),
        ("accompaniments", COMPANY),
        ("support", {"support_forms": ["talk"]}),
        ("visits", soon),
        ("visits/some-visit/end", None),
        ("pause", None),
        ("resumption", None),
        ("extension", None),
        ("end", {"closing_talk": True}),
    ]
    kolding = Two(Oslo(two.oslo.service, tenant="kolding"), two.match_id)
    nowhere = Two(two.oslo, "no-such-match")
    for step, body in steps:
        answers = [await who.ask(step, body, person="x") for who in (two, nowhere)]
        answers.append(await kolding.ask(step, body, person=HELPER))
        assert {(answer.status_code, answer.json()["rule"]) for answer in answers} == {(404, "match_not_found")}, step
    assert (await two.ask("visits", soon, person=REQUESTER)).status_code == 404
    assert (await two.ask("visits", soon)).status_code == 403
    assert (await two.ask("reviews", {"goes_on": True}, person=HELPER)).status_code == 403
    assert (await two.oslo.get(f"/own-matches/{two.match_id}", person="x")).status_code == 404
    assert (await two.oslo.get("/own-matches", person="x")).json()["items"] == []
    assert (await kolding.oslo.get("/matches")).json()["items"] == []
    assert (await kolding.oslo.get(two.path)).status_code == 404
    assert (await two.oslo.get(two.path, person=HELPER)).status_code == 403
    [mine] = (await two.oslo.get("/own-matches", person=HELPER)).json()["items"]
    assert (mine["match_id"], mine["you_are"], mine["with_person"]) == (two.match_id, "helper", REQUESTER)
