"""Rests of a match over HTTP and topics, on the real engines: chosen ones, a paused programme, fristed, a suspension, a
block. The last day stays whatever rests."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.envelope import StreamId
from contracts.intake import (
    PAIR,
    ModeChosen,
    PairFreed,
    PairHeld,
    ProgrammePaused,
    ProgrammeResumed,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
    pair_value,
)
from services.matching.app import build
from services.matching.projections.modes import modes
from tests.services.match_pair import BEGIN, HELPER, REQUESTER, Two, adopt, it_is, matched, programme
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

WHEN = datetime(2027, 2, 2, 11, tzinfo=UTC)


@pytest.fixture
async def two(place: Place) -> AsyncIterator[Two]:
    """Matched on 1 February 2027."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        oslo = Oslo(matching)
        it_is(oslo, BEGIN)
        await adopt(oslo)
        yield await matched(oslo)


def utc(month: int, day: int, hour: int, *, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


async def is_paused(two: Two, *, for_: list[str]) -> None:
    await two.seen(lambda found: found["state"] == "paused" and sorted(found["paused_for"]) == for_)


@pytest.mark.requirement("S2.8", "S2.16", "S3.30")
async def test_a_match_rests_as_long_as_they_like_and_ends_on_the_same_day(two: Two) -> None:
    assert (await two.ask("pause", person=REQUESTER)).status_code == 200
    own = await two.own(REQUESTER, lambda found: found["state"] == "paused")
    assert own["paused_by_you"]
    theirs = await two.own(HELPER, lambda found: found["state"] == "paused")
    assert not theirs["paused_by_you"]
    assert (await two.ask("resumption", person=HELPER)).status_code == 200
    await is_paused(two, for_=["requester"])
    it_is(two.oslo, utc(6, 10, 11))
    assert (await two.ask("pause", person=HELPER)).status_code == 200
    await is_paused(two, for_=["helper", "requester"])
    assert (await two.ask("resumption", person=HELPER)).status_code == 200
    await is_paused(two, for_=["requester"])
    assert (await two.ask("resumption", person=REQUESTER)).status_code == 200
    on = await two.seen(lambda found: found["state"] == "live")
    assert (on["check_in_asked_on"], on["review_due_on"], on["ends_on"]) == (None, None, "2028-02-01")
    assert [(rest["began_at"][:10], rest["ended_at"][:10]) for rest in on["rests"]] == [("2027-02-01", "2027-06-10")]
    it_is(two.oslo, utc(7, 10, 7))
    await two.seen(lambda found: found["check_in_asked_on"] == "2027-07-10")
    assert (await two.ask("pause")).status_code == 200
    it_is(two.oslo, utc(1, 2, 8, year=2028))
    await two.needing("end-near")
    it_is(two.oslo, utc(2, 1, 23, year=2028))
    over = await two.seen(lambda found: found["state"] == "ended")
    assert over["ended"]["ended_on"] == "2028-02-01"


@pytest.mark.requirement("S2.29")
async def test_a_paused_programme_holds_what_is_asked_and_afterwards_nothing_stale_comes(two: Two) -> None:
    oslo = two.oslo
    await oslo.hear(programme(), ProgrammePaused(programme=PROGRAMME, paused_at=WHEN), first=2)
    ahead = (WHEN + timedelta(days=200)).isoformat()
    await refused_in_the_pause(two, {"when": ahead, "where": "Invented street 1"})
    it_is(oslo, utc(7, 1, 11))
    assert (await two.ask("reviews", {"goes_on": True})).status_code == 201
    it_is(oslo, utc(11, 15, 11))
    silent = await two.seen(lambda found: found["reviews"])
    assert (silent["check_in_asked_on"], silent["review_due_on"]) == (None, None)
    assert (silent["state"], silent["programme_paused"]) == ("live", True)
    assert (await two.own(HELPER, lambda found: True))["programme_paused"]

    resumed_at = utc(11, 16, 11)
    it_is(oslo, resumed_at)
    await oslo.hear(programme(), ProgrammeResumed(programme=PROGRAMME, resumed_at=resumed_at), first=3)
    await two.seen(lambda found: not found["programme_paused"])
    it_is(oslo, resumed_at + timedelta(minutes=3))
    asked = await two.seen(lambda found: found["check_in_asked_on"] and found["review_due_on"])
    assert (asked["check_in_asked_on"], asked["review_due_on"]) == ("2027-11-16", "2027-10-01")
    assert (asked["ends_on"], asked["programme_paused"]) == ("2028-02-01", False)
    # Company that was agreed before the pause was heard of stands.
    told = await two.told(at_least=14 + len(asked["accompaniments"]))
    assert (told["check-in-asked"], told["review-due"]) == (1, 1)


async def refused_in_the_pause(two: Two, company: dict[str, str]) -> None:
    async def refused() -> bool:
        answer = await two.ask("accompaniments", company)
        return answer.status_code == 409 and answer.json()["rule"] == "programme_paused"

    assert await eventually(refused)


@pytest.mark.requirement("S3.30")
async def test_who_is_left_in_peace_is_not_asked_until_they_are_back(two: Two) -> None:
    oslo, person = two.oslo, StreamId("oslo", "person", REQUESTER)
    await oslo.hear(person, ModeChosen(person_id=REQUESTER, mode="fristed", chosen_at=WHEN))
    await is_in(oslo, "fristed")
    it_is(oslo, utc(5, 20, 11))
    await two.ask("support", {"support_forms": ["guide"]})
    silent = await two.seen(lambda found: found["support_forms"] == ["guide"])
    assert (silent["check_in_asked_on"], silent["review_due_on"]) == (None, None)
    back_at = utc(5, 21, 11)
    it_is(oslo, back_at)
    await oslo.hear(person, ModeChosen(person_id=REQUESTER, mode="udvikling", chosen_at=back_at), first=2)
    await is_in(oslo, "udvikling")
    it_is(oslo, back_at + timedelta(minutes=3))
    asked = await two.seen(lambda found: found["check_in_asked_on"] and found["review_due_on"])
    assert asked["check_in_asked_on"] == "2027-05-21"


async def is_in(oslo: Oslo, mode: str) -> None:
    """The service has heard of the mode: a clock that jumps would let it believe it knew by then."""
    reading = oslo.service.application.runtime.read_models

    async def known() -> bool:
        found = await reading.get(modes, oslo.tenant, REQUESTER)
        return found is not None and found["mode"] == mode

    assert await eventually(known)


async def heard(oslo: Oslo, request_id: str) -> None:
    """What was published before this was read as well."""
    await oslo.post(request_id, person_id=f"of-{request_id}")
    await oslo.waiting(request_id)


@pytest.mark.requirement("S2.27")
async def test_a_suspension_that_comes_late_pauses_the_match_until_the_helper_is_reinstated(two: Two) -> None:
    oslo = two.oslo
    suspended = VolunteerSuspended(person_id=HELPER, programme=PROGRAMME, suspended_by="coordinator")
    await oslo.hear(oslo.volunteering(HELPER), suspended, first=2)
    await is_paused(two, for_=["suspended"])
    await two.needing("suspended")
    for person in (None, REQUESTER, HELPER):
        refused = await two.ask("resumption", person=person)
        assert (refused.status_code, refused.json()["rule"]) == (409, "needs_coordinator")
    own = await two.own(REQUESTER, lambda found: found["state"] == "paused")
    assert "suspend" not in str(own)

    reinstated = VolunteerReinstated(person_id=HELPER, programme=PROGRAMME, reinstated_by="coordinator")
    await oslo.hear(oslo.volunteering(HELPER), reinstated, first=3)
    await two.seen(lambda found: found["state"] == "live" and found["needs"] == [])


@pytest.mark.requirement("S2.8")
async def test_a_helper_who_leaves_ends_the_match_without_a_reason(two: Two) -> None:
    left = VolunteerLeft(person_id=HELPER, programme=PROGRAMME, left_on=date(2027, 2, 1))
    await two.oslo.hear(two.oslo.volunteering(HELPER), left, first=2)
    over = await two.seen(lambda found: found["state"] == "ended")
    assert over["ended"] == {"reason": "helper", "closing_talk": False, "ended_on": "2027-02-01"}


@pytest.mark.requirement("S2.9")
async def test_a_block_that_comes_during_a_match_pauses_it_at_once_and_nobody_is_told_why(two: Two) -> None:
    pair = the_pair(two, HELPER, REQUESTER)
    await two.oslo.hear(pair, PairHeld(pair=pair.id))
    await is_paused(two, for_=["block"])
    await two.needing("block")
    for person in (REQUESTER, HELPER):
        own = await two.own(person, lambda found: found["state"] == "paused")
        assert "block" not in str(own)
        refused = await two.ask("resumption", person=person)
        assert (refused.status_code, refused.json()["rule"]) == (409, "needs_coordinator")
    visit = await two.ask("visits", {"until": (WHEN - timedelta(hours=20)).isoformat()}, person=HELPER)
    assert (visit.status_code, visit.json()["rule"]) == (409, "match_paused")

    await two.oslo.hear(pair, PairFreed(pair=pair.id), first=2)
    await two.seen(lambda found: found["state"] == "live" and found["needs"] == [])
    await two.oslo.hear(pair, PairHeld(pair=pair.id), first=3)
    await is_paused(two, for_=["block"])
    assert (await two.ask("end", {"reason": "block", "closing_talk": False})).status_code == 200
    over = await two.seen(lambda found: found["state"] == "ended")
    assert over["ended"]["reason"] == "block"
    assert "block" not in str(await two.own(HELPER, lambda found: found["state"] == "ended"))


@pytest.mark.requirement("S2.9")
async def test_a_block_between_others_leaves_a_match_alone(two: Two) -> None:
    pair = the_pair(two, HELPER, "somebody-else")
    await two.oslo.hear(pair, PairHeld(pair=pair.id))
    await heard(two.oslo, "r-after-block")
    assert (await two.check_in()).status_code == 201
    assert (await two.seen(lambda found: found["check_ins"]))["state"] == "live"


def the_pair(two: Two, one: str, other: str) -> StreamId:
    keyring = two.oslo.service.application.runtime.keyring
    return StreamId("oslo", "pair", keyring.fingerprint("oslo", PAIR, pair_value(one, other)))
