"""Somebody leaves without a trace, through all four services: what is live ends, the key goes, all drop the rest."""

from collections.abc import AsyncIterator

import pytest

from contracts.sealed import Redacted, Sealed
from tests.support.platform import Platform, platform_at
from tests.support.service import Place
from tests.support.town import PROGRAMME, Json, NotAccepted, Town
from tests.support.wait import eventually

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(240)]

_FIGURES = ("requests", "matches", "funnel", "support", "volunteers")
_FRESHNESS = {"facts_as_of", "is_final"}


@pytest.fixture
async def platform(place: Place) -> AsyncIterator[Platform]:
    await place.make_topics()
    async with platform_at(place) as running:
        yield running


async def _pair(town: Town) -> tuple[str, str, str]:
    """A requester and a helper with a live match between them."""
    request_id, requester = await town.request()
    proposal_id, helper = await town.propose(request_id)
    await town.meet(request_id, proposal_id)
    await town.say("yes", request_id, proposal_id, person=requester)
    await town.say("yes", request_id, proposal_id, person=helper)
    settled = await town.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
    return requester, helper, str(settled["match_id"])


async def _erased(town: Town, person_id: str) -> Json:
    await town.command("intake", f"/v1/persons/{person_id}/erasure")
    path = f"/v1/persons/{person_id}/erasure"
    return await town.until("intake", path, lambda found: found["erased_at"])


async def _figures(town: Town) -> list[Json]:
    told = [await town.get("reporting", f"/v1/figures/{name}?programme={PROGRAMME}") for name in _FIGURES]
    return [{name: value for name, value in one.items() if name not in _FRESHNESS} for one in told]


@pytest.mark.parametrize("who", ["requester", "helper"])
async def test_live_things_end_the_key_goes_and_every_service_answers(platform: Platform, who: str) -> None:
    town = platform.town("fjordby")
    await town.settle_in(helpers=1)
    requester, helper, match_id = await _pair(town)
    person_id, other = (requester, helper) if who == "requester" else (helper, requester)
    sealed = await _name_of(platform, person_id)

    done = await _erased(town, person_id)

    assert (done["waiting_for"], done["is_overdue"]) == ([], False)
    match = await town.get("matching", f"/v1/matches/{match_id}")
    assert (match["state"], match["ended"]["reason"]) == ("ended", "erased")
    keyring = platform.services["matching"].application.runtime.keyring
    assert isinstance(await keyring.open("fjordby", sealed), Redacted)
    assert (await town.get_once("intake", f"/v1/persons/{person_id}")).status_code == 404
    assert (await town.get_once("intake", f"/v1/persons/{other}")).status_code == 200
    with pytest.raises(NotAccepted) as refused:
        await town.command("intake", f"/v1/persons/{person_id}/contact", {"language": "nb", "email": "a@example.org"})
    assert refused.value.rule in {"person_leaving", "person_erased"}


async def _name_of(platform: Platform, person_id: str) -> Sealed[object]:
    found = await eventually(
        lambda: platform.databases["intake"]["persons.1"].find_one({"_id": f"fjordby/{person_id}", "_gone": None})
    )
    assert found is not None
    return Sealed(found["name"]["subject"], found["name"]["sealed"])
