"""An older backup on fresh engines, as the runbook says it: who was erased since stays so, and the others go on."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient
from typer.testing import CliRunner

from contracts.topics import SERVICES
from deploy.cli import app
from tests.support.platform import platform_at
from tests.support.served_issuer import served_issuer
from tests.support.service import Place, own_place
from tests.support.service_process import Part, environment, started
from tests.support.town import PROGRAMME, STAFF, Json, Town
from tests.support.wait import eventually

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(240)]

_FIGURES = ("requests", "matches", "funnel")


@pytest.fixture
async def fresh(
    place: Place, mongo_client: AsyncMongoClient[Json], unique: str, tmp_path: Path
) -> AsyncIterator[Place]:
    """Other databases and other topics, and an issuer that processes reach."""
    directory = tmp_path / "another-machine"
    async with (
        served_issuer() as issuer,
        own_place(place.engines, mongo_client, f"{unique}-fresh-", directory) as fresh,
    ):
        yield Place(fresh.engines, fresh.namespace, fresh.directory, issuer)


async def test_who_was_erased_after_the_backup_stays_erased_and_the_others_go_on(
    place: Place, fresh: Place, tmp_path: Path
) -> None:
    await place.make_topics()
    async with platform_at(place) as platform:
        town = platform.town("fjordby")
        await town.settle_in(helpers=2)
        request_id, _ = await town.request()
        leaving = await town.person(hopes="kanarie")
        await eventually(platform.is_settled, timeout=90)
        figures = await _figures(town)
        await _kobling(place, "backup", str(tmp_path / "backup"))

        await town.command("intake", f"/v1/persons/{leaving}/erasure")
        await town.until("intake", f"/v1/persons/{leaving}/erasure", lambda found: found["erased_at"])
        await eventually(platform.is_settled, timeout=90)
    assert b"kanarie" not in b"".join(file.read_bytes() for file in (tmp_path / "backup").rglob("*") if file.is_file())

    for kept in ("kms", "audit"):
        shutil.copytree(place.directory / kept, fresh.directory / kept)
    told = await _kobling(fresh, "restore", str(tmp_path / "backup"), "--by", "ola")
    assert "signed: the audit trail of fjordby in intake was restored" in told
    await fresh.make_topics()
    await _send_the_whole_history(fresh)

    async with _answers_from_the_first_on(fresh, f"/v1/persons/{leaving}", tmp_path) as statuses:
        assert set(statuses) == {404}

    async with platform_at(fresh) as platform:
        town = platform.town("fjordby")
        assert (await town.get_once("intake", f"/v1/persons/{leaving}")).status_code == 404
        await town.until("intake", f"/v1/persons/{leaving}/erasure", lambda found: found["erased_at"])
        await eventually(platform.is_settled, timeout=90)
        assert await _figures(town) == figures
        proposal_id, _ = await town.propose(request_id)
        await town.meet(request_id, proposal_id)
        await town.person()
        await eventually(platform.is_settled, timeout=90)
    verified = await _kobling(fresh, "audit", "verify")
    assert "intake, fjordby: restored " in verified


@asynccontextmanager
async def _answers_from_the_first_on(place: Place, path: str, logs: Path) -> AsyncIterator[Counter[int]]:
    """What a process of intake answers to staff, asked without a pause from before its port is open."""
    [process] = started([Part("intake")], environment(place), logs)
    bearer = place.issuer.bearer(tenant="fjordby", scopes=STAFF, subject="coordinator")
    statuses: Counter[int] = Counter()
    try:
        async with httpx.AsyncClient(base_url=process.url, headers=bearer, trust_env=False) as client:

            async def answered() -> bool:
                try:
                    statuses[(await client.get(path)).status_code] += 1
                except httpx.TransportError:
                    return False
                return statuses.total() >= 20

            await eventually(answered, timeout=120, every=0.01)
        await process.until_ready()
        yield statuses
    finally:
        process.stop()


async def _kobling(place: Place, *words: str) -> str:
    settings = {
        "KOBLING_MONGO": place.engines.mongo,
        "KOBLING_DATABASE_PREFIX": place.namespace,
        "KOBLING_KMS_DIR": str(place.directory / "kms"),
    }
    done = await asyncio.to_thread(CliRunner().invoke, app, list(words), env=settings)
    assert done.exit_code == 0, done.output
    return done.output


async def _send_the_whole_history(place: Place) -> None:
    """The broker is new and empty: the runbook puts every commit back into the outbox."""
    async with AsyncMongoClient[Json](place.engines.mongo) as client:
        for service in SERVICES:
            await client[f"{place.namespace}{service}"]["commits"].update_many({}, {"$set": {"o": 1}})


async def _figures(town: Town) -> list[Any]:
    told = [await town.get("reporting", f"/v1/figures/{name}?programme={PROGRAMME}") for name in _FIGURES]
    return [{name: value for name, value in one.items() if name not in {"facts_as_of", "is_final"}} for one in told]
