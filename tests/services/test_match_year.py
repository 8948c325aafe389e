"""A match from its first day to its last, over HTTP and topics on the real engines, by a clock that is moved."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from contracts.intake import Wishes
from services.matching.app import build
from tests.services.match_pair import BEGIN, HELPER, REQUESTER, Two, adopt, it_is, matched
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service

# Of the search and the helper ten, of the tally one, of the match the sixteen that are counted below.
ALL_RECORDS = 27


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        yield Oslo(matching)


def utc(month: int, day: int, hour: int, *, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


async def asked_and_answered(two: Two, instant: datetime) -> None:
    """A month has passed in silence: both are asked, and one answers two days later."""
    it_is(two.oslo, instant)
    await two.seen(lambda found: found["check_in_asked_on"] == instant.date().isoformat())
    it_is(two.oslo, instant + timedelta(days=2))
    assert (await two.check_in(person=REQUESTER, benefits=["pleasant"])).status_code == 201
    await two.seen(lambda found: found["check_in_asked_on"] is None)


async def reviewed(two: Two, instant: datetime) -> None:
    """A review is due and held two days later."""
    it_is(two.oslo, instant)
    found = await two.seen(lambda found: found["review_due_on"])
    assert found["review_due_on"] == instant.date().isoformat()
    assert "review-due" in [need["kind"] for need in found["needs"]]
    it_is(two.oslo, instant + timedelta(days=2))
    assert (await two.ask("reviews", {"goes_on": True})).status_code == 201
    await two.seen(lambda found: found["review_due_on"] is None)


@pytest.mark.requirement("S2.1", "S2.16", "S2.17", "S2.32", "S3.26", "S3.29", "S3.65")
async def test_a_whole_year(oslo: Oslo) -> None:
    it_is(oslo, BEGIN)
    await adopt(oslo)
    two = await matched(oslo, wishes=Wishes(support_forms=("friend", "talk", "somewhere-else")))
    begun = await two.seen(lambda found: found["number"] == 1)
    assert (begun["starts_on"], begun["ends_on"]) == ("2027-02-01", "2028-02-01")
    assert begun["support_forms"] == ["talk", "friend"]

    await asked_and_answered(two, utc(3, 1, 8))
    await asked_and_answered(two, utc(4, 3, 7))
    await reviewed(two, utc(5, 1, 7))
    await reviewed(two, utc(8, 3, 7))
    await reviewed(two, utc(11, 5, 8))
    it_is(oslo, utc(1, 2, 8, year=2028))
    near = await two.own(HELPER, lambda found: found["is_end_near"])
    assert near["ends_on"] == "2028-02-01"
    await two.seen(lambda found: "end-near" in [need["kind"] for need in found["needs"]])
    assert (await oslo.get("/matches?ends_by=2028-02-01&needs=end-near")).json()["items"]
    assert (await oslo.get("/matches?ends_by=2028-01-31")).json()["items"] == []

    longer = await two.ask("extension", person=REQUESTER)
    assert (longer.status_code, longer.json()["rule"]) == (409, "max_length")
    assert "private-contact" in [option["code"] for option in longer.json()["options"]]
    it_is(oslo, utc(2, 1, 23, year=2028) - timedelta(minutes=1))
    assert (await two.check_in(form="call")).status_code == 201
    it_is(oslo, utc(2, 1, 23, year=2028))
    over = await two.seen(lambda found: found["state"] == "ended" and found["check_ins"] == [])
    assert over["ended"] == {"reason": "length", "closing_talk": False, "ended_on": "2028-02-01"}
    assert (over["reviews"], over["accompaniments"], over["needs"], over["support_forms"]) == ([], [], [], [])
    late = await two.check_in()
    assert (late.status_code, late.json()["rule"]) == (409, "match_over")

    once = {
        "match-made": 1,
        "check-in-asked": 3,
        "check-in-given": 3,
        "review-due": 3,
        "match-reviewed": 3,
        "end-near": 1,
        "match-ended": 1,
        "match-let-go": 1,
    }
    assert await two.told(at_least=ALL_RECORDS) == once
    await everything_comes_twice(oslo)
    assert await two.told(at_least=2 * ALL_RECORDS) == once
    assert (await oslo.get(two.path)).json() == over
    assert (await oslo.get(f"/tallies/{PROGRAMME}")).json()["number"] == 1


async def everything_comes_twice(oslo: Oslo) -> None:
    """A relay that did not learn it had succeeded sends all records again; a new match shows that they were read."""
    place = oslo.service.place
    for record in await place.read("matching.events", at_least=ALL_RECORDS):
        await place.repeat("matching.events", record)
    await oslo.post("r2", person_id="q")
    await oslo.waiting("r2")


@pytest.mark.requirement("S2.16")
async def test_a_match_from_the_leap_day_ends_on_28_february(oslo: Oslo) -> None:
    it_is(oslo, utc(2, 29, 11, year=2028))
    await adopt(oslo)
    two = await matched(oslo)
    assert (await two.seen(lambda found: True))["ends_on"] == "2029-02-28"
    it_is(oslo, utc(2, 28, 23, year=2029) - timedelta(minutes=1))
    assert (await two.check_in()).status_code == 201
    it_is(oslo, utc(2, 28, 23, year=2029))
    over = await two.seen(lambda found: found["state"] == "ended")
    assert over["ended"]["ended_on"] == "2029-02-28"


@pytest.mark.requirement("S2.16")
async def test_the_last_day_may_have_23_hours(oslo: Oslo) -> None:
    it_is(oslo, utc(1, 28, 11))
    await adopt(oslo, max_length="P2M")
    two = await matched(oslo)
    it_is(oslo, utc(3, 28, 22) - timedelta(minutes=1))
    assert (await two.check_in()).status_code == 201
    it_is(oslo, utc(3, 28, 22))
    over = await two.seen(lambda found: found["state"] == "ended")
    assert over["ended"]["ended_on"] == over["ends_on"] == "2027-03-28"


@pytest.mark.requirement("S2.17")
async def test_what_was_followed_up_is_kept_as_long_as_the_policy_says_and_no_longer(oslo: Oslo) -> None:
    it_is(oslo, BEGIN)
    await adopt(oslo, retain_after_end="P14D")
    two = await matched(oslo)
    assert (await two.check_in(well=False)).status_code == 201
    assert (await two.ask("end", {"closing_talk": True}, person=HELPER)).status_code == 200
    kept = await two.seen(lambda found: found["state"] == "ended")
    assert (kept["ended"]["reason"], len(kept["check_ins"]), kept["needs"]) == ("helper", 1, [])
    it_is(oslo, utc(2, 15, 23))
    gone = await two.seen(lambda found: found["check_ins"] == [])
    assert (gone["starts_on"], gone["ended"]["ended_on"]) == ("2027-02-01", "2027-02-01")
