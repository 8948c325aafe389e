"""Tenders over HTTP and topics, on the real engines: from the board to a task that is done, and every way out."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from contracts.envelope import StreamId
from contracts.intake import ModeChosen, RequestWithdrawn, VolunteerSuspended
from services.matching.app import build
from tests.services.matching_bank import TEXT, Bank
from tests.services.matching_place import PROGRAMME
from tests.support.service import Place, running_service
from tests.support.wait import eventually

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def bank(place: Place) -> AsyncIterator[Bank]:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Bank(matching)
        await told.open_doors()
        yield told


@pytest.mark.requirement("S1.2", "S1.4", "S1.11", "S1.13", "S1.14", "S1.16")
async def test_a_task_goes_from_the_board_to_done_by_both(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b", "c")
    tender_id = await bank.tendered("r1")
    for person in ("b", "c"):
        [seen] = (await bank.until("/tenders", lambda found: found["items"], person=person))["items"]
        assert set(seen) == {"tender_id", "programme", "category", "text", "closes_on", "you_offered"}
        assert (seen["tender_id"], seen["text"], seen["you_offered"]) == (tender_id, TEXT, False)

    assert (await bank.offer(tender_id, "b")).status_code == 201
    assert (await bank.offer(tender_id, "c")).status_code == 201
    again = await bank.offer(tender_id, "c")
    assert (again.status_code, again.json()) == (201, {"tender_id": tender_id, "offered": True})
    assert "etag" not in again.headers
    assert (await bank.take_back(tender_id, "c")).json()["offered"] is False
    shown = await bank.until(
        "/searches/r1/tender", lambda found: [one["state"] for one in found["offers"]] == ["live", "taken-back"]
    )
    assert [(one["helper_id"], one["never_chosen"]) for one in shown["offers"]] == [("b", True), ("c", True)]
    [waiting] = (await bank.until("/tenders/to-choose", lambda found: found["items"]))["items"]
    assert (waiting["request_id"], waiting["live"]) == ("r1", 1)

    not_offered = await bank.choose("r1", "c")
    assert (not_offered.status_code, not_offered.json()["rule"]) == (409, "not_offered")
    first = await bank.choose("r1", "b", key="choice-1")
    repeated = await bank.choose("r1", "b", key="choice-1")
    assert (first.status_code, repeated.status_code, first.json()) == (201, 201, repeated.json())
    proposal_id = first.json()["id"]
    mine = await bank.own("b", "open")
    assert (mine["you_are"], mine["your_answer"], mine["needs_meeting"]) == ("helper", "yes", False)
    early = await bank.done("r1", proposal_id, person="b")
    assert (early.status_code, early.json()["rule"]) == (409, "not_agreed")

    assert (await bank.say("r1", proposal_id, "yes", person="a")).json()["state"] == "agreed"
    await bank.own("a", "in-touch")
    assert (await bank.done("r1", proposal_id, person="b")).json()["state"] == "in-touch"
    assert (await bank.get("/searches/r1")).json()["status"] == "settled"
    assert (await bank.done("r1", proposal_id, person="a")).json()["state"] == "done"
    await bank.until("/searches/r1", lambda found: found["status"] == "met")
    await bank.own("b", "done")
    assert (await bank.get("/matches")).json()["items"] == []
    asked, helped = [(await bank.get("/me/everything", person=one)).json() for one in ("a", "b")]
    assert ([one["state"] for one in helped["answered_tenders"]], asked["answered_tenders"]) == (["chosen"], [])

    published = await bank.service.place.read("matching.events", at_least=17)
    told = Counter(record.headers["ce_type"].removeprefix("matching.") for record in published)
    assert told["contact-agreed"] == told["task-completed"] == 1
    assert "helper-secured" not in told
    [contact] = [record for record in published if record.headers["ce_type"] == "matching.contact-agreed"]
    assert b'"requester_id":"a"' in contact.body
    assert b'"helper_id":"b"' in contact.body
    assert b'"c"' not in contact.body


@pytest.mark.requirement("S1.13", "S1.14", "S1.20")
async def test_a_tender_is_refused_with_the_rule(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.tendered("r1")
    for request_id, category in (
        ("visit", "visiting"),
        ("permit", "permits"),
        ("odd", "unheard-of"),
        ("new", "garden"),
    ):
        await bank.ask_for(request_id, category=category, person_id=f"asker-of-{request_id}")
    now = bank.service.application.runtime.clock.now()
    expected: list[tuple[str, dict[str, Any], str]] = [
        ("visit", {}, "needs_pairing"),
        ("permit", {}, "needs_authority"),
        ("odd", {}, "needs_category"),
        ("r1", {}, "tender_open"),
        ("new", {"closes_at": (now - timedelta(hours=1)).isoformat()}, "closes_in_the_past"),
        ("new", {"closes_at": (now + timedelta(days=61)).isoformat()}, "open_too_long"),
    ]
    for request_id, body, rule in expected:
        await bank.refused(partial(bank.open_tender, request_id, **body), rule)
    for text, kind in (
        ("Ring 22 33 44 55", "phone"),
        ("Skriv til kari@example.org", "email"),
        ("Opdigtervej 12", "address"),
        ("Spørg efter Ida", "name"),
        ("Cpr 010170-1234", "national-number"),
    ):
        refused = await bank.open_tender("new", text)
        assert (refused.status_code, refused.json()["rule"], refused.json()["case"]) == (409, "identifies", kind)
        assert not any(word in refused.text for word in text.split()[-1:])
    assert (await bank.get("/searches/new/tender")).status_code == 404
    assert (await bank.open_tender("nobody")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"closes_at": "soon"}, "closes_at"),
        ({"closes_at": "2026-03-01T12:00:00"}, "closes_at"),
        ({"audience": {"areas": [7]}}, "audience.areas.0"),
        ({"audience": {"diagnosis": "x"}}, "audience.diagnosis"),
        ({"diagnosis": "x"}, "diagnosis"),
    ],
)
async def test_a_malformed_tender_names_the_field(bank: Bank, body: dict[str, Any], field: str) -> None:
    refused = await bank.open_tender("r1", **body)
    assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, field)


@pytest.mark.requirement("S1.14")
async def test_who_may_not_see_a_tender_finds_none_in_the_same_words_and_time(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b", "held", "peaceful")
    await bank.keep_apart("a", "held")
    chosen = ModeChosen(person_id="peaceful", mode="fristed", chosen_at=NOW)
    await bank.hear(StreamId("oslo", "person", "peaceful"), chosen)
    tender_id = await bank.tendered("r1")
    path = f"/tenders/{tender_id}"
    assert (await bank.get(path, person="b")).status_code == 200

    async def hidden() -> bool:
        return {(await bank.get(path, person=one)).status_code for one in ("held", "peaceful")} == {404}

    assert await eventually(hidden)
    shapes = set()
    for person, asked in (("stranger", path), ("held", path), ("a", path), ("peaceful", path), ("b", "/tenders/none")):
        answers = [await bank.get(asked, person=person)]
        answers += [await bank.ask(f"{asked}/offers", person=person)]
        answers += [await bank.take_back(asked.removeprefix("/tenders/"), person)]
        for answer in answers:
            assert answer.status_code == 404
            shapes.add(str({key: value for key, value in answer.json().items() if key != "instance"}))
    assert len(shapes) == 1
    assert (await bank.get("/tenders", person="held")).json()["items"] == []
    other = bank.service.bearer("elsewhere", "matching:answer", person="b", subject="user-of-b")
    assert (await bank.service.client.get(f"/v1{path}", headers=other)).status_code == 404

    seconds: dict[str, list[float]] = {path: [], "/tenders/none": []}
    for _ in range(15):  # in turns, and of each the quickest: what else the machine does disturbs neither
        for asked, taken in seconds.items():
            began = time.perf_counter()
            await bank.get(asked, person="held")
            taken.append(time.perf_counter() - began)
    there, absent = (min(taken) for taken in seconds.values())
    assert max(there, absent) < 3 * min(there, absent) + 0.005


@pytest.mark.requirement("S1.13", "S1.14")
async def test_an_audience_is_members_who_live_there_or_offer_that(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("near", area="2840")
    await bank.join("far", area="9990")
    tender_id = await bank.tendered("r1", audience={"areas": ["2840"]})
    assert (await bank.get(f"/tenders/{tender_id}", person="near")).status_code == 200
    assert (await bank.get(f"/tenders/{tender_id}", person="far")).status_code == 404


async def test_a_pause_of_the_programme_takes_tenders_off_the_board(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b")
    tender_id = await bank.tendered("r1")
    await bank.pause()
    await bank.until("/tenders", lambda found: found["items"] == [], person="b")
    refused = await bank.offer(tender_id, "b")
    assert (refused.status_code, refused.json()["rule"]) == (409, "programme_paused")
    await bank.resume()
    await bank.until("/tenders", lambda found: len(found["items"]) == 1, person="b")


@pytest.mark.requirement("S1.21")
async def test_money_needs_two_people_before_contact(bank: Bank) -> None:
    await bank.ask_for("r1", category="shopping")
    await bank.join("b")
    tender_id = await bank.tendered("r1", text="Handle ind, en gang, 2 timer")
    await bank.offer(tender_id, "b")
    proposal_id = await bank.chosen("r1", "b")
    assert (await bank.say("r1", proposal_id, "yes", person="a")).json()["state"] == "agreed"

    async def open_safeguards() -> bool:
        rule: str = (await bank.done("r1", proposal_id, person="b")).json()["rule"]
        return rule == "safeguards_open"

    assert await eventually(open_safeguards)
    assert (await bank.confirm("r1", proposal_id, receipt="slip-7")).status_code == 201
    twice = await bank.confirm("r1", proposal_id)
    assert (twice.status_code, twice.json()["rule"]) == (409, "second_person_needed")
    by_helper = await bank.confirm("r1", proposal_id, by="b")
    assert (by_helper.status_code, by_helper.json()["rule"]) == (409, "helper_cannot_confirm")
    assert (await bank.confirm("r1", proposal_id, by="stranger")).status_code == 404
    keys = await bank.confirm("r1", proposal_id, safeguard="keys")
    assert (keys.status_code, keys.json()["rule"]) == (409, "safeguard_not_needed")
    assert (await bank.confirm("r1", proposal_id, safeguard="purse")).status_code == 422
    assert (await bank.confirm("r1", proposal_id, receipt="")).status_code == 422
    assert (await bank.get("/own-proposals", person="a")).json()["items"][0]["state"] == "agreed"

    assert (await bank.confirm("r1", proposal_id, by="a")).status_code == 201
    await bank.own("b", "in-touch")
    path = f"/searches/r1/proposals/{proposal_id}/safeguards"
    [money] = (await bank.until(path, lambda found: found["items"] and found["items"][0]["is_confirmed"]))["items"]
    assert [(look["confirmed_by"], look["receipt"]) for look in money["looks"]] == [
        ("coordinator", "slip-7"),
        ("a", None),
    ]
    assert b"slip-7" not in b"".join(
        record.body for record in await bank.service.place.read("matching.events", at_least=10)
    )


@pytest.mark.requirement("S1.21")
async def test_two_of_the_staff_may_look_before_the_yes(bank: Bank) -> None:
    await bank.ask_for("r1", category="shopping")
    await bank.join("b")
    await bank.offer(await bank.tendered("r1"), "b")
    proposal_id = await bank.chosen("r1", "b")
    for staff in ("coordinator", "colleague"):
        assert (await bank.confirm("r1", proposal_id, staff=staff)).status_code == 201
    await bank.say("r1", proposal_id, "yes", person="a")
    await bank.own("b", "in-touch")


@pytest.mark.requirement("S1.13", "S1.16")
async def test_a_no_leaves_the_others_to_choose_from_and_who_was_never_chosen_comes_first(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b", "c")
    tender_id = await bank.tendered("r1")
    for person in ("b", "c"):
        await bank.offer(tender_id, person)
    late = await bank.chosen("r1", "b")
    for person in ("b", "c"):
        refused = await bank.take_back(tender_id, person)
        assert refused.status_code == (409 if person == "b" else 200)
    await bank.join("d")
    closed = await bank.offer(tender_id, "d")
    assert (closed.status_code, closed.json()["rule"]) == (409, "tender_closed")
    await bank.say("r1", late, "no", person="a")
    await bank.until("/tenders", lambda found: found["items"], person="d")
    assert (await bank.offer(tender_id, "c")).status_code == 201
    proposal_id = await bank.chosen("r1", "c")
    await bank.say("r1", proposal_id, "yes", person="a")
    await bank.own("c", "in-touch")

    await bank.ask_for("r2", person_id="other")
    second = await bank.tendered("r2")
    for person in ("c", "b"):
        await bank.offer(second, person)
    shown = await bank.until(
        "/searches/r2/tender",
        lambda found: (
            [(one["helper_id"], one["never_chosen"]) for one in found["offers"]] == [("b", True), ("c", False)]
        ),
    )
    assert [one["why_not"] for one in shown["offers"]] == [[], []]


@pytest.mark.requirement("S1.13")
async def test_a_tender_closed_with_nobody_lapses_onto_the_list_and_opens_again(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b")
    first = await bank.tendered("r1")
    assert (await bank.ask("/searches/r1/tender/close")).status_code == 200
    [listed] = (await bank.until("/searches?tender=lapsed", lambda found: found["items"]))["items"]
    assert (listed["request_id"], listed["status"]) == ("r1", "open")
    assert (await bank.offer(first, "b")).json()["rule"] == "tender_closed"
    second = await bank.tendered("r1")
    assert second != first
    assert (await bank.offer(second, "b")).status_code == 201
    await bank.ask("/searches/r1/tender/close")
    [waiting] = (await bank.until("/tenders/to-choose", lambda found: found["items"]))["items"]
    assert waiting["tender_id"] == second
    assert (await bank.choose("r1", "b")).status_code == 201


@pytest.mark.requirement("S1.13")
async def test_a_tender_lapses_by_itself_at_its_closing(bank: Bank) -> None:
    await bank.ask_for("r1")
    soon = bank.service.application.runtime.clock.now() + timedelta(seconds=2)
    answer = await bank.open_tender("r1", closes_at=soon.isoformat())
    assert answer.status_code == 201
    [listed] = (await bank.until("/searches?tender=lapsed", lambda found: found["items"]))["items"]
    assert listed["request_id"] == "r1"


async def test_a_withdrawal_in_between_frees_the_place_and_closes_the_tender(bank: Bank) -> None:
    await bank.open_doors(version=2, capacity=1)
    await bank.ask_for("r1")
    await bank.join("b", version=2)
    proposal_id = await bank.in_touch("r1", "b")
    await bank.ask_for("r2", person_id="other")
    await bank.offer(await bank.tendered("r2"), "b")
    full = await bank.choose("r2", "b")
    assert (full.status_code, full.json()["rule"]) == (409, "no_free_slot")
    withdrawn = RequestWithdrawn(request_id="r1", programme=PROGRAMME, withdrawn_at=NOW)
    await bank.hear(StreamId("oslo", "request", "r1"), withdrawn, first=2)
    await bank.own("b", "over")

    async def chosen() -> bool:
        return (await bank.choose("r2", "b")).status_code == 201

    assert await eventually(chosen)
    over = await bank.done("r1", proposal_id, person="b")
    assert (over.status_code, over.json()["rule"]) == (409, "not_agreed")


async def test_a_suspended_helper_has_no_task_any_more(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b")
    await bank.in_touch("r1", "b")
    suspended = VolunteerSuspended(person_id="b", programme=PROGRAMME, suspended_by="coordinator")
    await bank.hear(bank.volunteering("b"), suspended, first=2)
    await bank.own("a", "over")
    await bank.waiting("r1")


async def test_a_block_ends_a_task(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b")
    await bank.in_touch("r1", "b")
    await bank.keep_apart("a", "b")
    await bank.own("b", "over")


@pytest.mark.requirement("S1.13", "S2.30")
async def test_of_many_coordinators_who_choose_at_once_one_has_chosen(bank: Bank) -> None:
    await bank.ask_for("r1")
    people = ("b", "c", "d")
    await bank.join(*people)
    tender_id = await bank.tendered("r1")
    for person in people:
        await bank.offer(tender_id, person)
    answers = await asyncio.gather(*(bank.choose("r1", person) for person in people for _ in range(4)))
    assert Counter(answer.json().get("rule", answer.status_code) for answer in answers)[201] == 1
    assert {answer.json().get("rule") for answer in answers} <= {
        None,
        "already_proposed",
        "not_offered",
        "no_free_slot",
    }


@pytest.mark.requirement("S1.4", "S1.13")
async def test_an_audience_of_those_who_offer_that_kind_of_help(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.join("b")
    tender_id = await bank.tendered("r1", audience={"offering": True})
    assert (await bank.get(f"/tenders/{tender_id}", person="b")).status_code == 404
    assert (await bank.offer(tender_id, "b")).status_code == 404
    standing = {"programme": PROGRAMME, "category": "shelves", "words": "Jeg sætter gerne noget op"}
    assert (await bank.ask("/offers", standing, person="b")).status_code == 201
    assert (await bank.get(f"/tenders/{tender_id}", person="b")).status_code == 200


@pytest.mark.requirement("S1.13", "S1.16")
async def test_of_200_who_answer_at_once_one_is_chosen_and_none_is_lost(bank: Bank) -> None:
    people = [f"member-{number}" for number in range(200)]
    await bank.ask_for("r1")
    await bank.join(*people)
    tender_id = await bank.tendered("r1")

    began, busy = time.perf_counter(), time.process_time()
    answers = await asyncio.gather(*(bank.offer(tender_id, person) for person in people))
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(f"200 offers at once: {took:.2f} s, of which this process worked {busy:.2f} s")
    assert Counter(answer.status_code for answer in answers) == {201: 200}

    await bank.until("/searches/r1/tender", lambda found: len(found["offers"]) == 200)
    proposal_id = await bank.chosen("r1", "member-7")
    await bank.say("r1", proposal_id, "yes", person="a")
    await bank.own("member-7", "in-touch")
    shown = await bank.until("/searches/r1/tender", lambda found: found["state"] == "agreed")
    assert Counter(one["state"] for one in shown["offers"]) == {"not-needed": 199, "chosen": 1}
