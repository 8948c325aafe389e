"""The resource bank as its people meet it: who registers, asks, offers, is chosen, and says that it is done."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from contracts.envelope import StreamId
from contracts.intake import PersonRegistered, RequestPosted
from contracts.sealed import Sealed
from services.matching.projections.candidates import candidates
from tests.services.matching_place import PROGRAMME, Oslo
from tests.support.wait import eventually

CATEGORIES = [
    "shelves",
    "garden",
    {"code": "shopping", "safeguards": ["money"]},
    {"code": "visiting", "by": "pairing"},
    {"code": "permits", "by": "authority"},
]
TEXT = "To hylder, 120 cm, ca. 2 timer"


@dataclass(frozen=True, slots=True)
class Bank(Oslo):
    async def open_doors(self, *, version: int = 1, capacity: int = 3) -> None:
        await self.adopt(version=version, capacity=capacity, categories=CATEGORIES, weights={"fairness": 1})

    async def register(self, person_id: str, name: str = "Ida Oppdiktet") -> None:
        keyring = self.service.application.runtime.keyring
        sealed: Sealed[str] = await keyring.seal(self.tenant, person_id, name)
        registered = PersonRegistered(person_id=person_id, channel="phone", name=sealed, entered_by="staff")
        await self.hear(StreamId(self.tenant, "person", person_id), registered)

    async def ask_for(self, request_id: str, *, person_id: str = "a", category: str | None = "shelves") -> None:
        """Registered, posted, and on the coordinators' list."""
        await self.register(person_id)
        now = datetime.now(UTC)
        posted = RequestPosted(
            request_id=request_id,
            person_id=person_id,
            programme=PROGRAMME,
            origin="self",
            entered_by=person_id,
            posted_at=now,
            needed_since=date(2026, 1, 1),
            answer_by=now.date(),
            policy_version=1,
            what=Sealed(person_id, "v1.invented"),
            category=category,
        )
        await self.hear(StreamId(self.tenant, "request", request_id), posted)
        await self.waiting(request_id)

    async def join(self, *person_ids: str, **profile: Any) -> None:
        """Approved as members, and known as such."""
        await asyncio.gather(*(self.approve(person_id, **profile) for person_id in person_ids))

        async def known() -> bool:
            reading = self.service.application.runtime.read_models
            names = [f"{self.tenant}/{person_id}" for person_id in person_ids]
            return await reading.count(
                candidates, self.tenant, {"_id": {"$in": names}, "listings": {"$ne": {}}}
            ) == len(names)

        await eventually(known)

    async def open_tender(self, request_id: str, text: str = TEXT, *, key: str = "", **body: Any) -> httpx.Response:
        closes_at = self.service.application.runtime.clock.now() + timedelta(days=14)
        asked = {"text": text, "closes_at": closes_at.isoformat()} | body
        return await self.ask(f"/searches/{request_id}/tender", asked, key=key)

    async def tendered(self, request_id: str, **body: Any) -> str:
        """The id of a tender that was opened, once the board knows it."""

        async def opened() -> httpx.Response:
            answer = await self.open_tender(request_id, **body)
            assert answer.json().get("rule") != "facts_too_old"
            return answer

        answer = await eventually(opened)
        assert answer.status_code == 201, answer.text
        await self.until(f"/searches/{request_id}/tender", lambda found: found["state"] == "open")
        return str(answer.json()["id"])

    async def offer(self, tender_id: str, person_id: str) -> httpx.Response:
        return await self.ask(f"/tenders/{tender_id}/offers", person=person_id)

    async def take_back(self, tender_id: str, person_id: str) -> httpx.Response:
        path = f"/v1/tenders/{tender_id}/offers"
        return await self.service.client.delete(path, headers=self._token(person_id))

    async def choose(self, request_id: str, helper_id: str, *, key: str = "") -> httpx.Response:
        return await self.ask(f"/searches/{request_id}/tender/choices", {"helper_id": helper_id}, key=key)

    async def chosen(self, request_id: str, helper_id: str) -> str:
        answer = await self.choose(request_id, helper_id)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def confirm(
        self, request_id: str, proposal_id: str, *, by: str | None = None, staff: str = "coordinator", **body: Any
    ) -> httpx.Response:
        """By a person, or by one of the staff."""
        path = f"/v1/searches/{request_id}/proposals/{proposal_id}/safeguards"
        token = self.service.bearer(self.tenant, "matching:read", "matching:manage", subject=staff)
        headers = token if by is None else self._token(by)
        return await self.service.client.post(path, headers=headers, json={"safeguard": "money"} | body)

    async def done(self, request_id: str, proposal_id: str, *, person: str) -> httpx.Response:
        return await self.ask(f"/searches/{request_id}/proposals/{proposal_id}/done", person=person)

    async def own(self, person_id: str, state: str) -> Any:
        """Their newest proposal, once it stands so."""
        found = await self.until(
            "/own-proposals", lambda found: found["items"] and found["items"][0]["state"] == state, person=person_id
        )
        return found["items"][0]

    async def in_touch(self, request_id: str, helper_id: str) -> str:
        """Tendered, offered, chosen, and both yes: the proposal's id."""
        tender_id = await self.tendered(request_id)
        assert (await self.offer(tender_id, helper_id)).status_code == 201
        proposal_id = await self.chosen(request_id, helper_id)
        assert (await self.say(request_id, proposal_id, "yes", person="a")).status_code == 200
        await self.own(helper_id, "in-touch")
        return proposal_id
