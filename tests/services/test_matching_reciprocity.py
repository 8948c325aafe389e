"""A task from asked to done: which offers it used, who is passed by, what each gave and received (S1.15, S1.16)."""

from collections.abc import AsyncIterator

import pytest

from services.matching.app import build
from tests.services.matching_bank import Bank
from tests.support.service import Place, running_service

GIVEN_AND_RECEIVED = "/me/given-and-received"


@pytest.fixture
async def bank(place: Place) -> AsyncIterator[Bank]:
    """A asks, B and C are members."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Bank(matching)
        await told.open_doors()
        await told.join("b", "c")
        await told.ask_for("r1")
        yield told


async def offer(bank: Bank, person_id: str, category: str) -> str:
    body = {"programme": bank.programme, "category": category, "words": "Gladly, on Sundays"}
    made = await bank.ask("/offers", body, person=person_id)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.mark.requirement("S1.10", "S1.15", "S1.16")
async def test_a_task_done_tells_each_what_they_gave_and_coordinators_who_waits_for_a_chance(bank: Bank) -> None:
    used, unused = await offer(bank, "b", "shelves"), await offer(bank, "c", "garden")
    tender_id = await bank.tendered("r1")
    for person_id in ("b", "c"):
        assert (await bank.offer(tender_id, person_id)).status_code == 201
    both = await bank.until("/offers/never-chosen", lambda found: len(found["items"]) == 2)
    assert {one["helper_id"] for one in both["items"]} == {"b", "c"}

    proposal_id = await bank.chosen("r1", "b")
    # Who is chosen was asked for what they offer.
    await bank.until("/offers/unused", lambda found: [one["offer_id"] for one in found["items"]] == [unused])
    assert (await bank.say("r1", proposal_id, "yes", person="a")).status_code == 200
    await bank.own("b", "in-touch")
    await bank.until("/offers/never-chosen", lambda found: [one["helper_id"] for one in found["items"]] == ["c"])
    assert (await bank.get(GIVEN_AND_RECEIVED, person="b")).json() == {"given": 0, "received": 0}
    for person_id in ("a", "b"):
        assert (await bank.done("r1", proposal_id, person=person_id)).status_code == 200

    gave = await bank.until(GIVEN_AND_RECEIVED, lambda found: found["given"], person="b")
    received = await bank.until(GIVEN_AND_RECEIVED, lambda found: found["received"], person="a")
    assert (gave, received) == ({"given": 1, "received": 0}, {"given": 0, "received": 1})
    assert (await bank.get(GIVEN_AND_RECEIVED, person="c")).json() == {"given": 0, "received": 0}
    asked = (await bank.get("/offers/to-ask")).json()["items"]
    assert {one["offer_id"]: one["asked_for"] for one in asked} == {used: 1, unused: 0}


@pytest.mark.requirement("S1.10")
async def test_the_words_of_whoever_was_erased_are_in_no_list(bank: Bank) -> None:
    await offer(bank, "b", "garden")
    await bank.until("/offers", lambda found: found["items"], person="c")

    await bank.service.application.runtime.keyring.shred(bank.tenant, "b")

    await bank.until("/offers", lambda found: found["items"] == [], person="c")
    assert (await bank.get("/offers/to-ask")).json()["items"] == []
    again = {"programme": bank.programme, "category": "garden", "words": "Hedges"}
    refused = await bank.ask("/offers", again, person="b")
    assert (refused.status_code, refused.json()["rule"]) == (409, "person_erased")


@pytest.mark.requirement("S1.10")
async def test_an_offer_in_another_programme_or_category_is_not_used_by_being_asked_here(bank: Bank) -> None:
    await bank.ask_for("r2", category="garden")
    offers = {await offer(bank, "b", category) for category in ("shelves", "shopping")}
    await bank.until("/searches/r2/candidates/b", lambda found: not found["why_not"])
    await bank.proposed("r2", "b")
    await bank.until("/searches/r2", lambda found: found["proposal_id"])

    found = await bank.until("/offers/unused", lambda found: len(found["items"]) == 2)
    assert {one["offer_id"] for one in found["items"]} == offers
