"""Bad input for every command of finding: malformed names the field, not now names the rule, absent is absent."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.matching.app import build
from tests.services.matching_place import Oslo
from tests.support.service import Place, running_service

NAIVE, WORDS = "2026-03-01T12:00:00", "tomorrow"
Body = dict[str, Any]


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt()
        yield told


MALFORMED: list[tuple[str, Body, str]] = [
    ("/searches/r1/proposals", {}, "helper_id"),
    ("/searches/r1/proposals", {"helper_id": "v" * 129}, "helper_id"),
    ("/searches/r1/proposals", {"helper_id": None}, "helper_id"),
    ("/searches/r1/proposals", {"helper_id": "v", "lived_experience": True}, "lived_experience"),
    ("/searches/r1/proposals/x/meeting", {}, "meets_at"),
    ("/searches/r1/proposals/x/meeting", {"meets_at": NAIVE}, "meets_at"),
    ("/searches/r1/proposals/x/meeting", {"meets_at": WORDS}, "meets_at"),
    ("/searches/r1/proposals/x/meeting", {"meets_at": f"{NAIVE}Z", "where": "at hers"}, "where"),
    ("/searches/r1/proposals/x/answers", {}, "answer"),
    ("/searches/r1/proposals/x/answers", {"answer": "YES"}, "answer"),
    ("/searches/r1/proposals/x/answers", {"answer": "no", "reason": "his past"}, "reason"),
]


@pytest.mark.requirement("S2.15", "S3.31")
async def test_what_is_malformed_is_refused_with_its_field_and_leaves_no_trace(oslo: Oslo) -> None:
    proposal_id = await oslo.met()
    before = await oslo.until(
        "/searches/r1",
        lambda found: [one["meeting"] and one["meeting"]["state"] for one in found["proposals"]] == ["held"],
    )
    for path, body, field in MALFORMED:
        person = "p" if path.endswith("answers") else None
        answer = await oslo.ask(path.replace("/x/", f"/{proposal_id}/"), body, person=person)
        assert (path, body, answer.status_code, answer.json()["field"]) == (path, body, 422, field)
        assert "his past" not in answer.text
    assert (await oslo.get("/searches/r1")).json() == before


async def test_what_is_not_there_is_absent_for_every_command(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    soon = {"meets_at": (oslo.service.application.runtime.clock.now() + timedelta(days=1)).isoformat()}
    asked: list[tuple[str, Body | None, str | None, str]] = [
        ("/searches/nobodys/proposals", {"helper_id": "v"}, None, "search_not_found"),
        ("/searches/r1/proposals", {"helper_id": "nobody"}, None, "helper_not_found"),
        *(
            (f"/searches/{request_id}/proposals/x/{step}", soon if step == "meeting" else None, None, rule)
            for request_id, rule in (("nobodys", "search_not_found"), ("r1", "proposal_not_found"))
            for step in ("meeting", "meeting/held", "meeting/missed")
        ),
        *(
            (f"/searches/{request_id}/proposals/x/answers", {"answer": word}, "p", "proposal_not_found")
            for request_id in ("nobodys", "r1")
            for word in ("yes", "no")
        ),
    ]
    for path, body, person, rule in asked:
        answer = await oslo.ask(path, body, person=person)
        assert (path, answer.status_code, answer.json()["rule"]) == (path, 404, rule)


@pytest.mark.requirement("S2.28")
async def test_what_cannot_be_now_names_its_rule(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.approve("w")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v", "w")
    proposal_id, now = await oslo.proposed("r1", "v"), oslo.service.application.runtime.clock.now()
    path = f"/searches/r1/proposals/{proposal_id}/meeting"
    asked: list[tuple[str, Body | None, str]] = [
        ("/searches/r1/proposals", {"helper_id": "w"}, "already_proposed"),
        ("/searches/r1/proposals", {"helper_id": "p"}, "helper_not_found"),
        (f"{path}/held", None, "no_meeting_arranged"),
        (f"{path}/missed", None, "no_meeting_arranged"),
        (path, {"meets_at": (now - timedelta(minutes=1)).isoformat()}, "meeting_in_the_past"),
        (path, {"meets_at": (now + timedelta(days=43)).isoformat()}, "meeting_too_late"),
    ]
    for where, body, rule in asked:
        answer = await oslo.ask(where, body)
        assert (where, answer.status_code, answer.json()["rule"]) == (
            where,
            404 if rule == "helper_not_found" else 409,
            rule,
        )
    await oslo.meet("r1", proposal_id)
    again = await oslo.arrange("r1", proposal_id)
    assert (again.status_code, again.json()["rule"]) == (409, "already_met")


async def test_a_scope_is_needed_for_each_side(oslo: Oslo) -> None:
    proposal_id = await oslo.met()
    as_person = await oslo.ask("/searches/r1/proposals", {"helper_id": "v"}, person="p")
    as_coordinator = await oslo.ask(f"/searches/r1/proposals/{proposal_id}/answers", {"answer": "yes"})
    assert (as_person.status_code, as_coordinator.status_code) == (403, 403)
    assert (await oslo.get("/searches/r1/candidates", person="p")).status_code == 403
