"""Proposals on facts that change: approval, pause, wishes, mode, and what people told for the ranking alone."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.rebuild import live_generation
from chassis.service import Runtime, Service
from contracts.envelope import StreamId
from contracts.intake import (
    AddressProtected,
    LanguageSkill,
    LivedExperienceTakenBack,
    LivedExperienceTold,
    ModeChosen,
    RequestAmended,
    VolunteerSuspended,
    Wishes,
)
from services.matching.app import build
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """A programme with a policy."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt(weights={"lived_experience": 1})
        yield told


@pytest.mark.requirement("S2.27")
async def test_a_confirmation_waits_for_the_approval_under_the_new_policy(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    proposal_id = await oslo.proposed("r1", "v")
    await oslo.meet("r1", proposal_id)
    assert (await oslo.say("r1", proposal_id, "yes", person="v")).status_code == 200
    await oslo.adopt(version=2, capacity=2)
    await oslo.until("/searches/r1/candidates/v", lambda found: "approval_outdated" in found["why_not"])
    assert (await oslo.say("r1", proposal_id, "yes", person="p")).status_code == 200

    await oslo.until("/searches/r1", lambda found: found["proposals"][0]["waits_for"] == "approval_outdated")
    await oslo.approve("v", version=2, first=2)

    [match] = (await oslo.until("/matches", lambda found: found["items"]))["items"]
    assert match["helper_id"] == "v"


@pytest.mark.requirement("S2.24", "S2.27", "S2.28")
@pytest.mark.parametrize("first", ["p", "v"])
async def test_a_helper_whose_approval_is_outdated_says_yes_once_it_holds_again(oslo: Oslo, first: str) -> None:
    proposal_id = await oslo.met()
    await oslo.adopt(version=2, capacity=2)
    await oslo.until("/searches/r1/candidates/v", lambda found: "approval_outdated" in found["why_not"])
    if first == "p":
        assert (await oslo.say("r1", proposal_id, "yes", person="p")).json()["state"] == "open"

    refused = await oslo.say("r1", proposal_id, "yes", person="v")
    assert (refused.status_code, refused.json()["rule"]) == (409, "approval_outdated")
    [own] = (await oslo.get("/own-proposals", person="v")).json()["items"]
    assert (own["state"], own["your_answer"]) == ("open", None)

    await oslo.approve("v", version=2, first=2)
    await oslo.until("/searches/r1/candidates/v", lambda found: "approval_outdated" not in found["why_not"])
    assert (await oslo.say("r1", proposal_id, "yes", person="v")).status_code == 200
    if first == "v":
        await oslo.say("r1", proposal_id, "yes", person="p")
    [match] = (await oslo.until("/matches", lambda found: found["items"]))["items"]
    assert match["helper_id"] == "v"


@pytest.mark.requirement("S2.29")
async def test_what_is_left_of_a_proposal_when_a_pause_begins_is_left_when_it_ends(oslo: Oslo) -> None:
    await oslo.post("r2", person_id="q")
    proposal_id = await oslo.met()
    await oslo.approve("w")
    await oslo.candidates("r2", "w")
    await oslo.pause()

    await oslo.refused(lambda: oslo.arrange("r1", proposal_id), "programme_paused")
    refused = await oslo.pick("r2", "w")
    assert (refused.status_code, refused.json()["rule"]) == (409, "programme_paused")
    oslo.service.place.move_clock(timedelta(days=100))
    assert (await oslo.say("r1", proposal_id, "yes", person="p")).json()["state"] == "open"

    await oslo.resume()
    assert await eventually(lambda: _is_picked(oslo, "r2", "w"))
    oslo.service.place.move_clock(timedelta(days=141))
    assert (await oslo.say("r1", proposal_id, "yes", person="p")).json()["state"] == "open"
    oslo.service.place.move_clock(timedelta(days=143))
    dropped = await oslo.until("/searches/r1", lambda found: found["proposals"][0]["state"] == "dropped")
    assert dropped["proposals"][0]["dropped_for"] == "silence"


async def _is_picked(oslo: Oslo, request_id: str, helper_id: str) -> bool:
    picked = await oslo.pick(request_id, helper_id)
    assert picked.status_code == 201, picked.text
    return True


@pytest.mark.requirement("S2.20", "S2.31")
async def test_other_wishes_change_the_ranking_and_nothing_else(oslo: Oslo) -> None:
    await oslo.approve("w", languages=(LanguageSkill(code="so"),))
    proposal_id = await oslo.met()
    before = (await oslo.get("/searches/r1")).json()
    wishes = await oslo.sealed("p", Wishes(languages=(LanguageSkill(code="so"),)))
    amended = RequestAmended(request_id="r1", programme=PROGRAMME, wishes=wishes, amended_at=NOW)
    await oslo.hear(StreamId("oslo", "request", "r1"), amended, first=2)

    after = await oslo.until("/searches/r1", lambda found: found["wishes"]["languages"])
    assert (after["needed_since"], after["proposal_id"]) == (before["needed_since"], proposal_id)
    [listed] = await oslo.candidates("r1", "w")
    assert listed["reasons"] == [{"code": "languages", "points": 3.0}]


@pytest.mark.requirement("S2.27")
async def test_who_is_suspended_gives_back_what_is_reserved(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v")
    await oslo.proposed("r1", "v")
    suspended = VolunteerSuspended(person_id="v", programme=PROGRAMME, suspended_by="coordinator")
    await oslo.hear(oslo.volunteering("v"), suspended, first=2)

    dropped = await oslo.until("/searches/r1", lambda found: found["proposals"][0]["state"] == "dropped")
    assert dropped["proposals"][0]["dropped_for"] == "facts"
    refused = await oslo.pick("r1", "v")
    assert (refused.status_code, refused.json()["rule"]) == (409, "not_listed")


def person(person_id: str) -> StreamId:
    return StreamId("oslo", "person", person_id)


@pytest.mark.requirement("S3.30", "S2.31")
async def test_who_is_left_in_peace_is_not_proposed_and_keeps_the_place_in_the_queue(oslo: Oslo) -> None:
    await oslo.post("r1")
    await oslo.approve("v")
    before = await oslo.waiting("r1")
    await oslo.candidates("r1", "v")

    await oslo.hear(person("v"), ModeChosen(person_id="v", mode="fristed", chosen_at=NOW))
    await oslo.candidates("r1")
    await oslo.until("/searches/r1/candidates/v", lambda found: found["why_not"] == ["fristed"])
    refused = await oslo.pick("r1", "v")
    assert (refused.status_code, refused.json()["rule"]) == (409, "fristed")
    await oslo.hear(person("v"), ModeChosen(person_id="v", mode="udvikling", chosen_at=NOW), first=2)
    await oslo.candidates("r1", "v")

    await oslo.hear(person("p"), ModeChosen(person_id="p", mode="fristed", chosen_at=NOW))
    await oslo.candidates("r1")
    refused = await oslo.pick("r1", "v")
    assert (refused.status_code, refused.json()["rule"]) == (409, "requester_fristed")
    assert (await oslo.waiting("r1"))["needed_since"] == before["needed_since"]


@pytest.mark.requirement("S2.6", "S2.11")
async def test_who_wishes_for_a_woman_is_proposed_no_man_and_nobody_assumes_it(oslo: Oslo) -> None:
    await oslo.post("r1", wishes=Wishes(gender="woman", day_parts=("evening",)))
    await oslo.post("r2", person_id="q")
    await oslo.approve("v", gender="woman", day_parts=("evening",))
    await oslo.approve("w", gender="man")
    await oslo.waiting("r1")
    await oslo.waiting("r2")

    await oslo.candidates("r2", "v", "w")
    [listed] = await oslo.candidates("r1", "v")
    assert listed["reasons"] == [{"code": "day_parts", "points": 1.0}]
    refused = await oslo.pick("r1", "w")
    assert (refused.status_code, refused.json()["rule"]) == (409, "gender_not_wished")


@pytest.mark.requirement("S2.9")
async def test_a_protected_address_brings_nobody_near(oslo: Oslo) -> None:
    await oslo.post("r1", wishes=Wishes(area="0150"))
    await oslo.approve("v", area="0150")
    await oslo.waiting("r1")
    near = {"code": "area", "points": 1.0}
    await oslo.until("/searches/r1/candidates/v", lambda found: found["reasons"] == [near])

    await oslo.hear(person("v"), AddressProtected(person_id="v", protected_at=NOW), first=2)

    await oslo.until("/searches/r1/candidates/v", lambda found: found["reasons"] == [])


@pytest.mark.requirement("S2.13", "S4.16")
async def test_lived_experience_counts_on_both_peoples_word_and_stands_nowhere(oslo: Oslo) -> None:
    runtime = oslo.service.application.runtime
    await oslo.post("r1", wishes=Wishes(lived_experience=True))
    await oslo.approve("v")
    await oslo.approve("w")
    await oslo.waiting("r1")
    await oslo.candidates("r1", "v", "w")
    for helper_id, purposes in (("v", ["figures"]), ("w", ["figures", "matching"])):
        sealed = await runtime.keyring.seal("oslo", helper_id, [*purposes])
        await oslo.hear(person(helper_id), LivedExperienceTold(person_id=helper_id, purposes=sealed, told_at=NOW))

    told = {"code": "lived_experience", "points": 1.0}
    await oslo.until("/searches/r1/candidates/w", lambda found: found["reasons"] == [told])
    listed = await oslo.candidates("r1", "v", "w")
    assert [(one["helper_id"], one["reasons"]) for one in listed] == [("w", [told]), ("v", [])]

    proposal_id = await oslo.proposed("r1", "w")
    shown = await oslo.until(f"/searches/r1/proposals/{proposal_id}", lambda found: found["state"] == "live")
    assert (shown["score"], shown["reasons"]) == (0, [])
    database = oslo.service.application.database
    stored = [
        str(document) for name in await database.list_collection_names() async for document in database[name].find()
    ]
    # What the requester wishes and the policy weighs may be read; that a helper told may not.
    in_clear = re.compile(r"code\W+lived_experience|figures")
    assert not [text for text in stored if in_clear.search(text)]

    await oslo.hear(person("w"), LivedExperienceTakenBack(person_id="w", taken_back_at=NOW), first=2)
    await oslo.until("/searches/r1/candidates/w", lambda found: found["why_not"] == ["no_free_slot", "proposed_before"])
    await oslo.post("r2", person_id="q", wishes=Wishes(lived_experience=True))
    await oslo.approve("x")
    await oslo.waiting("r2")
    assert [one["reasons"] for one in await oslo.candidates("r2", "v", "x")] == [[], []]


@pytest.mark.requirement("S2.12", "S2.30", "S3.20")
async def test_why_and_why_not_are_the_same_after_a_rebuild(place: Place) -> None:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        first = Oslo(matching)
        await first.adopt()
        skills = (LanguageSkill(code="so", level="a2"),)
        await first.post("r1", wishes=Wishes(languages=skills, interests=("chess",), gender="woman"))
        await first.approve("v", languages=skills, gender="woman", interests=("chess", "walks"))
        await first.approve("w", gender="man")
        await first.approve("x", gender="woman")
        await first.keep_apart("p", "x")
        await first.waiting("r1")
        await first.candidates("r1", "v")
        before = await _told_of(first, "v", "w", "x")

    def rebuilt(runtime: Runtime) -> Service:
        service = build(runtime)
        higher = [replace(one, version=one.version + 1) for one in service.projections]
        return replace(service, projections=higher)

    async with running_service("matching", rebuilt, place) as matching:
        second = Oslo(matching)

        async def is_live() -> bool:
            return await live_generation(matching.application.database, "candidates") > 1

        await eventually(is_live)
        assert await eventually(lambda: _same(second, before))


async def _told_of(oslo: Oslo, *helper_ids: str) -> list[tuple[int, Any]]:
    """The list, and what is answered of each."""
    paths = ["", *(f"/{helper_id}" for helper_id in helper_ids)]
    answers = [await oslo.get(f"/searches/r1/candidates{path}") for path in paths]
    return [(answer.status_code, answer.json()) for answer in answers]


async def _same(oslo: Oslo, before: list[tuple[int, Any]]) -> bool:
    assert await _told_of(oslo, "v", "w", "x") == before
    return True
