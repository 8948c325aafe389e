"""Matching over HTTP and topics, on the real engines: from a posted request to a match, and every way out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.command_handler import Context
from contracts.envelope import StreamId
from contracts.intake import (
    LanguageSkill,
    RequestParked,
    RequestResumed,
    RequestWithdrawn,
    Wishes,
)
from services.matching.app import build
from services.matching.domain.approval import PolicyNow
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import ReserveSlot
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

NOW = datetime(2026, 3, 1, tzinfo=UTC)

EVENTS_OF_A_MATCH = (
    "search-opened",
    "helper-listed",
    "slot-reserved",
    "helper-proposed",
    "meeting-arranged",
    "meeting-held",
    "yes-said",
    "both-agreed",
    "slot-confirmed",
    "search-settled",
    "match-made",
    "match-counted",
)


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """A programme with a policy."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt()
        yield told


@pytest.mark.requirement("S2.1", "S2.4", "S2.12", "S2.16", "S2.28", "S2.30", "S4.18")
async def test_a_request_becomes_a_match(oslo: Oslo) -> None:
    await oslo.post("r1", wishes=Wishes(languages=(LanguageSkill(code="so", level="b1"),)))
    await oslo.approve("v", languages=(LanguageSkill(code="so"),))
    await oslo.approve("w")
    await oslo.waiting("r1")
    listed = await oslo.candidates("r1", "v", "w")
    assert [(one["helper_id"], one["reasons"]) for one in listed] == [
        ("v", [{"code": "languages", "points": 3.0}]),
        ("w", []),
    ]

    proposal_id = await oslo.proposed("r1", "v")
    early = await oslo.say("r1", proposal_id, "yes", person="p")
    assert (early.status_code, early.json()["rule"]) == (409, "not_met_yet")
    await oslo.meet("r1", proposal_id)
    assert (await oslo.say("r1", proposal_id, "yes", person="p")).json()["state"] == "open"
    assert (await oslo.say("r1", proposal_id, "yes", person="v")).json()["state"] == "agreed"

    [match] = (await oslo.until("/matches", lambda found: found["items"] and found["items"][0]["number"]))["items"]
    assert (match["requester_id"], match["helper_id"], match["number"], match["milestone"]) == ("p", "v", 1, True)
    assert match["needed_since"] == "2026-01-01"
    starts_on = datetime.fromisoformat(match["starts_on"])
    assert match["ends_on"] == starts_on.replace(year=starts_on.year + 1).date().isoformat()
    tally = (await oslo.get(f"/tallies/{PROGRAMME}")).json()
    assert tally == {
        "programme": PROGRAMME,
        "number": 1,
        "milestones": [{"number": 1, "match_id": match["match_id"]}],
    }
    settled = await oslo.until("/searches/r1", lambda found: found["status"] == "settled")
    assert settled["match_id"] == match["match_id"]
    held = (await oslo.get("/me/everything", person="p")).json()
    assert [one["why"] for one in held["proposals"]] == [
        [
            "A coordinator picked; the software only put people in an order",
            "You share a language that was wished for",
        ]
    ]
    assert [(one["request_id"], one["in_plain_words"]) for one in held["searches"]] == [("r1", "You both said yes")]
    assert (await oslo.get("/me/everything", person="w")).json()["proposals"] == []

    published = await oslo.service.place.read("matching.events", at_least=14)
    assert Counter(record.headers["ce_type"] for record in published) == {
        f"matching.{name}": 2 if name in ("helper-listed", "yes-said") else 1 for name in EVENTS_OF_A_MATCH
    }


@pytest.mark.requirement("S2.27")
async def test_of_64_picks_at_once_for_one_free_slot_exactly_one_wins(oslo: Oslo) -> None:
    requests = [f"r{number}" for number in range(64)]
    await asyncio.gather(*(oslo.post(request_id, person_id=f"p-{request_id}") for request_id in requests))
    await oslo.approve("v")
    await asyncio.gather(*(oslo.waiting(request_id) for request_id in requests))
    await oslo.candidates("r0", "v")

    answers = await asyncio.gather(*(oslo.pick(request_id, "v") for request_id in requests))

    rules = Counter(answer.json().get("rule", answer.status_code) for answer in answers)
    assert rules == {201: 1, "no_free_slot": 63}
    assert await oslo.until("/searches/r0/candidates/v", lambda found: "no_free_slot" in found["why_not"])


