"""Standing offers over HTTP and topics, on the real engines: the catalogue, what is unused, who is never chosen."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.base import Event
from contracts.envelope import Origin, StreamId
from contracts.intake import ModeChosen, TermAdded, VolunteerLeft
from contracts.matching import HelpOffered, HelpTakenBack, SlotConfirmed, TaskCompleted
from contracts.policy import Category
from services.matching.app import build
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually

CATALOGUE = f"/offers?programme={PROGRAMME}"
UNUSED = f"/offers/unused?programme={PROGRAMME}"
NEVER_CHOSEN = f"/offers/never-chosen?programme={PROGRAMME}"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """A programme with categories in which B, C and D are members."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        tax = {"code": "tax", "by": "authority"}
        await told.adopt(categories=["sewing", "garden", "shelves", tax], capacity=3, meeting=False)
        for person_id in ("b", "c", "d"):
            await told.approve(person_id)
        for person_id in ("b", "c", "d"):
            await told.until(CATALOGUE, lambda found: found["items"] == [], person=person_id)
        yield told


async def offer(oslo: Oslo, person_id: str, category: str = "sewing", words: str = "Curtains, and mending") -> str:
    body = {"programme": PROGRAMME, "category": category, "words": words}
    made = await oslo.ask("/offers", body, person=person_id)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def take_back(oslo: Oslo, offer_id: str, person_id: str) -> httpx.Response:
    bearer = oslo.service.bearer("oslo", "matching:answer", person=person_id)
    return await oslo.service.client.delete(f"/v1/offers/{offer_id}", headers=bearer)


async def published(oslo: Oslo, stream: StreamId, *events: Event) -> None:
    """As if the search or the helper had said so."""
    origin = Origin(NOW, NOW, correlation_id="correlation-1", actor="somebody")
    await oslo.service.place.publish("matching", stream, events, origin=origin)


def ids(found: Any) -> list[str]:
    return sorted(one["offer_id"] for one in found["items"])


@pytest.mark.requirement("S1.4", "S1.10")
async def test_members_see_what_others_would_like_to_be_asked_for_but_not_by_whom(oslo: Oslo) -> None:
    of_c = await offer(oslo, "c")
    of_b = await offer(oslo, "b", "garden", "Hedges")

    found = await oslo.until(CATALOGUE, lambda found: ids(found) == sorted([of_b, of_c]), person="d")
    assert sorted(found["items"], key=lambda one: one["category"]) == [
        {"offer_id": of_b, "programme": PROGRAMME, "category": "garden", "words": "Hedges"},
        {"offer_id": of_c, "programme": PROGRAMME, "category": "sewing", "words": "Curtains, and mending"},
    ]
    assert ids((await oslo.get(f"{CATALOGUE}&category=garden", person="d")).json()) == [of_b]
    assert ids((await oslo.get("/offers", person="d")).json()) == sorted([of_b, of_c])
    assert (await oslo.get("/offers", person="stranger")).json()["items"] == []
    # One's own stands on a list of its own.
    assert ids((await oslo.get(CATALOGUE, person="c")).json()) == [of_b]
    assert ids((await oslo.get("/own-offers", person="c")).json()) == [of_c]

    first = (await oslo.get(f"{CATALOGUE}&limit=1", person="d")).json()
    rest = (await oslo.get(f"{CATALOGUE}&limit=1&cursor={first['next']}", person="d")).json()
    assert [one["offer_id"] for one in first["items"] + rest["items"]] == sorted([of_b, of_c])
    assert rest["next"] is None


@pytest.mark.requirement("S1.10")
async def test_for_who_is_no_member_there_is_no_catalogue(oslo: Oslo) -> None:
    await offer(oslo, "c")
    stranger = await oslo.get(CATALOGUE, person="stranger")
    elsewhere = await oslo.get("/offers?programme=nowhere", person="d")
    assert [(one.status_code, one.json()["rule"]) for one in (stranger, elsewhere)] == [
        (404, "catalogue_not_found")
    ] * 2

    left = VolunteerLeft(person_id="d", programme=PROGRAMME, left_on=NOW.date())
    await oslo.hear(oslo.volunteering("d"), left, first=2)

    async def gone() -> bool:
        return (await oslo.get(CATALOGUE, person="d")).status_code == 404

    assert await eventually(gone)
    other_tenant = oslo.service.bearer("gladsaxe", "matching:answer", person="c")
    assert (await oslo.service.client.get(f"/v1{CATALOGUE}", headers=other_tenant)).status_code == 404


