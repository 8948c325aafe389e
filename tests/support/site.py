"""The whole site in one process on the real engines: the four services with their pages, issuer, mailbox, one port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import yaml
from pymongo import AsyncMongoClient

from chassis.service import Application, application
from chassis.web.session import kept_session_keys
from contracts.policy import Policy
from deploy.demo.story import PROGRAMMES
from deploy.local.front import Front, front
from deploy.local.issuer import Directory, log_in, read_directory
from deploy.local.ports import HOST
from deploy.local.serving import bind, serving
from tests.support.platform import BUILDS
from tests.support.service import Place, own_place
from tests.support.stack import Addresses
from tests.support.wait import eventually

TENANTS = ("oslo", "rudersdal", "kolding", "gladsaxe", "sandefjord")
_PATIENCE_SECONDS = 90.0  # a machine that does much else starts a whole site slowly

NOT_HEARD_YET = {"facts_too_old", "not_listed", "no_policy"}


@dataclass(frozen=True, slots=True)
class Site:
    """`front.url` is what a browser opens; `applications` are the services behind it."""

    front: Front
    place: Place
    directory: Directory
    applications: Mapping[str, Application]

    @property
    def url(self) -> str:
        return self.front.url

    async def get(self, subject: str, path: str, **query: Any) -> Any:
        """What an operation, such as `/intake/v1/requests`, shows to somebody of the directory."""
        async with await self._as(subject) as http:
            answer = await http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, subject: str, path: str, body: Any = None) -> Any:
        """What a test has done beside the pages; said again while another service has not heard of what it needs."""

        async def done() -> httpx.Response | None:
            async with await self._as(subject) as http:
                answer = await http.post(path, json=body)
            return None if answer.status_code == 409 and answer.json()["rule"] in NOT_HEARD_YET else answer

        answer = await eventually(done)
        assert answer is not None
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def adopt(self, tenant: str) -> None:
        """The tenant's programme, as its policy file has it."""
        written = (PROGRAMMES / f"{tenant}.yaml").read_text()
        policy = Policy.model_validate(yaml.safe_load(written))
        body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_none=True)}
        await self.post(f"{tenant}-coordinator", f"/intake/v1/programmes/{tenant}/policy", body)

    async def _as(self, subject: str) -> httpx.AsyncClient:
        headers = await self.bearer(subject)
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=_PATIENCE_SECONDS)

    async def bearer(self, subject: str) -> dict[str, str]:
        """The header of somebody of the directory."""
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as http:
            return {"Authorization": f"Bearer {await log_in(http, self.front.issuer, subject)}"}


@asynccontextmanager
async def site_at(place: Place) -> AsyncIterator[Site]:
    """Every service answers, with its consumers joined."""
    async with AsyncExitStack() as exits:
        listener = exits.enter_context(bind(0, what="the gateway"))
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        listeners = {name: exits.enter_context(bind(0, what=name)) for name in BUILDS}
        addresses = {name: f"http://{HOST}:{each.getsockname()[1]}" for name, each in listeners.items()}
        directory = read_directory()
        standing = front(listener, url=url, services=addresses, data=place.directory, directory=directory)
        here = await exits.enter_async_context(standing)
        changes = {
            "issuer": here.issuer,
            "site": url,
            "invented_people": True,
            "session_keys": kept_session_keys(place.directory / "session-keys"),
            "smtp": here.smtp,
            "sms": f"{here.mailbox}/sms",
        }
        applications = {}
        for name, build in BUILDS.items():
            ready = await exits.enter_async_context(application(name, build, place.settings(**changes)))
            parts = asyncio.create_task(ready.run_parts())
            exits.push_async_callback(_ended, parts)
            await exits.enter_async_context(serving(ready.app, listeners[name]))
            applications[name] = ready
        await eventually(
            lambda: all(each.consumers.is_ready() for each in applications.values()), timeout=_PATIENCE_SECONDS
        )
        yield Site(here, place, directory, applications)


@asynccontextmanager
async def site_of_five(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], root: Path
) -> AsyncIterator[Site]:
    """The site in a place of its own, with the five programmes that come with the platform."""
    async with own_place(engines, mongo_client, f"t{uuid4().hex[:12]}-", root) as place:
        await place.make_topics(*TENANTS)
        async with site_at(place) as site:
            for tenant in TENANTS:
                await site.adopt(tenant)
            yield site


async def _ended(parts: asyncio.Task[None]) -> None:
    parts.cancel()
    await asyncio.gather(parts, return_exceptions=True)
