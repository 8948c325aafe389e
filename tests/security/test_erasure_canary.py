"""Nothing that somebody ever said is left in clear anywhere, as bytes, once they left without a trace (S2.3)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from contracts.topics import SERVICES, topics_of_tenant
from deploy.backup.dump import back_up
from deploy.backup.manifest import Part as Kept
from deploy.local.engines import Engines, start_engines
from tests.security.canary import Canary, in_documents, in_raw_bytes, in_records
from tests.security.world import FRIENDS, NEIGHBOURS, TOLD
from tests.services.mail_server import mail_server
from tests.support.served_issuer import served_issuer
from tests.support.service import Place
from tests.support.service_process import Part, ServiceProcess, environment, started
from tests.support.town import ROLE, Ledger, Town

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(600)]

TENANT = "fjordby"
_CERTIFIED = {**FRIENDS, "roles": {ROLE: {**FRIENDS["roles"][ROLE]}, "guide": {"certificate": "police"}}}
_FIGURES = ("requests", "matches", "funnel", "support", "volunteers", "recruitment")
_FRESHNESS = {"facts_as_of", "is_final"}


@dataclass(slots=True)
class Ground:
    """Engines, processes, logs, keys and backups: all that the platform writes lies below `root`."""

    root: Path
    engines: Engines
    place: Place
    processes: list[ServiceProcess]
    town: Town
    client: AsyncMongoClient[JsonObject]

    @property
    def passing(self) -> tuple[str, ...]:
        """Topics that pass on what an organisation outside said to us and what it was answered."""
        return tuple(f"{self.place.namespace}{topic.name}" for topic in topics_of_tenant(TENANT))


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    namespace = f"k{uuid4().hex[:8]}-"
    async with AsyncExitStack() as stack:
        engines = await asyncio.to_thread(start_engines, tmp_path / "engines")
        stack.callback(engines.stop)
        issuer = await stack.enter_async_context(served_issuer())
        mail = await stack.enter_async_context(mail_server())
        place = Place(engines, namespace, tmp_path, issuer)
        await place.make_topics(TENANT)
        place.move_clock(timedelta(0))
        env = environment(place, smtp=mail.address, log_level="DEBUG")
        processes = started([Part(name) for name in SERVICES], env, tmp_path / "logs")
        for process in processes:
            stack.callback(process.stop)
        await asyncio.gather(*(process.until_ready() for process in processes))
        clients = {
            process.part.service: await stack.enter_async_context(
                httpx.AsyncClient(base_url=process.url, timeout=30, trust_env=False)
            )
            for process in processes
        }
        client = await stack.enter_async_context(AsyncMongoClient[JsonObject](engines.mongo, tz_aware=True))
        town = Town(TENANT, clients, issuer, Ledger())
        yield Ground(tmp_path, engines, place, processes, town, client)


async def test_not_one_of_forty_words_is_left_in_any_byte_and_another_person_is_untouched(ground: Ground) -> None:
    town = ground.town
    for programme, policy in ((TOLD, _CERTIFIED), ("neighbours", NEIGHBOURS)):
        await town.command("intake", f"/v1/programmes/{programme}/policy", {"policy": policy, "adopted_by": "Us"})
    helper = await town.volunteer()
    other = await town.person(hopes="To stay as they are.", interests=["birds"])
    canary = Canary(town, ground.engines.kafka, ground.place.namespace)
    await canary.tell(helper)
    assert len(canary.words) >= 40
    ground.place.move_clock(timedelta(days=1))
    occasion = "lone-visit-overdue"
    await town.until("notifications", f"/v1/messages?programme={TOLD}&limit=200", lambda found: occasion in str(found))
    figures, before = await _figures(town), (await town.get_once("intake", f"/v1/persons/{other}")).json()
    assert await canary.letters(ground.client) == {"intake", "matching"}
    parts: tuple[Kept, ...] = ("services", "keyring")
    for part in parts:
        await back_up(ground.client, part, ground.root / f"backup-{part}", prefix=ground.place.namespace)

    await town.command("intake", f"/v1/persons/{canary.person_id}/erasure")
    path = f"/v1/persons/{canary.person_id}/erasure"
    assert (await town.until("intake", path, lambda found: found["erased_at"]))["waiting_for"] == []

    activity = await town.get_once("matching", f"/v1/activities/{canary.activity_id}")
    assert activity.status_code == 404
    assert (await town.get_once("intake", f"/v1/persons/{canary.person_id}")).status_code == 404
    assert (await town.get_once("intake", f"/v1/persons/{other}")).json() == before
    assert before["profile"]["hopes"] == "To stay as they are."
    assert await _figures(town) == figures
    probe = {"probe": canary.word("probe")}
    await ground.client["probe"]["clear"].insert_one(dict(probe))
    for process in ground.processes:
        process.stop()
    await ground.client.admin.command("fsync")
    assert await in_documents(ground.client, canary.words) == _only_the_probe(ground)
    assert await in_records(ground.engines.kafka, canary.words, but=ground.passing) == []
    found = in_raw_bytes(ground.root, canary.words, but=ground.passing)
    assert {name for name, _ in found} == {"probe"}, found


@pytest.mark.requirement("S2.9")
async def test_what_passes_in_clear_is_gone_after_a_week_and_its_answers_after_a_month(ground: Ground) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.engines.kafka)
    await admin.start()
    try:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in ground.passing]
        answers = [resource for answer in await admin.describe_configs(wanted) for resource in answer.resources]
    finally:
        await admin.close()
    kept = {
        resource[3]: int(next(entry[1] for entry in resource[4] if entry[0] == "retention.ms")) for resource in answers
    }
    days = 24 * 3600 * 1000
    assert sorted(kept.values()) == [7 * days, 30 * days, 30 * days]


def _only_the_probe(ground: Ground) -> list[tuple[str, str]]:
    """A scan that finds nothing proves nothing: this stands there in clear, in its collection and in the oplog."""
    return [("probe", "local.oplog.rs"), ("probe", "probe.clear")]


async def _figures(town: Town) -> list[JsonObject]:
    """As of the day on which all was told, as known then: what was reported of that day stands."""
    day = datetime.now(ZoneInfo("Europe/Oslo")).date()
    asked = f"programme={TOLD}&as_of={day}&known_at={day}"
    told = [
        await town.until("reporting", f"/v1/figures/{name}?{asked}", lambda found: found["is_final"])
        for name in _FIGURES
    ]
    return [{name: value for name, value in one.items() if name not in _FRESHNESS} for one in told]