@pytest.mark.requirement("S2.9", "S3.30")
async def test_who_is_kept_apart_or_left_in_peace_is_not_in_the_catalogue(oslo: Oslo) -> None:
    of_b, of_c = await offer(oslo, "b"), await offer(oslo, "c")
    await oslo.until(CATALOGUE, lambda found: ids(found) == sorted([of_b, of_c]), person="d")

    await oslo.keep_apart("d", "c")
    await oslo.until(CATALOGUE, lambda found: ids(found) == [of_b], person="d")
    await oslo.until(CATALOGUE, lambda found: ids(found) == [of_c], person="b")

    in_peace = ModeChosen(person_id="c", mode="fristed", chosen_at=NOW)
    await oslo.hear(StreamId("oslo", "person", "c"), in_peace)
    await oslo.until(CATALOGUE, lambda found: ids(found) == [], person="b")


async def test_an_offer_is_taken_back_by_whoever_made_it(oslo: Oslo) -> None:
    offer_id = await offer(oslo, "c")
    await oslo.until(CATALOGUE, ids, person="d")
    assert (await take_back(oslo, offer_id, "d")).json()["rule"] == "offer_not_found"
    assert (await take_back(oslo, offer_id, "c")).status_code == 200
    assert (await take_back(oslo, offer_id, "c")).status_code == 200
    await oslo.until(CATALOGUE, lambda found: found["items"] == [], person="d")


async def test_a_malformed_offer_is_refused_with_its_field_and_leaves_no_trace(oslo: Oslo) -> None:
    good = {"programme": PROGRAMME, "category": "sewing", "words": "Curtains"}
    for different, field in (
        ({"category": "ironing"}, "category"),
        ({"category": "tax"}, "category"),
        ({"words": "  "}, "words"),
        ({"words": "x" * 501}, "words"),
        ({"person_id": "b"}, "person_id"),
        ({"diagnosis": "any"}, "diagnosis"),
    ):
        refused = await oslo.ask("/offers", good | different, person="c")
        assert (refused.status_code, field in refused.text) == (422, True), refused.text
    stranger = await oslo.ask("/offers", good, person="stranger")
    assert (stranger.status_code, stranger.json()["rule"]) == (409, "not_listed")
    assert (await oslo.get("/own-offers", person="c")).json()["items"] == []


@pytest.mark.requirement("S1.12")
async def test_staff_enter_an_offer_for_somebody_who_called(oslo: Oslo) -> None:
    body = {"programme": PROGRAMME, "category": "garden", "words": "Hedges", "person_id": "b"}
    made = await oslo.ask("/offers", body, key="call-1")
    assert made.status_code == 201
    assert (await oslo.ask("/offers", body, key="call-1")).json() == made.json()
    await oslo.until("/own-offers", lambda found: ids(found) == [made.json()["id"]], person="b")


@pytest.mark.requirement("S1.10")
async def test_an_offer_is_unused_until_its_helper_is_asked_for_that(oslo: Oslo) -> None:
    sewing, garden = await offer(oslo, "c"), await offer(oslo, "c", "garden", "Hedges")
    found = await oslo.until(UNUSED, lambda found: ids(found) == sorted([sewing, garden]))
    assert {(one["helper_id"], one["asked_for"]) for one in found["items"]} == {("c", 0)}

    await oslo.post("r1", category="sewing")
    await oslo.waiting("r1")
    await oslo.until("/searches/r1/candidates/c", lambda found: not found["why_not"])
    await oslo.proposed("r1", "c")

    await oslo.until(UNUSED, lambda found: ids(found) == [garden])
    asked = (await oslo.get(f"/offers/to-ask?programme={PROGRAMME}")).json()["items"]
    assert [(one["offer_id"], one["asked_for"]) for one in asked] == [(sewing, 1), (garden, 0)]
    # What was asked before an offer was made does not count as asking for it.
    later = await offer(oslo, "c", words="Also zips")
    await oslo.until(UNUSED, lambda found: ids(found) == sorted([garden, later]))
    first = (await oslo.get(f"{UNUSED}&limit=1")).json()
    rest = (await oslo.get(f"{UNUSED}&limit=1&cursor={first['next']}")).json()
    assert [one["offer_id"] for one in first["items"] + rest["items"]] == [garden, later]
    assert ids((await oslo.get("/offers/unused?category=garden")).json()) == [garden]
    assert (await oslo.get(UNUSED, person="c")).status_code == 403


