"""What moves a ranking and what does not, told by events and asked over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.base import event_classes
from contracts.envelope import StreamId
from contracts.intake import ErasureAsked, Wishes
from contracts.publish.catalogue import published
from contracts.publish.files import example_of
from contracts.publish.streams import STREAMS
from services.matching.app import build
from services.matching.projections.candidates import candidates
from tests.services.matching_place import Oslo
from tests.support.service import Place, running_service

WISHES = Wishes(interests=("chess",), area="2950")


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    """V and W are the same in everything; each may help two."""
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        told = Oslo(matching)
        await told.adopt(capacity=2)
        for helper_id in ("v", "w"):
            await told.approve(helper_id, interests=("chess",), area="2955")
        await told.post("r1", wishes=WISHES)
        await told.waiting("r1")
        await told.until("/searches/r1/candidates", lambda found: len(found["items"]) == 2)
        yield told


def events_about(person_id: str) -> list[Any]:
    """An example of everything intake may tell of a person that is not for finding somebody: dates, origin, blocks.

    Not that they leave: who is erased is found no more.
    """
    leaving = {name for name, event in event_classes().items() if event.__module__ == ErasureAsked.__module__}
    not_for_ranking = set(STREAMS["person"]) - {event.event_type for event in candidates.handles} - leaving
    return [
        event_classes()[item.name].model_validate(example_of(item) | {"person_id": person_id})
        for item in published()
        if item.name in not_for_ranking
    ]


@pytest.mark.requirement("S2.30", "S3.20")
async def test_what_is_known_of_a_person_beside_what_they_offer_does_not_move_them(oslo: Oslo) -> None:
    before = (await oslo.get("/searches/r1/candidates")).json()
    told = events_about("v")
    assert len(told) > 5
    stream = StreamId(oslo.tenant, "person", "v")
    await oslo.hear(stream, *told, first=2)
    seen = await oslo.described("v", interests=("chess", "all was heard"), area="2955")
    await oslo.hear(stream, seen, first=2 + len(told))

    await oslo.post("r2", person_id="q", wishes=Wishes(interests=("all was heard",)))
    await oslo.waiting("r2")
    await oslo.until("/searches/r2/candidates/v", lambda found: found["reasons"])
    assert (await oslo.get("/searches/r1/candidates")).json() == before


@pytest.mark.requirement("S1.17")
async def test_who_lives_nearer_comes_first_and_is_told_why(oslo: Oslo) -> None:
    await oslo.approve("near", interests=("chess",), area="2950")
    first, *others = await oslo.candidates("r1", "near", "v", "w")
    assert first["helper_id"] == "near"
    points = [{reason["code"]: reason["points"] for reason in one["reasons"]}["area"] for one in (first, *others)]
    assert points == [1.0, 0.75, 0.75]


@pytest.mark.requirement("S1.16")
async def test_who_was_chosen_comes_after_who_offers_as_much_and_was_not(oslo: Oslo, place: Place) -> None:
    [first, second] = [one["helper_id"] for one in await oslo.candidates("r1", "v", "w")]
    place.move_clock(timedelta(hours=1))
    proposal_id = await oslo.proposed("r1", first)
    await oslo.meet("r1", proposal_id)
    for person in ("p", first):
        assert (await oslo.say("r1", proposal_id, "yes", person=person)).status_code == 200
    await oslo.until("/searches/r1", lambda found: found["status"] == "settled")

    for number in range(4):  # with another turn among equals each time
        await oslo.post(f"later-{number}", person_id="q", wishes=WISHES)
        await oslo.waiting(f"later-{number}")
        await oslo.until(
            f"/searches/later-{number}/candidates",
            lambda found: [one["helper_id"] for one in found["items"]] == [second, first],
        )
