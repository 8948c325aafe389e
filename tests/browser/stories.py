"""A town of its own for a story: one programme, a coordinator, and whoever else comes to have a log-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import yaml
from playwright.async_api import Browser

from chassis.clock import ShiftedClock
from contracts.policy import Policy
from deploy.demo.story import PROGRAMMES
from deploy.local.issuer import Account
from tests.browser.acting import Actor
from tests.browser.folk import Folk, Json
from tests.browser.looking import Looking
from tests.support.site import Site

COORDINATOR = "Solveig Prøve"


@dataclass(slots=True)
class Story:
    """`folk` does beside the pages what nobody does at a page; `people` are the pseudonyms by first name."""

    site: Site
    looking: Looking
    folk: Folk
    programme: str
    policy: Json
    exits: AsyncExitStack
    people: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> ShiftedClock:
        return ShiftedClock(self.site.place.directory / "clock")

    def move_to(self, year: int, month: int, day: int, *, hour: int = 9) -> None:
        """That hour of that day at the place, for the whole site: only where the story has a site of its own."""
        self.clock.move_to(datetime(year, month, day, hour, tzinfo=ZoneInfo(self.policy["zone"])))

    async def coordinator(self, name: str = COORDINATOR) -> Actor:
        """Another one where another name is given."""
        if name == COORDINATOR:
            return await self._enters(self.folk.coordinator)
        known = self.site.directory.find(self.folk.coordinator)
        assert known is not None
        subject = f"{known.subject}-2"
        self.site.directory.put(known.model_copy(update={"subject": subject, "name": name}))
        return await self._enters(subject)

    async def person(self, name: str, person_id: str = "", **options: Any) -> Actor:
        """Somebody with an own log-in; known already as `person_id`, or about to say who they are.

        Without scripts: everything that people need for themselves works so.
        """
        person_id = person_id or str(uuid4())
        citizen = self.site.directory.find(f"{self.folk.tenant}-citizen")
        assert citizen is not None
        subject = self.folk.subject(person_id)
        self.site.directory.put(
            Account(subject=subject, tenant=self.folk.tenant, scopes=citizen.scopes, name=name, person=person_id)
        )
        self.people[name.partition(" ")[0]] = person_id
        return await self._enters(subject, person_id, **{"java_script_enabled": False, **options})

    async def adopts(self, **changes: Any) -> None:
        """What a board decides is not written at a page."""
        self.policy |= changes
        body = {"policy": self.policy, "adopted_by": "The board"}
        await self.folk.do("intake", f"/v1/programmes/{self.programme}/policy", body)

    async def _enters(self, subject: str, person_id: str = "", **options: Any) -> Actor:
        page = await self.looking.as_(subject, "en", **options)
        self.exits.push_async_callback(page.context.close)
        page.on("dialog", lambda dialog: dialog.accept())
        return Actor(page, person_id)


@asynccontextmanager
async def story_at(
    site: Site, browser: Browser, town: str, programme: str, *, begins: tuple[int, int, int] | None = None
) -> AsyncIterator[Story]:
    """The programme of `deploy/programmes/{town}.yaml` as it is adopted, in a tenant that nobody else uses.

    `begins` is the day on which it is, where the story has a site of its own (`own_site`).
    """
    tenant = f"{town}-{uuid4().hex[:6]}"
    await site.place.make_topics(tenant)
    for role, name in (("coordinator", COORDINATOR), ("citizen", "Amina Eksempel")):
        known = site.directory.find(f"{town}-{role}")
        assert known is not None
        site.directory.put(Account(subject=f"{tenant}-{role}", tenant=tenant, scopes=known.scopes, name=name))
    read = Policy.model_validate(yaml.safe_load((PROGRAMMES / f"{town}.yaml").read_text()))
    policy = read.model_dump(mode="json", by_alias=True, exclude_none=True)
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(timeout=60))
        folk = Folk(site, tenant, f"{tenant}-coordinator", http)
        story = Story(site, Looking(browser, site), folk, programme, policy, exits)
        if begins:
            story.move_to(*begins)
        await story.adopts()
        await folk.until("matching", "/v1/programmes", lambda found: programme in str(found))
        yield story
        assert [fault for fault in story.looking.faults if "Failed to load resource" not in fault] == []
