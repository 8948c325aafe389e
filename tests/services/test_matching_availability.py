"""When somebody has time is a wish like others: it moves people up the list and takes nobody off it."""

from collections.abc import AsyncIterator

import pytest

from contracts.intake import Wishes
from services.matching.app import build
from tests.services.matching_place import Oslo
from tests.support.service import Place, running_service

HELPERS = ("day", "evening", "never-said")


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    await place.make_topics()
    async with running_service("matching", build, place) as matching:
        yield Oslo(matching)


@pytest.mark.requirement("S2.11")
async def test_who_has_time_in_the_evening_comes_first_for_somebody_who_wishes_evenings(oslo: Oslo) -> None:
    """And counts for nothing where it was not wished: some have the days, some the evenings, both are welcome."""
    await oslo.adopt()
    await oslo.approve("day", day_parts=("day", "afternoon"))
    await oslo.approve("evening", day_parts=("evening",))
    await oslo.approve("never-said")
    await oslo.post("wishes-evenings", person_id="p1", wishes=Wishes(day_parts=("evening",)))
    await oslo.post("wishes-days", person_id="p2", wishes=Wishes(day_parts=("day",)))
    await oslo.post("wishes-nothing", person_id="p3")
    assert await favoured(oslo, "wishes-evenings", "evening") == {"evening"}
    assert await favoured(oslo, "wishes-days", "day") == {"day"}
    listed = await oslo.candidates("wishes-nothing", *HELPERS)
    assert {one["score"] for one in listed} == {listed[0]["score"]}


async def favoured(oslo: Oslo, request_id: str, first: str) -> set[str]:
    """Whom the wish moved up, once all are listed and this one comes first."""
    found = await oslo.until(
        f"/searches/{request_id}/candidates",
        lambda found: len(found["items"]) == len(HELPERS) and found["items"][0]["helper_id"] == first,
    )
    return {one["helper_id"] for one in found["items"] if "day_parts" in {why["code"] for why in one["reasons"]}}
