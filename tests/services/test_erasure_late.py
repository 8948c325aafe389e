"""What is being written about somebody while they leave without a trace is refused, or ends and is dropped (S2.3)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from chassis.command_handler import Context
from chassis.event_store.mongo import MongoEventStore
from chassis.event_store.port import Commit, NewCommit
from chassis.rebuild import collection_name, live_generation
from contracts.envelope import StreamId
from services.intake.domain.eligibility import Wish
from services.intake.domain.request import request
from services.intake.domain.request_posting import PostRequest
from services.intake.domain.request_state import Status
from services.intake.domain.volunteering import volunteering
from services.intake.domain.volunteering_state import Standing
from services.intake.facts import programme_in_force
from services.intake.sealing import sealed_text
from services.matching.domain.activity import Stage, activity
from services.matching.domain.helper import helper
from services.matching.domain.session import session
from tests.security.world import FRIENDS, heard
from tests.support.platform import Platform, platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses
from tests.support.town import PROGRAMME, ROLE, Json, Town
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


async def _town(platform: Platform, tenant: str, *categories: str) -> Town:
    town = platform.town(tenant)
    adopted = {"policy": {**FRIENDS, "categories": [*categories]}, "adopted_by": "The board"}
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


async def test_a_volunteering_that_was_being_written_ends_and_is_dropped(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await _town(platform, "volunteering-town")
    person_id = await town.person()
    application = {"programme": PROGRAMME, "roles": [ROLE], "person_id": person_id, "recruitment_source": "friend"}

    await _while_they_leave(
        monkeypatch,
        town,
        person_id=person_id,
        what="intake.volunteer-applied",
        write=lambda: town.command("intake", "/v1/volunteerings", application),
    )

    stream = StreamId(town.tenant, "volunteering", f"{person_id}_{PROGRAMME}")
    commands = platform.services["intake"].application.runtime.commands

    async def is_left() -> bool:
        return (await commands.state(volunteering, stream)).state.standing is Standing.LEFT

    await eventually(is_left, timeout=60)
    await eventually(lambda: _is_dropped(platform, "intake", "volunteerings", f"{town.tenant}/{stream.id}"), timeout=60)


async def test_answers_that_were_being_written_are_dropped_where_they_are_counted(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await _town(platform, "answering-town")
    person_id = await town.person()
    said: Json = {"programme": PROGRAMME, "instrument": "loneliness", "instrument_version": "three-questions"}
    path, answers = f"/v1/persons/{person_id}/answers", {**said, "moment": "start", "items": [1, 1, 1]}

    given = await _while_they_leave(
        monkeypatch,
        town,
        person_id=person_id,
        what="intake.answers-given",
        write=lambda: town.command("intake", path, answers),
    )

    key = f"{town.tenant}/{given['id']}"
    await eventually(lambda: _is_dropped(platform, "reporting", "answers", key), timeout=60)


async def test_an_activity_that_was_being_proposed_is_closed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await _town(platform, "active-town")
    person_id = await town.person()
    talk = {"programme": PROGRAMME, "kind": "lecture", "title": "Maps", "what_we_do": "We look at a map and cook"}

    made = await _while_they_leave(
        monkeypatch,
        town,
        person_id=person_id,
        what="matching.activity-proposed",
        write=lambda: heard(lambda: town.command("matching", "/v1/activities", talk, person=person_id)),
    )

    stream = StreamId(town.tenant, "activity", made["id"])
    commands = platform.services["matching"].application.runtime.commands

    async def is_closed() -> bool:
        return (await commands.state(activity, stream)).state.stage is Stage.CLOSED

    await eventually(is_closed, timeout=60)


async def test_a_place_and_an_offer_that_were_being_taken_are_given_back(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await _town(platform, "signing-town", "shelves")
    person_id, lead = await town.volunteer(), await town.volunteer()
    session_id = await _gathering(town, lead, supporter=person_id)
    offer = {"programme": PROGRAMME, "category": "shelves", "words": "Shelves"}

    made = await _while_they_leave(
        monkeypatch,
        town,
        person_id=person_id,
        what="matching.offer-made",
        write=lambda: heard(lambda: town.command("matching", "/v1/offers", offer, person=person_id)),
        until="matching.release-begun",
    )
    await town.command("matching", f"/v1/sessions/{session_id}/sign-ups", {"person_id": person_id})

    commands = platform.services["matching"].application.runtime.commands
    helping, gathering = StreamId(town.tenant, "helper", person_id), StreamId(town.tenant, "session", session_id)

    async def are_given_back() -> bool:
        offers = (await commands.state(helper, helping)).state.offers
        enrolled = (await commands.state(session, gathering)).state.enrolled
        return (made["id"] in offers.taken_back, person_id in enrolled) == (True, False)

    await eventually(are_given_back, timeout=60)


async def _gathering(town: Town, lead: str, *, supporter: str) -> str:
    """A session of a published activity that somebody else leads."""
    talk = {"programme": PROGRAMME, "kind": "lecture", "title": "Maps", "what_we_do": "We look at a map and cook"}
    made = await heard(lambda: town.command("matching", "/v1/activities", talk, person=lead))
    path = f"/v1/activities/{made['id']}"
    await heard(lambda: town.command("matching", f"{path}/support", {"supporter_id": supporter}))
    await town.command("matching", f"{path}/publish")
    begins_at = datetime.now(UTC) + timedelta(days=7)
    times = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=2)).isoformat()}
    return str((await town.command("matching", f"{path}/sessions", times))["id"])


async def _while_they_leave(
    monkeypatch: pytest.MonkeyPatch,
    town: Town,
    *,
    person_id: str,
    what: str,
    write: Callable[[], Awaitable[Json]],
    until: str = "intake.person-erased",
) -> Json:
    """The answer to what is written by a request that has looked and sealed, and whose commit comes when the person has
    left, or when it was said that they leave."""
    append, arrived, has_left = MongoEventStore.append, asyncio.Event(), asyncio.Event()

    async def late(self: MongoEventStore, commit: NewCommit) -> Commit:
        said = {event.event_type for event in commit.events}
        if commit.stream.tenant == town.tenant and what in said:
            arrived.set()
            await has_left.wait()
        stored = await append(self, commit)
        if until in said:
            has_left.set()
        return stored

    monkeypatch.setattr(MongoEventStore, "append", late)
    writing = asyncio.ensure_future(write())
    await asyncio.wait_for(arrived.wait(), 60)
    await _erased(town, person_id)
    return await asyncio.wait_for(writing, 60)


async def _is_dropped(platform: Platform, service: str, name: str, key: str) -> bool:
    database = platform.databases[service]
    collection = database[collection_name(name, await live_generation(database, name))]
    return await collection.find_one({"_id": key, "_erased": True}) is not None