@pytest.mark.requirement("S2.28", "S2.31")
async def test_a_no_is_neutral_frees_the_slot_and_keeps_the_waiting_date(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    before = await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    proposal_id = await oslo.proposed("r1", "v")
    await oslo.meet("r1", proposal_id)
    await oslo.say("r1", proposal_id, "yes", person="p")
    unanswered = await oslo.until("/own-proposals", lambda found: found["items"], person="v")
    assert [(one["state"], one["you_are"], one["your_answer"]) for one in unanswered["items"]] == [
        ("open", "helper", None)
    ]
    assert (await oslo.say("r1", proposal_id, "no", person="v")).json()["state"] == "over"

    mine, theirs = [
        (await oslo.until("/own-proposals", lambda found: found["items"][0]["state"] == "over", person=person))["items"]
        for person in ("p", "v")
    ]
    assert (mine[0]["your_answer"], theirs[0]["your_answer"]) == ("yes", "no")
    assert set(mine[0]) == set(theirs[0])
    after = await oslo.until("/searches/r1", lambda found: found["proposal_id"] is None)
    assert (after["status"], after["needed_since"]) == ("open", before["needed_since"])
    await oslo.until("/searches/r1/candidates/v", lambda found: found["why_not"] == ["proposed_before"])
    too_late = await oslo.say("r1", proposal_id, "yes", person="v")
    assert (too_late.status_code, too_late.json()["rule"]) == (409, "proposal_over")


@pytest.mark.requirement("S2.8", "S2.31")
async def test_parking_drops_the_proposal_and_coming_back_keeps_the_place_in_the_queue(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    before = await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    await oslo.proposed("r1", "v")
    request = StreamId("oslo", "request", "r1")
    await oslo.hear(request, RequestParked(request_id="r1", programme=PROGRAMME, parked_at=NOW), first=2)

    parked = await oslo.until("/searches/r1", lambda found: found["status"] == "parked")
    assert parked["proposal_id"] is None
    refused = await oslo.pick("r1", "v")
    assert refused.status_code == 409
    await oslo.hear(request, RequestResumed(request_id="r1", programme=PROGRAMME, resumed_at=NOW), first=3)
    again = await oslo.waiting("r1")
    assert again["needed_since"] == before["needed_since"]

    async def picked() -> bool:
        return (await oslo.pick("r1", "v")).status_code == 201

    assert await eventually(picked)


@pytest.mark.requirement("S2.8")
async def test_a_withdrawal_after_the_match_ends_it_and_frees_the_helper(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.post("r2", person_id="q")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    proposal_id = await oslo.proposed("r1", "v")
    await oslo.meet("r1", proposal_id)
    for person in ("p", "v"):
        await oslo.say("r1", proposal_id, "yes", person=person)
    await oslo.until("/matches", lambda found: found["items"])
    withdrawn = RequestWithdrawn(request_id="r1", programme=PROGRAMME, withdrawn_at=NOW)
    await oslo.hear(StreamId("oslo", "request", "r1"), withdrawn, first=2)

    [match] = (await oslo.until("/matches?state=ended", lambda found: found["items"]))["items"]
    assert match["ended"]["reason"] == "withdrawn"
    await oslo.candidates("r2", "v")
    assert (await oslo.pick("r2", "v")).status_code == 201


@pytest.mark.requirement("S2.16", "S2.31")
async def test_deadlines_end_what_nobody_ended(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.post("r2", person_id="q")
    await oslo.approve("v")
    await oslo.approve("w")
    await oslo.waiting("r2")
    await oslo.candidates("r1", "v", "w")
    matched, silent = await oslo.proposed("r1", "v"), await oslo.proposed("r2", "w")
    await oslo.meet("r1", matched)
    for person in ("p", "v"):
        await oslo.say("r1", matched, "yes", person=person)
    await oslo.until("/matches", lambda found: found["items"])

    oslo.service.place.move_clock(timedelta(days=43))
    dropped = await oslo.until("/searches/r2", lambda found: found["proposals"][0]["state"] == "dropped")
    assert [(one["proposal_id"], one["dropped_for"]) for one in dropped["proposals"]] == [(silent, "silence")]
    oslo.service.place.move_clock(timedelta(days=370))
    [match] = (await oslo.until("/matches?state=ended", lambda found: found["items"]))["items"]
    assert match["ended"] == {"reason": "length", "closing_talk": False, "ended_on": match["ends_on"]}


@pytest.mark.requirement("S2.17")
async def test_a_coordinator_ends_a_match_once(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    proposal_id = await oslo.proposed("r1", "v")
    await oslo.meet("r1", proposal_id)
    for person in ("p", "v"):
        await oslo.say("r1", proposal_id, "yes", person=person)
    [match] = (await oslo.until("/matches", lambda found: found["items"]))["items"]
    path, body = f"/matches/{match['match_id']}/end", {"reason": "both", "closing_talk": True}

    first, second = await oslo.ask(path, body), await oslo.ask(path, body)

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    ended = await oslo.until(f"/matches/{match['match_id']}", lambda found: found["state"] == "ended")
    assert (ended["ended"]["reason"], ended["ended"]["closing_talk"]) == ("both", True)


async def test_a_pick_repeated_under_its_key_is_one_proposal(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")

    first, second = [await oslo.pick("r1", "v", key="pick-1") for _ in range(2)]

    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, first.json())
    made = first.headers["Location"].removeprefix("/v1")
    assert (await oslo.until(made, lambda found: found["state"] == "live"))["helper_id"] == "v"
    assert (await oslo.get(made.replace("r1", "r2"))).status_code == 404
    another = await oslo.pick("r1", "v", key="pick-2")
    assert (another.status_code, another.json()["rule"]) == (409, "no_free_slot")


@pytest.mark.requirement("S2.28")
async def test_a_pick_that_stopped_between_slot_and_proposal_is_carried_on(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    runtime = oslo.service.application.runtime
    now = runtime.clock.now()
    reserve = ReserveSlot(
        programme=PROGRAMME,
        proposal_id="proposal-1",
        request_id="r1",
        requester_id="p",
        proposed_by="coordinator",
        score=1.0,
        reasons=(),
        needs_meeting=True,
        until=now + timedelta(days=42),
        now=now,
        policy=PolicyNow(1, now.date(), now),
    )
    context = Context("pick-1", actor="coordinator", correlation_id="correlation-1")
    await runtime.commands.handle(helper, StreamId("oslo", "helper", "v"), reserve, context=context)

    carried_on = await oslo.until("/searches/r1", lambda found: found["proposal_id"])

    assert carried_on["proposal_id"] == "proposal-1"


@pytest.mark.requirement("S2.8", "S2.28")
async def test_answers_that_cross_end_alike_in_every_race(oslo: Oslo) -> None:
    names = [f"{number:02}" for number in range(12)]
    await asyncio.gather(*(oslo.post(f"r{name}", person_id=f"p{name}") for name in names))
    await asyncio.gather(*(oslo.approve(f"v{name}") for name in names))
    await asyncio.gather(*(oslo.waiting(f"r{name}") for name in names))
    await oslo.candidates("r00", *(f"v{name}" for name in names))

    async def race(name: str) -> None:
        request_id, proposal_id = f"r{name}", await oslo.proposed(f"r{name}", f"v{name}")
        await oslo.meet(request_id, proposal_id)
        withdrawn = RequestWithdrawn(request_id=request_id, programme=PROGRAMME, withdrawn_at=NOW)
        await asyncio.gather(
            oslo.say(request_id, proposal_id, "yes", person=f"p{name}"),
            oslo.say(request_id, proposal_id, "yes", person=f"v{name}"),
            oslo.say(request_id, proposal_id, "no", person=f"v{name}"),
            oslo.hear(StreamId("oslo", "request", request_id), withdrawn, first=2),
        )

    await asyncio.gather(*(race(name) for name in names))

    await oslo.until("/searches?status=withdrawn", lambda found: len(found["items"]) == len(names))
    await oslo.post("free", person_id="q")
    await oslo.waiting("free")
    await oslo.candidates("free", *(f"v{name}" for name in names))
    assert (await oslo.get("/matches?state=live")).json()["items"] == []


async def test_a_second_proposal_for_one_search_is_refused_and_leaves_no_slot_behind(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.post("r2", person_id="q")
    await oslo.approve("v")
    await oslo.approve("w")
    await oslo.waiting("r1")
    await oslo.candidates("r2", "v", "w")
    await oslo.proposed("r1", "v")

    refused = await oslo.pick("r1", "w")

    assert (refused.status_code, refused.json()["rule"]) == (409, "already_proposed")
    await oslo.candidates("r2", "w")
    assert (await oslo.pick("r2", "w")).status_code == 201


@pytest.mark.requirement("S2.28")
async def test_only_the_two_may_answer_and_everybody_else_finds_nothing(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    proposal_id = await oslo.proposed("r1", "v")
    strangers = Oslo(oslo.service, tenant="kolding")

    answers = [
        await oslo.say("r1", proposal_id, "no", person="x"),
        await oslo.say("r1", "no-such-proposal", "no", person="p"),
        await oslo.say("no-such-search", proposal_id, "no", person="p"),
        await strangers.say("r1", proposal_id, "no", person="p"),
    ]

    assert {(answer.status_code, answer.json()["rule"]) for answer in answers} == {(404, "proposal_not_found")}
    assert (await oslo.get("/own-proposals", person="x")).json()["items"] == []
    assert (await oslo.ask(f"/searches/r1/proposals/{proposal_id}/meeting/held", person="p")).status_code == 403


async def test_what_belongs_to_another_tenant_is_absent(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    proposal_id = await oslo.proposed("r1", "v")
    kolding = Oslo(oslo.service, tenant="kolding")

    assert (await kolding.get("/searches")).json()["items"] == []
    assert (await kolding.get("/matches")).json()["items"] == []
    paths = ["/searches/r1", "/searches/r1/candidates", "/searches/r1/candidates/v", "/matches/m1"]
    assert [(await kolding.get(path)).status_code for path in paths] == [404] * 4
    assert (await kolding.pick("r1", "v")).status_code == 404
    assert (await kolding.ask(f"/searches/r1/proposals/{proposal_id}/meeting/held")).status_code == 404
    assert (await kolding.get("/own-proposals", person="p")).json()["items"] == []


@pytest.mark.requirement("S3.31")
async def test_what_is_malformed_is_refused_with_the_field_named(oslo: Oslo) -> None:
    path = "/searches/r1/proposals"
    bodies: list[dict[str, Any]] = [{}, {"helper_id": 7}, {"helper_id": "v", "diagnosis": "x"}, {"helper_id": "../v"}]
    answers = [await oslo.ask(path, body) for body in bodies]
    assert [(one.status_code, one.json()["field"]) for one in answers] == [
        (422, "helper_id"),
        (422, "helper_id"),
        (422, "diagnosis"),
        (422, "helper_id"),
    ]
    answer = await oslo.ask("/searches/r1/proposals/x/answers", {"answer": "perhaps"}, person="p")
    assert (answer.status_code, answer.json()["field"]) == (422, "answer")


async def test_the_work_list_comes_in_pages_the_longest_waiting_first(oslo: Oslo) -> None:
    for number in range(5):
        await oslo.post(f"r{number}", person_id=f"p{number}")
    await oslo.until("/searches", lambda found: len(found["items"]) == 5)

    first = (await oslo.get("/searches?limit=3")).json()
    second = (await oslo.get(f"/searches?limit=3&cursor={first['next']}")).json()

    assert [one["request_id"] for one in [*first["items"], *second["items"]]] == [f"r{n}" for n in range(5)]
    assert second["next"] is None
