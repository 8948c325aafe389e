"""What is being written about somebody while they leave without a trace is refused, or ends and is dropped (S2.3)."""

from collections.abc import AsyncIterator
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
from tests.support.town import PROGRAMME, Json, Town
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


async def _is_dropped(platform: Platform, service: str, name: str, key: str) -> bool:
    database = platform.databases[service]
    collection = database[collection_name(name, await live_generation(database, name))]
    return await collection.find_one({"_id": key, "_erased": True}) is not None
