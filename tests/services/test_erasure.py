"""Somebody leaves without a trace, through all four services: what is live ends, the key goes, all drop the rest."""

from collections.abc import AsyncIterator
from uuid import uuid4

import bson
import pytest

from chassis.rebuild import rebuild_progress, request_rebuild
from contracts.sealed import Redacted, Sealed
from contracts.topics import EVENT_TOPICS
from tests.support.platform import Platform, platform_at
from tests.support.service import Place, Published
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


@pytest.mark.requirement("S4.11")
async def test_no_word_of_theirs_is_left_anywhere_and_a_restored_backup_brings_nobody_back(place: Place) -> None:
    await place.make_topics()
    async with platform_at(place) as platform:
        town = platform.town("fjordby")
        await town.adopt()
        person_id, other = await _canary(town), await town.person(hopes="To stay as they are.")
        await eventually(platform.is_settled, timeout=60)
        figures, backup = await _figures(town), await _dump(platform)

        await _erased(town, person_id)
        await eventually(platform.is_settled, timeout=60)

        assert await _figures(town) == figures
        kept = b"".join(
            bson.encode(document) for documents in (await _dump(platform)).values() for document in documents
        )
        sent = [record.body for topic in EVENT_TOPICS for record in await _records(place, topic.name)]
        assert [word for word in _WORDS if word.encode() in kept or any(word.encode() in body for body in sent)] == []
        await _rebuild_equals_live(platform)
        assert (await town.get_once("intake", f"/v1/persons/{other}")).json()["name"].startswith("Oppdiktet")
        await _restore(platform, backup)

    async with platform_at(place) as restored:
        town = restored.town("fjordby")
        assert (await town.get_once("intake", f"/v1/persons/{person_id}")).status_code == 404
        keys = restored.services["intake"].application.runtime.keyring
        assert isinstance(await keys.open("fjordby", _sealed_in(backup, person_id)), Redacted)
        path = f"/v1/persons/{person_id}/erasure"
        assert (await town.until("intake", path, lambda found: found["erased_at"]))["waiting_for"] == []
        assert (await town.get_once("intake", f"/v1/persons/{other}")).status_code == 200


_WORDS = [f"kanarie-{number}-{uuid4().hex}" for number in range(9)]
Backup = dict[tuple[str, str], list[Json]]


async def _canary(town: Town) -> str:
    """Somebody who said what is theirs at every door that takes words of their own; nothing of it is live any more."""
    contact = {"language": "nb", "email": f"{_WORDS[0]}@example.org"}
    body = {"channel": "phone", "name": _WORDS[1], "birth_date": "1980-05-17", "contact": contact}
    body["profile"] = {"hopes": _WORDS[2]}
    person_id = str((await town.command("intake", "/v1/persons", {**body, "municipality": _WORDS[3]}))["id"])
    about = f"/v1/persons/{person_id}"
    await town.command("intake", f"{about}/contact", {"language": "nb", "email": f"{_WORDS[4]}@example.org"})
    await town.command("intake", f"{about}/residence", {"municipality": _WORDS[5]})
    await town.command("intake", f"{about}/lived-experience", {"purposes": ["matching"], "words": _WORDS[6]})
    await town.command("intake", f"{about}/blocks", {"email": f"{_WORDS[7]}@example.org"})
    wish = {"programme": PROGRAMME, "person_id": person_id, "what": _WORDS[8]}
    request_id = (await town.command("intake", "/v1/requests", wish))["request_id"]
    await town.command("intake", f"/v1/requests/{request_id}/withdrawal")
    return person_id


async def _dump(platform: Platform) -> Backup:
    """All of every service's database, and the keyring's keys; the ledger of erasures is in no backup."""
    keyring = f"{platform.place.namespace}keyring"
    client = platform.databases["intake"].client
    names = [*(database.name for database in platform.databases.values()), keyring]
    return {
        (name, collection): await client[name][collection].find().to_list()
        for name in names
        for collection in await client[name].list_collection_names()
        if collection != "erasures"
    }


async def _restore(platform: Platform, backup: Backup) -> None:
    client = platform.databases["intake"].client
    for name, collection in (await _dump(platform)).keys() | backup.keys():
        await client[name][collection].delete_many({})
        if backup.get((name, collection)):
            await client[name][collection].insert_many(backup[name, collection])


def _sealed_in(backup: Backup, person_id: str) -> Sealed[object]:
    [found] = [
        document["name"]
        for (_, collection), documents in backup.items()
        for document in documents
        if collection == "persons.1" and document["_id"] == f"fjordby/{person_id}"
    ]
    return Sealed(found["subject"], found["sealed"])


async def _records(place: Place, topic: str) -> list[Published]:
    return [] if topic == "reporting.events" else await place.read(topic)


async def _rebuild_equals_live(platform: Platform) -> None:
    before, generations = await platform.documents("fjordby"), await platform.live_generations()
    for database in platform.databases.values():
        for state in await rebuild_progress(database):
            await request_rebuild(database, state.name)

    async def are_switched() -> bool:
        now = await platform.live_generations()
        return all(now.get(name, 0) > generation for name, generation in generations.items())

    await eventually(are_switched, timeout=90, every=0.1)
    await eventually(platform.is_settled, timeout=60)
    assert await platform.documents("fjordby") == before


async def _name_of(platform: Platform, person_id: str) -> Sealed[object]:
    found = await eventually(
        lambda: platform.databases["intake"]["persons.1"].find_one({"_id": f"fjordby/{person_id}", "_gone": None})
    )
    assert found is not None
    return Sealed(found["name"]["subject"], found["name"]["sealed"])