@pytest.mark.requirement("S1.10", "S3.30")
async def test_who_could_not_be_asked_now_is_not_on_the_coordinators_lists(oslo: Oslo) -> None:
    of_b, of_c, of_d = [await offer(oslo, person_id) for person_id in ("b", "c", "d")]
    await oslo.until(UNUSED, lambda found: ids(found) == sorted([of_b, of_c, of_d]))
    in_peace = ModeChosen(person_id="c", mode="fristed", chosen_at=NOW)
    await oslo.hear(StreamId("oslo", "person", "c"), in_peace)
    left = VolunteerLeft(person_id="d", programme=PROGRAMME, left_on=NOW.date())
    await oslo.hear(oslo.volunteering("d"), left, first=2)
    await oslo.until(UNUSED, lambda found: ids(found) == [of_b])


@pytest.mark.requirement("S1.10", "S1.18")
async def test_help_of_a_kind_that_staff_added_can_be_offered(oslo: Oslo) -> None:
    added = TermAdded(programme=PROGRAMME, list="categories", label=Category(code="ironing"), added_by="staff")
    await oslo.hear(StreamId("oslo", "programme", PROGRAMME), added, first=2)
    body = {"programme": PROGRAMME, "category": "ironing", "words": "Shirts"}

    async def offered() -> bool:
        return (await oslo.ask("/offers", body, person="c")).status_code == 201

    assert await eventually(offered)


@pytest.mark.requirement("S1.16")
async def test_who_offers_and_is_never_chosen_comes_up_for_coordinators(oslo: Oslo) -> None:
    def offered(helper_id: str, number: int) -> HelpOffered:
        return HelpOffered(
            request_id=f"r{number}",
            programme=PROGRAMME,
            tender_id=f"t{number}",
            helper_id=helper_id,
            offered_at=NOW + timedelta(days=number),
        )

    back = HelpTakenBack(request_id="r1", programme=PROGRAMME, tender_id="t1", helper_id="d")
    await published(oslo, StreamId("oslo", "search", "r1"), offered("b", 1), offered("c", 1), offered("d", 1), back)
    await published(oslo, StreamId("oslo", "search", "r2"), offered("b", 2))
    found = await oslo.until(NEVER_CHOSEN, lambda found: [one["offered"] for one in found["items"]] == [2, 1])
    assert [one["helper_id"] for one in found["items"]] == ["b", "c"]

    chosen = SlotConfirmed(person_id="b", programme=PROGRAMME, proposal_id="p9", request_id="r9")
    await published(oslo, StreamId("oslo", "helper", "elsewhere"), chosen)
    await oslo.until(NEVER_CHOSEN, lambda found: [one["helper_id"] for one in found["items"]] == ["c"])
    assert (await oslo.get(NEVER_CHOSEN, person="b")).status_code == 403


@pytest.mark.requirement("S1.15")
async def test_what_somebody_gave_and_received_is_told_to_nobody_else(oslo: Oslo) -> None:
    completed = TaskCompleted(
        request_id="r1",
        programme=PROGRAMME,
        category="shelves",
        proposal_id="p1",
        requester_id="a",
        helper_id="b",
        completed_at=NOW,
    )
    await published(oslo, StreamId("oslo", "search", "r1"), completed)

    path = "/me/given-and-received"
    assert await oslo.until(path, lambda found: found["given"], person="b") == {"given": 1, "received": 0}
    assert await oslo.until(path, lambda found: found["received"], person="a") == {"given": 0, "received": 1}
    assert (await oslo.get(path, person="c")).json() == {"given": 0, "received": 0}
    assert (await oslo.get(path)).status_code == 403


async def test_a_member_takes_along_what_is_held_about_them_and_sees_who_looked(oslo: Oslo) -> None:
    of_c = await offer(oslo, "c")
    await oslo.until("/me/everything", lambda held: ids({"items": held["offers"]}) == [of_c], person="c")
    held = await oslo.until("/me/everything", lambda held: held["offers"] == [], person="b")

    assert [held[name] for name in ("matches", "proposals", "offers")] == [[], [], []]
    await oslo.until(UNUSED, lambda found: ids(found) == [of_c])
    looks = await oslo.until("/me/looked-at", lambda found: found["items"] != [], person="c")
    assert looks["items"][0] | {"at": None} == {
        "at": None,
        "by": "A coordinator",
        "by_yourself": False,
        "did": "read",
    }
