"""What the other services say to matching in these tests, and the calls that its people make."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from chassis.keyring import Keyring, seal_model
from contracts.base import Event
from contracts.envelope import Origin, StreamId
from contracts.intake import (
    PAIR,
    PairFreed,
    PairHeld,
    Profile,
    ProfileDescribed,
    ProgrammeAdopted,
    ProgrammePaused,
    ProgrammeResumed,
    RequestPosted,
    VolunteerApproved,
    Wishes,
    pair_value,
)
from contracts.policy import Policy
from contracts.sealed import Sealed
from tests.support.service import Running
from tests.support.wait import eventually

PROGRAMME = "ressursvenn"
M = TypeVar("M", bound=BaseModel)
NO_WISHES = Wishes()
POLICY = {
    "roles": {"ressursvenn": {"hours": 12}},
    "support_forms": ["talk", "norwegian", "guide", "friend"],
    "max_length": "P1Y",
    "milestones": [1, 100],
}


@dataclass(frozen=True, slots=True)
class Oslo:
    """Matching as one tenant's people meet it."""

    service: Running
    tenant: str = "oslo"
    programme: str = PROGRAMME

    async def hear(self, stream: StreamId, *events: Event, first: int = 1) -> None:
        """Intake published this."""
        now = datetime.now(UTC)
        origin = Origin(now, now, correlation_id="correlation-1", actor="intake")
        await self.service.place.publish("intake", stream, events, origin=origin, first=first)

    async def adopt(self, *, version: int = 1, **different: Any) -> None:
        adopted = ProgrammeAdopted(
            programme=self.programme,
            policy=Policy.model_validate(POLICY | different),
            policy_version=version,
            adopted_by="the board",
            adopted_on=date(2016, 1, 1),
        )
        await self.hear(StreamId(self.tenant, "programme", self.programme), adopted, first=version)

    async def approve(
        self,
        person_id: str,
        *,
        version: int = 1,
        first: int = 1,
        roles: tuple[str, ...] = ("ressursvenn",),
        **profile: Any,
    ) -> None:
        approved = VolunteerApproved(
            person_id=person_id,
            programme=self.programme,
            roles=roles,
            policy_version=version,
            approved_by="coordinator",
            approved_at=datetime.now(UTC),
        )
        if profile:
            await self.hear(StreamId(self.tenant, "person", person_id), await self.described(person_id, **profile))
        await self.hear(self.volunteering(person_id), approved, first=first)

    async def described(self, person_id: str, **profile: Any) -> ProfileDescribed:
        told = await self.sealed(person_id, Profile(**profile))
        return ProfileDescribed(person_id=person_id, stated_on=date(2026, 1, 1), told=told)

    async def sealed(self, person_id: str, value: M) -> Sealed[M]:
        """As intake seals it: both have one keyring."""
        keyring: Keyring = self.service.application.runtime.keyring
        return await seal_model(keyring, self.tenant, person_id, value)

    def volunteering(self, person_id: str) -> StreamId:
        return StreamId(self.tenant, "volunteering", f"{person_id}_{self.programme}")

    async def post(
        self, request_id: str, *, person_id: str = "p", wishes: Wishes = NO_WISHES, category: str | None = None
    ) -> None:
        now = datetime.now(UTC)
        posted = RequestPosted(
            request_id=request_id,
            person_id=person_id,
            programme=self.programme,
            origin="self",
            entered_by=person_id,
            posted_at=now,
            needed_since=date(2026, 1, 1),
            answer_by=now.date(),
            policy_version=1,
            what=Sealed(person_id, "v1.invented"),
            wishes=await self.sealed(person_id, wishes),
            category=category,
        )
        await self.hear(StreamId(self.tenant, "request", request_id), posted)

    async def keep_apart(self, one: str, other: str, *, first: int = 1) -> None:
        """Intake holds the pair."""
        pair = self.pair(one, other)
        await self.hear(StreamId(self.tenant, "pair", pair), PairHeld(pair=pair), first=first)

    async def free(self, one: str, other: str, *, first: int = 2) -> None:
        pair = self.pair(one, other)
        await self.hear(StreamId(self.tenant, "pair", pair), PairFreed(pair=pair), first=first)

    def pair(self, one: str, other: str) -> str:
        keyring = self.service.application.runtime.keyring
        return keyring.fingerprint(self.tenant, PAIR, pair_value(one, other))

    async def get(self, path: str, *, person: str | None = None) -> httpx.Response:
        return await self.service.client.get(f"/v1{path}", headers=self._token(person))

    async def ask(
        self, path: str, body: dict[str, Any] | None = None, *, person: str | None = None, key: str = ""
    ) -> httpx.Response:
        """POST as the coordinator, or as a person; under an Idempotency-Key when one is given."""
        headers = self._token(person) | ({"Idempotency-Key": key} if key else {})
        return await self.service.client.post(f"/v1{path}", headers=headers, json=body)

    def _token(self, person: str | None) -> dict[str, str]:
        if person is None:
            return self.service.bearer(self.tenant, "matching:read", "matching:manage", subject="coordinator")
        return self.service.bearer(self.tenant, "matching:answer", person=person, subject=f"user-of-{person}")

    async def until(self, path: str, what: Any, *, person: str | None = None) -> Any:
        """The JSON of a query, once `what` holds of it."""

        async def seen() -> Any:
            response = await self.get(path, person=person)
            found = response.json()
            return found if response.status_code == 200 and what(found) else None

        return await eventually(seen)

    async def waiting(self, request_id: str) -> Any:
        return await self.until(f"/searches/{request_id}", lambda found: found["status"] == "open")

    async def candidates(self, request_id: str, *helper_ids: str) -> Any:
        """The candidate list, once it holds exactly these."""
        wished = sorted(helper_ids)
        listed = await self.until(
            f"/searches/{request_id}/candidates",
            lambda found: sorted(one["helper_id"] for one in found["items"]) == wished,
        )
        return listed["items"]

    async def pick(self, request_id: str, helper_id: str, *, key: str = "") -> httpx.Response:
        return await self.ask(f"/searches/{request_id}/proposals", {"helper_id": helper_id}, key=key)

    async def meet(self, request_id: str, proposal_id: str) -> None:
        """Arranged for tomorrow, and held."""
        path = f"/searches/{request_id}/proposals/{proposal_id}/meeting"
        meets_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        assert (await self.ask(path, {"meets_at": meets_at})).status_code == 200
        assert (await self.ask(f"{path}/held")).status_code == 200

    async def arrange(self, request_id: str, proposal_id: str) -> httpx.Response:
        """Tomorrow, by the clock."""
        meets_at = (self.service.application.runtime.clock.now() + timedelta(days=1)).isoformat()
        return await self.ask(f"/searches/{request_id}/proposals/{proposal_id}/meeting", {"meets_at": meets_at})

    async def met(self, request_id: str = "r1", helper_id: str = "v") -> str:
        """P waits, the helper is proposed, and the two have met: the proposal's id."""
        await self.post(request_id)
        await self.approve(helper_id)
        await self.waiting(request_id)
        await self.until(f"/searches/{request_id}/candidates/{helper_id}", lambda found: not found["why_not"])
        proposal_id = await self.proposed(request_id, helper_id)
        await self.meet(request_id, proposal_id)
        return proposal_id

    async def refused(self, ask: Callable[[], Awaitable[httpx.Response]], rule: str) -> httpx.Response:
        """The answer, once this rule stands against it."""

        async def asked() -> httpx.Response:
            answer = await ask()
            assert answer.json().get("rule") == rule
            return answer

        return await eventually(asked)

    async def pause(self, *, first: int = 2) -> None:
        paused = ProgrammePaused(programme=self.programme, paused_at=self.service.application.runtime.clock.now())
        await self.hear(StreamId(self.tenant, "programme", self.programme), paused, first=first)

    async def resume(self, *, first: int = 3) -> None:
        resumed = ProgrammeResumed(programme=self.programme, resumed_at=self.service.application.runtime.clock.now())
        await self.hear(StreamId(self.tenant, "programme", self.programme), resumed, first=first)

    async def say(self, request_id: str, proposal_id: str, word: str, *, person: str) -> httpx.Response:
        path = f"/searches/{request_id}/proposals/{proposal_id}/answers"
        return await self.ask(path, {"answer": word}, person=person)

    async def proposed(self, request_id: str, helper_id: str) -> str:
        """The id of a proposal that came through."""
        picked = await self.pick(request_id, helper_id)
        assert picked.status_code == 201, picked.text
        return str(picked.json()["id"])
