"""A municipality's own program proves its organisation by a signed assertion, and refers over HTTP."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from joserfc.jwk import ECKey
from pymongo import AsyncMongoClient

from chassis.service import application
from deploy.local.front import Front, front
from deploy.local.issuer import read_directory
from deploy.local.ports import HOST
from deploy.local.serving import bind, serving
from services.intake.app import build
from tests.services.intake_front import PAIRING
from tests.support.served_issuer import served_issuer
from tests.support.service import own_place
from tests.support.stack import Addresses

EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "municipality"
TENANT, ORGANISATION, SYSTEM = "fjordby", "0192:999888777", "case-system"
KEY = ECKey.generate_key("P-256")


@pytest.fixture
async def town(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], unique: str, tmp_path: Path
) -> AsyncIterator[Front]:
    """Intake behind the gateway; it believes the issuer beside it of one system, and of nobody else."""
    async with AsyncExitStack() as exits:
        place = await exits.enter_async_context(own_place(engines, mongo_client, f"{unique}-", tmp_path))
        await place.make_topics(TENANT)
        gateway, listener = bind(0, what="the gateway"), bind(0, what="intake")
        url = f"http://{HOST}:{gateway.getsockname()[1]}"
        services = {"intake": f"http://{HOST}:{listener.getsockname()[1]}"}
        standing = front(gateway, url=url, services=services, data=tmp_path, directory=read_directory())
        here = await exits.enter_async_context(standing)
        staff = await exits.enter_async_context(served_issuer())
        issuers = tmp_path / "issuers.yaml"
        issuers.write_text(yaml.safe_dump({"issuers": [_maskinporten(here.issuer)]}))
        settings = place.settings(issuer=staff.url, issuers=issuers)
        ready = await exits.enter_async_context(application("intake", build, settings))
        parts = asyncio.create_task(ready.run_parts())
        await exits.enter_async_context(serving(ready.app, listener))
        async with httpx.AsyncClient() as http:
            body = {"policy": {**PAIRING, "gates": []}, "adopted_by": "The board"}
            bearer = staff.bearer(tenant=TENANT, scopes=["programmes:manage"])
            path = f"{url}/intake/v1/programmes/walking-friends/policy"
            assert (await http.post(path, json=body, headers=bearer)).status_code == 200
        yield here
        parts.cancel()
        await asyncio.gather(parts, return_exceptions=True)


def _maskinporten(issuer: str) -> dict[str, Any]:
    bound = {"tenant_from": "consumer", "tenants": {ORGANISATION: TENANT}, "subject_from": "client_id"}
    life = {"scope_prefix": "kobling:", "scopes": ["referrals:write"], "max_lifetime_seconds": 120}
    return {"name": "maskinporten", "kind": "system", "issuer": issuer, "audience": "kobling", **bound, **life}


async def _refers(town: Front, key: Path) -> tuple[int, str, str]:
    where = ["--kobling", town.url, "--audience", "kobling", "--issuer", town.issuer]
    who = ["--client-id", SYSTEM, "--key", str(key)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(EXAMPLE / "over_http.py"), *where, *who, str(EXAMPLE / "referral.json")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, faults = await process.communicate()
    return process.returncode or 0, said.decode(), faults.decode()


async def test_a_system_refers_by_what_its_key_proves_and_another_key_proves_nothing(
    town: Front, tmp_path: Path
) -> None:
    mine, foreign = tmp_path / "mine.pem", tmp_path / "foreign.pem"
    mine.write_bytes(KEY.as_pem(private=True))
    foreign.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    system = {"tenant": TENANT, "scopes": ["referrals:write"], "organisation": ORGANISATION}
    async with httpx.AsyncClient() as http:
        body = {**system, "key": KEY.as_dict(private=False)}
        assert (await http.put(f"{town.issuer}/accounts/{SYSTEM}", json=body)).status_code == 204

    status, said, faults = await _refers(town, mine)
    assert (status, faults) == (0, "")
    first = json.loads(said)
    assert (first["referral_id"], first["status"]) == ("fjordby-2026-0017", "posted")
    assert json.loads((await _refers(town, mine))[1]) == first

    status, said, faults = await _refers(town, foreign)
    assert (status, said, "400 Bad Request" in faults) == (1, "", True)
