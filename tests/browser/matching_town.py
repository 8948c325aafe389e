"""A small town in matching: people who wait, are asked, found each other, hang on the board, do things together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.issuer import Account
from tests.browser.folk import Folk, Json
from tests.support.site import Site

TENANT = "kolding"
ROLE = "companion"
POLICY: Json = {
    "title": {"nb": "Følge på veien", "nn": "Følgje på vegen", "da": "Følge på vejen", "en": "Company on the way"},
    "country": "DK",
    "zone": "Europe/Copenhagen",
    "roles": {ROLE: {"approval": "registration"}},
    "registration_reason": "Everybody can give something, so nobody decides who may.",
    "categories": [
        {"code": "visiting", "by": "pairing"},
        "shelves",
        "garden",
        {"code": "shopping", "safeguards": ["money", "keys"]},
    ],
    "support_forms": ["talk", "guide", "friend"],
    "partners": [
        {"organisation": "Krisecenter Opdigtet", "does": "refers", "sees": "status"},
        {"organisation": "Frivilligcenter Eksempel", "does": "enrols", "sees": "enrolment"},
    ],
    "kinds": ["meal", "course"],
    "capacity": 5,
    "max_length": "P1Y",
    "milestones": [1],
}
WISHES = {
    "languages": [{"code": "ar", "level": "b1"}, {"code": "da", "level": "a2"}],
    "support_forms": ["talk", "guide"],
    "interests": ["gardening"],
    "day_parts": ["evening"],
}


@dataclass(slots=True)
class Town:
    """A programme of its own with a coordinator of its own; `folk` act in it."""

    folk: Folk
    programme: str

    async def helper(self, name: str, **profile: Any) -> str:
        described = {"languages": [{"code": "da"}], **profile}
        person_id = await self.folk.registered(name, **described)
        application = {"programme": self.programme, "roles": [ROLE], "person_id": person_id}
        await self.folk.do("intake", "/v1/volunteerings", application)
        return person_id

    async def wish(self, name: str, category: str = "visiting", **more: Any) -> tuple[str, str]:
        """Somebody asks for themselves: the request's id and the person's."""
        person_id = await self.folk.registered(name)
        body = {
            "programme": self.programme,
            "person_id": person_id,
            "category": category,
            "what": "Somebody to talk with.",
            "expected_duration": "PT2H",
            **more,
        }
        made = await self.folk.do("intake", "/v1/requests", body)
        assert made["status"] == "posted", made
        await self.folk.until("matching", f"/v1/searches/{made['request_id']}")
        return made["request_id"], person_id

    async def proposed(self, request_id: str, helper: str) -> str:
        """The proposal's path."""
        path = f"/v1/searches/{request_id}"
        await self.folk.until("matching", f"{path}/candidates/{helper}", lambda found: not found["why_not"])
        made = await self.folk.do("matching", f"{path}/proposals", {"helper_id": helper})
        return f"{path}/proposals/{made['id']}"

    async def matched(self, request_id: str, person_id: str, helper: str) -> str:
        """Proposed, met, both say yes: the match's id."""
        proposal = await self.proposed(request_id, helper)
        await self.folk.do("matching", f"{proposal}/meeting", {"meets_at": in_days(1)})
        await self.folk.do("matching", f"{proposal}/meeting/held")
        for who in (person_id, helper):
            await self.folk.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=who)
        found = await self.folk.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
        await self.folk.until("matching", f"/v1/matches/{found['match_id']}")
        return str(found["match_id"])

    async def tender(self, request_id: str, text: str, *helpers: str) -> None:
        body = {"text": text, "closes_at": in_days(14)}
        tender_id = (await self.folk.do("matching", f"/v1/searches/{request_id}/tender", body))["id"]
        for helper in helpers:
            await self.folk.do("matching", f"/v1/tenders/{tender_id}/offers", by=helper)

    async def activity(self, lead: str, title: str) -> str:
        body = {
            "programme": self.programme,
            "kind": "meal",
            "title": title,
            "what_we_do": "Vi laver mad sammen, spiser og vasker op bagefter. Alle kan være med.",
            "person_id": lead,
        }
        return str((await self.folk.do("matching", "/v1/activities", body))["id"])


@asynccontextmanager
async def town_at(site: Site) -> AsyncIterator[Town]:
    """With nobody in it yet."""
    own = uuid4().hex[:6]
    subject = f"{TENANT}-coordinator-{own}"
    known = site.directory.find(f"{TENANT}-coordinator")
    assert known is not None
    site.directory.put(Account(subject=subject, tenant=TENANT, scopes=known.scopes, name="Malene Prøve"))
    async with httpx.AsyncClient(timeout=30) as http:
        town = Town(Folk(site, TENANT, subject, http), f"company-{own}")
        await town.folk.do("intake", f"/v1/programmes/{town.programme}/policy", {"policy": POLICY})
        await town.folk.until("matching", "/v1/programmes", lambda found: town.programme in str(found))
        yield town


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
