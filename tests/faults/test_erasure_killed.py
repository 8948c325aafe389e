"""An erasure whose four services are killed with kill -9 at every point of it, one after the other: it ends, once."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count

import pytest

from chassis.keyring import Keyring
from chassis.service import Role
from contracts.sealed import Redacted, Sealed
from contracts.topics import SERVICES
from tests.faults.mortal_service import LEDGER, PURGE, SHRED, Life, MortalService, Point, mortal_service
from tests.services.mail_server import mail_server
from tests.support.platform import BUILDS, Platform, platform_at
from tests.support.service import Place, running_service
from tests.support.town import Json, Ledger
from tests.support.wait import eventually

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(300)]

_TENANT = "fjordby"
POINTS = {
    "matching": (
        "matching.release-begun",
        "matching.match-ended",
        "matching.person-released",
        PURGE,
        SHRED,
        "matching.person-purged",
    ),
    "intake": (
        LEDGER,
        SHRED,
        "intake.key-destroyed",
        PURGE,
        "intake.person-purged",
        "intake.receipt-noted",
        "intake.person-erased",
    ),
    "notifications": (PURGE, SHRED, "notifications.person-purged"),
    "reporting": (PURGE, SHRED, "reporting.person-purged"),
}
_LAST = Point("before", "intake.person-erased")
_STEPS = {
    "erasure-asked",
    "release-begun",
    "match-ended",
    "person-released",
    "key-destroyed",
    "person-purged",
    "receipt-noted",
    "person-erased",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A requester, whose name is sealed so, and a helper with a live match between them."""

    requester: str
    helper: str
    name: Sealed[object]


@pytest.fixture
async def pair(place: Place) -> Pair:
    await place.make_topics()
    async with platform_at(place) as platform:
        town = platform.town(_TENANT)
        await town.settle_in(helpers=1)
        request_id, requester = await town.request()
        proposal_id, helper = await town.propose(request_id)
        await town.meet(request_id, proposal_id)
        await town.say("yes", request_id, proposal_id, person=requester)
        await town.say("yes", request_id, proposal_id, person=helper)
        await town.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
        return Pair(requester, helper, await _name_of(platform, requester))


@pytest.fixture
async def platform(place: Place, pair: Pair) -> AsyncIterator[Platform]:
    """What answers and relays; whoever consumes is a process of its own."""
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(mail_server())
        services = {}
        for name, build in BUILDS.items():
            starting = running_service(name, build, place, roles={Role.API, Role.RELAY}, smtp=mail.address)
            services[name] = await stack.enter_async_context(starting)
        yield Platform(services, place, mail, Ledger())


async def test_killed_at_every_point_in_every_service_it_ends_and_everything_is_said_once(
    platform: Platform, pair: Pair
) -> None:
    town, is_last = platform.town(_TENANT), asyncio.Event()
    path = f"/v1/persons/{pair.requester}/erasure"
    await town.command("intake", path)
    async with AsyncExitStack() as living:
        async with asyncio.TaskGroup() as group:
            for service in SERVICES:
                group.create_task(_lives(platform, service, is_last, living))
        assert (await town.until("intake", path, lambda found: found["erased_at"]))["waiting_for"] == []

    said = await _said(platform)
    assert said == Counter(dict.fromkeys(said, 1)), "everything once"
    assert said.keys() == {
        *(f"matching.{step}" for step in ("release-begun", "match-ended", "person-released")),
        *(f"intake.{step}" for step in ("erasure-asked", "key-destroyed", "person-erased")),
        *(f"{service}.person-purged" for service in SERVICES),
        *(f"intake.receipt-noted {service}" for service in SERVICES),
    }
    keyring: Keyring = platform.services["reporting"].application.runtime.keyring
    assert isinstance(await keyring.open(_TENANT, pair.name), Redacted)
    assert len(await platform.services["intake"].application.runtime.erasures.all()) == 1
    assert (await town.get_once("intake", f"/v1/persons/{pair.requester}")).status_code == 404
    assert (await town.get_once("intake", f"/v1/persons/{pair.helper}")).status_code == 200
    assert [one for one in SERVICES if await platform.databases[one]["dead_letters"].find_one()] == []


async def _lives(platform: Platform, service: str, is_last: asyncio.Event, living: AsyncExitStack) -> None:
    """One life after the other, each killed at the next point; the last one is `living`.

    Reporting gives its receipt last, so that intake's notes of the others come before the end.
    """
    numbers, settings = count(1), platform.place.settings(smtp=platform.mail.address)

    def begun(ends_at: Point | None) -> MortalService:
        life = Life(service, next(numbers), settings, ends_at, is_mortal_from_start=service == "intake")
        return living.enter_context(mortal_service(life))

    for point in _points(service):
        if point == _LAST:
            is_last.set()
        if point == Point("after", "reporting.person-purged"):
            await is_last.wait()
        await begun(point).killed()
    begun(None)


def _points(service: str) -> Sequence[Point]:
    return [point for what in POINTS[service] for point in (Point("before", what), Point("after", what))]


async def _name_of(platform: Platform, person_id: str) -> Sealed[object]:
    found = await eventually(
        lambda: platform.databases["intake"]["persons.1"].find_one({"_id": f"{_TENANT}/{person_id}", "_gone": None})
    )
    assert found is not None
    return Sealed(found["name"]["subject"], found["name"]["sealed"])


async def _said(platform: Platform) -> Counter[str]:
    """How often each step of the erasure was said; a note of a receipt is named with whose it is."""
    said: Counter[str] = Counter()
    for service in SERVICES:
        seen: set[tuple[str, str]] = set()  # a relay may send a record twice
        for record in await platform.place.read(f"{service}.events"):
            place, name = (record.key, record.headers["ce_position"]), record.headers["ce_type"]
            if place in seen or name.partition(".")[2] not in _STEPS:
                continue
            seen.add(place)
            body: Json = json.loads(record.body)
            said[f"{name} {body['service']}" if "service" in body else name] += 1
    return said
