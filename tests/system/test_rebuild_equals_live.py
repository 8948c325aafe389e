"""Every read model of every service is built anew while people go on: it comes out the same, and answers meanwhile."""

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest

from chassis.rebuild import rebuild_progress, request_rebuild
from contracts.topics import SERVICES
from tests.support.platform import Platform, platform_at
from tests.support.service import Place
from tests.support.town import PROGRAMME, Ending, Json, Town
from tests.support.town_tasks import NEIGHBOURS, neighbourly
from tests.support.wait import eventually

_QUIET, _LIVELY = ("fjordby", "elvheim"), "havneby"
_REFERRALS = range(3)

_QUESTIONS = (
    ("intake", "/v1/requests?limit=200"),
    ("intake", "/v1/persons?limit=200"),
    ("intake", "/v1/volunteerings?limit=200"),
    ("matching", "/v1/searches?limit=200&status=settled"),
    ("matching", "/v1/matches?limit=200"),
    ("matching", f"/v1/tallies/{PROGRAMME}"),
    ("notifications", "/v1/messages?limit=200"),
    ("reporting", f"/v1/figures/requests?programme={PROGRAMME}"),
    ("reporting", f"/v1/figures/matches?programme={PROGRAMME}"),
    ("reporting", f"/v1/figures/funnel?programme={PROGRAMME}"),
    ("reporting", f"/v1/figures/support?programme={PROGRAMME}"),
    ("reporting", f"/v1/figures/tenders?programme={NEIGHBOURS}"),
    ("reporting", f"/v1/figures/resources?programme={NEIGHBOURS}"),
    ("matching", f"/v1/offers/unused?programme={NEIGHBOURS}"),
    ("matching", "/v1/activities/all?stage=published"),
)
# How fresh an answer is, which is no part of what was asked.
_FRESHNESS = {"facts_as_of", "is_final"}


@dataclass(slots=True)
class Asker:
    """Asks the same questions over and over; their answers may not change while nobody in that tenant does anything."""

    town: Town
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    _before: dict[str, Json] = field(default_factory=dict)

    async def remember(self) -> None:
        for service, path in _QUESTIONS:
            self._before[path] = _lasting(await self.town.get(service, path))

    async def ask(self, stopping: asyncio.Event) -> None:
        """One question after another, each once: an answer that is not 200 is wrong too."""
        while not stopping.is_set():
            for service, path in _QUESTIONS:
                answer = await self.town.get_once(service, path)
                self.asked += 1
                if not _is_same(answer, self._before[path]):
                    self.wrong.append(f"{path}: {answer.status_code} {answer.text[:200]}")


def _is_same(answer: httpx.Response, before: Json) -> bool:
    return answer.status_code == httpx.codes.OK and _lasting(answer.json()) == before


def _lasting(answer: Json) -> Json:
    return {name: value for name, value in answer.items() if name not in _FRESHNESS}


async def _lived(town: Town, platform: Platform) -> None:
    """Everything that people do, once each, and referrals."""
    place = platform.place
    await town.settle_in(helpers=3)
    await town.refer(_REFERRALS, kafka=place.engines.kafka, namespace=place.namespace)
    for ending in Ending:
        await town.story(ending)
    await neighbourly(town)


@pytest.mark.timeout(240)
async def test_a_rebuilt_read_model_equals_the_live_one_and_is_asked_all_the_time(place: Place) -> None:
    await place.make_topics(*_QUIET, _LIVELY)
    async with platform_at(place) as platform:
        quiet, lively = [platform.town(tenant) for tenant in _QUIET], platform.town(_LIVELY)
        await asyncio.gather(*(_lived(town, platform) for town in quiet))
        await eventually(platform.is_settled, timeout=60)
        before, generations = await platform.documents(*_QUIET), await platform.live_generations()
        asker, stopping = Asker(quiet[0]), asyncio.Event()
        await asker.remember()

        async with asyncio.TaskGroup() as going_on:
            going_on.create_task(_lived(lively, platform))
            going_on.create_task(asker.ask(stopping))
            for database in platform.databases.values():
                for state in await rebuild_progress(database):
                    await request_rebuild(database, state.name)
            await eventually(lambda: _are_switched(platform, generations), timeout=90, every=0.1)
            stopping.set()
        await eventually(platform.is_settled, timeout=60)

        assert await platform.documents(*_QUIET) == before
        assert asker.wrong == []
        assert asker.asked > len(_QUESTIONS)
        assert sum(map(len, before.values())) > 100
        # Timers that are over leave nothing behind.
        empty = {name for name, held in before.items() if not held and ".timers-" not in name}
        assert sorted(empty - _MAY_BE_EMPTY) == []


async def _are_switched(platform: Platform, before: dict[str, int]) -> bool:
    now = await platform.live_generations()
    assert {name: now.get(name, 0) > generation for name, generation in before.items()} == dict.fromkeys(before, True)
    return True


# What a town that lives an ordinary life has nothing of.
_MAY_BE_EMPTY = {
    *(f"{service}.grants" for service in SERVICES),
    "notifications.pairs",
    "notifications.subscribers",
    "notifications.waiting",
    "intake.places",
    "intake.block-checks",
    "intake.erasures",
    "matching.modes",
    "reporting.answers",
    "reporting.told",
}
