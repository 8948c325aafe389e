"""What is being written about somebody while they leave without a trace is refused, or ends and is dropped (S2.3)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from chassis.command_handler import Context
from chassis.rebuild import collection_name, live_generation
from contracts.envelope import StreamId
from services.intake.domain.eligibility import Wish
from services.intake.domain.request import request
from services.intake.domain.request_posting import PostRequest
from services.intake.domain.request_state import Status
from services.intake.facts import programme_in_force
from services.intake.sealing import sealed_text
from tests.security.world import FRIENDS
from tests.support.platform import Platform, platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses
from tests.support.town import PROGRAMME, Json, NotAccepted, Town
from tests.support.wait import eventually

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
async def platform(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Platform]:
    namespace, directory = f"t{uuid4().hex[:12]}-", tmp_path_factory.mktemp("late")
    async with own_place(engines, mongo_client, namespace, directory) as place:
        await place.make_topics()
        async with platform_at(place) as running:
            yield running


async def _town(platform: Platform, tenant: str) -> Town:
    town = platform.town(tenant)
    adopted = {"policy": FRIENDS, "adopted_by": "The board"}
    await town.command("intake", f"/v1/programmes/{PROGRAMME}/policy", adopted)
    return town


async def _erased(town: Town, person_id: str) -> None:
    path = f"/v1/persons/{person_id}/erasure"
    await town.command("intake", path)
    await town.until("intake", path, lambda found: found["erased_at"])


async def test_a_request_that_was_sealed_before_the_key_went_and_written_after_ends_and_is_dropped(
    platform: Platform,
) -> None:
    town = await _town(platform, "late-town")
    runtime = platform.services["intake"].application.runtime
    person_id = await town.person()
    programme = await programme_in_force(runtime.commands, town.tenant, PROGRAMME)
    written = PostRequest(
        request_id="late-request",
        person_id=person_id,
        programme=programme,
        wish=Wish(origin="staff", today=programme.day(runtime.clock.now()), age=40),
        what=await sealed_text(runtime.keyring, town.tenant, person_id, "A walk."),
        entered_by="coordinator",
        now=runtime.clock.now(),
    )
    await _erased(town, person_id)

    stream = StreamId(town.tenant, "request", "late-request")
    context = Context(command_id="late", actor="coordinator", correlation_id="late")
    await runtime.commands.handle(request, stream, written, context=context)

    async def is_withdrawn() -> bool:
        return (await runtime.commands.state(request, stream)).state.status is Status.WITHDRAWN

    await eventually(is_withdrawn, timeout=60)
    await eventually(lambda: _is_dropped(platform, "intake", "requests", f"{town.tenant}/late-request"), timeout=60)
    await eventually(lambda: _is_dropped(platform, "matching", "searches", f"{town.tenant}/late-request"), timeout=60)
    mine = [erasure for erasure in await runtime.erasures.all() if erasure.person_id == person_id]
    assert len(mine) == 2, "a restored backup finds the late one too"


async def test_nothing_that_is_posted_while_somebody_leaves_stays(platform: Platform) -> None:
    town = await _town(platform, "busy-town")
    other, person_id = await town.person(), await town.person()
    session_id = await _session(town, lead=other)
    wish = {"programme": PROGRAMME, "person_id": person_id, "what": "A walk."}
    talk = {"programme": PROGRAMME, "kind": "lecture", "title": "Maps", "what_we_do": "We look at maps."}
    talk |= {"person_id": person_id}

    async def post(service: str, path: str, body: dict[str, str]) -> int:
        accepted = 0
        for _ in range(100):
            try:
                await town.command(service, path, body)
            except NotAccepted:
                return accepted
            accepted += 1
            await asyncio.sleep(0)
        return accepted

    doors = (
        post("intake", "/v1/requests", wish),
        post("matching", "/v1/activities", talk),
        post("matching", f"/v1/sessions/{session_id}/sign-ups", {"person_id": person_id}),
    )
    *accepted, _ = await asyncio.gather(*doors, _erased(town, person_id))

    assert accepted[0] < 100, "nothing was ever refused"
    await eventually(lambda: _holds_nothing_live(platform, town.tenant, person_id), timeout=90, every=0.2)


async def _session(town: Town, *, lead: str) -> str:
    talk = {"programme": PROGRAMME, "kind": "lecture", "title": "Soup", "what_we_do": "We cook.", "person_id": lead}
    helper = await town.volunteer()
    made = await _once_known(lambda: town.command("matching", "/v1/activities", talk))
    path = f"/v1/activities/{made['id']}"
    await _once_known(lambda: town.command("matching", f"{path}/support", {"supporter_id": helper}))
    await town.command("matching", f"{path}/publish")
    dated = {"begins_at": "2099-05-17T12:00:00Z", "ends_at": "2099-05-17T14:00:00Z"}
    return str((await town.command("matching", f"{path}/sessions", dated))["id"])


async def _once_known(ask: Callable[[], Awaitable[dict[str, object]]]) -> dict[str, object]:
    async def asked() -> dict[str, object] | None:
        try:
            return await ask()
        except NotAccepted:
            return None

    made = await eventually(asked, timeout=60)
    assert made is not None
    return made


async def _holds_nothing_live(platform: Platform, tenant: str, person_id: str) -> bool:
    found = await platform.documents(tenant)
    assert [one for one in found["intake.requests"].values() if one["person_id"] == person_id] == []
    led = [one for one in found["matching.activities"].values() if one["lead_id"] == person_id]
    assert [one for one in led if one["stage"] != "closed"] == []
    assert [one for one in found["matching.sessions"].values() if person_id in one["enrolled"]] == []
    searched = [one for one in found["matching.searches"].values() if one["person_id"] == person_id]
    assert searched == []
    return True


async def _is_dropped(platform: Platform, service: str, name: str, key: str) -> bool:
    database = platform.databases[service]
    collection = database[collection_name(name, await live_generation(database, name))]
    return await collection.find_one({"_id": key, "_erased": True}) is not None
