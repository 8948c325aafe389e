"""What a coordinator sees of the whole, on the real engines: programmes, what hangs on the board, who is asked."""

from collections.abc import AsyncIterator

import pytest

from services.matching.app import build
from tests.services.matching_bank import TEXT, Bank
from tests.services.matching_place import PROGRAMME
from tests.support.service import Place, running_service


@pytest.fixture
async def bank(place: Place) -> AsyncIterator[Bank]:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Bank(matching)
        await told.open_doors()
        yield told


@pytest.mark.requirement("S1.13", "S2.30")
async def test_tenders_and_proposals_are_listed_as_they_stand_and_only_for_staff(bank: Bank) -> None:
    await bank.ask_for("r1")
    await bank.ask_for("r2", person_id="d")
    await bank.join("b")
    [programme] = (await bank.until("/programmes", lambda found: found["items"]))["items"]
    assert (programme["code"], programme["paused"]) == (PROGRAMME, False)
    assert {kind["code"]: kind["safeguards"] for kind in programme["categories"]}["shopping"] == ["money"]

    tender_id = await bank.tendered("r1")
    [hangs] = (await bank.until("/tenders/all", lambda found: found["items"]))["items"]
    assert (hangs["tender_id"], hangs["text"], hangs["live"]) == (tender_id, TEXT, 0)
    assert (await bank.offer(tender_id, "b")).status_code == 201
    await bank.until("/tenders/all", lambda found: found["items"][0]["live"] == 1)

    first = await bank.chosen("r1", "b")
    second = await bank.proposed("r2", "b")
    asked = await bank.until("/proposals?state=live", lambda found: len(found["items"]) == 2)
    assert [one["proposal_id"] for one in asked["items"]] == [first, second]
    assert [(one["request_id"], one["person_id"]) for one in asked["items"]] == [("r1", "a"), ("r2", "d")]
    part = (await bank.get("/proposals?state=live&limit=1")).json()
    rest = (await bank.get(f"/proposals?state=live&limit=1&cursor={part['next']}")).json()
    assert ([one["proposal_id"] for one in rest["items"]], rest["next"]) == ([second], None)
    await bank.until("/tenders/all?state=chosen", lambda found: found["items"])

    for path in ("/proposals", "/tenders/all"):
        assert (await bank.get(path, person="b")).status_code == 403
    assert (await bank.get("/programmes", person="b")).status_code == 200
