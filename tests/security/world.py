"""A tenant in which there is one of everything that has an id, made over HTTP; and what those ids are."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.event_store.documents import CommitDocument
from contracts.base import JsonObject
from tests.support.platform import Platform
from tests.support.tokens import in_a_day
from tests.support.town import POLICY, NotAccepted, Town
from tests.support.wait import eventually

TOLD = "walking-friends"
FRIENDS: JsonObject = {**POLICY, "kinds": ["lecture"], "instruments": ["loneliness"]}
NEIGHBOURS: JsonObject = {
    "categories": ["shelves"],
    "roles": {"member": {"approval": "registration"}},
    "registration_reason": "Help is between equals.",
}
PERSONS = ("people:read", "requests:read", "requests:write", "volunteering:apply", "matching:answer", "messages:own")


@dataclass(slots=True, eq=False)
class World:
    """`ids` are by the name of the parameter that takes them, `requester` and `helper` the pseudonyms of two people."""

    platform: Platform
    tenant: str
    ids: dict[str, str] = field(default_factory=dict)
    requester: str = ""
    helper: str = ""

    @property
    def town(self) -> Town:
        return self.platform.town(self.tenant)

    async def make(self) -> None:
        """Everything, by staff and by two people who met."""
        town = self.town
        await self.open_programmes()
        self.helper = await town.volunteer()
        await self._match(town)
        await asyncio.gather(self._intake(town), self._visit(town), self._tender(town), self._activity(town))
        self.ids |= {"code": TOLD, "programme": TOLD, "person_id": self.requester, "helper_id": self.helper}
        self.ids["volunteering_id"] = f"{self.helper}_{TOLD}"
        self.ids["message_id"] = await self._message(town)

    async def open_programmes(self) -> None:
        for programme, policy in ((TOLD, FRIENDS), ("neighbours", NEIGHBOURS)):
            adopted = {"policy": policy, "adopted_by": "The board"}
            await self.town.command("intake", f"/v1/programmes/{programme}/policy", adopted)

    async def _match(self, town: Town) -> None:
        request_id, self.requester = await town.request()
        proposal_id, _ = await town.propose(request_id, self.helper)
        await town.meet(request_id, proposal_id)
        await town.say("yes", request_id, proposal_id, person=self.requester)
        await town.say("yes", request_id, proposal_id, person=self.helper)
        settled = await town.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
        self.ids |= {"request_id": request_id, "proposal_id": proposal_id, "match_id": str(settled["match_id"])}

    async def _intake(self, town: Town) -> None:
        person = f"/v1/persons/{self.requester}"
        place = {"place_id": "house", "kind": "centre", "name": "House", "sector": "municipal", "country": "NO"}
        self.ids["place_id"] = "house"
        await town.command("intake", "/v1/places", {**place, "zone": "Europe/Oslo"})
        await town.command("intake", f"{person}/blocks", {"email": "kim.oppdiktet@example.org"})
        blocks: Any = await town.get("intake", f"{person}/blocks")
        self.ids["block_id"] = str((blocks["items"] if isinstance(blocks, dict) else blocks)[0]["block_id"])
        said = {
            "programme": TOLD,
            "instrument": "loneliness",
            "instrument_version": "three-questions",
            "moment": "start",
        }
        answered = await town.command("intake", f"{person}/answers", {**said, "items": [1, 1, 1]})
        self.ids["answer_id"] = _id_in(answered)

    async def _visit(self, town: Town) -> None:
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        path = f"/v1/matches/{self.ids['match_id']}/visits"
        made = await town.command("matching", path, {"until": until}, person=self.helper)
        self.ids["visit_id"] = _id_in(made)

    async def _tender(self, town: Town) -> None:
        joins = {"programme": "neighbours", "roles": ["member"], "recruitment_source": "friend"}
        await town.command("intake", "/v1/volunteerings", {**joins, "person_id": self.helper})
        wish = {
            "programme": "neighbours",
            "category": "shelves",
            "what": "Two shelves.",
            "expected_duration": "PT2H",
            "person_id": self.requester,
        }
        request_id = str((await town.command("intake", "/v1/requests", wish))["request_id"])
        tender = {"text": "To hylder, ca. 2 timer", "closes_at": (datetime.now(UTC) + timedelta(days=3)).isoformat()}
        path = f"/v1/searches/{request_id}/tender"
        made = await heard(lambda: town.command("matching", path, tender))
        self.ids["tender_id"] = _id_in(made)
        offer = {"programme": "neighbours", "category": "shelves", "words": "Shelves"}
        made = await heard(lambda: town.command("matching", "/v1/offers", offer, person=self.helper))
        self.ids["offer_id"] = _id_in(made)

    async def _activity(self, town: Town) -> None:
        talk = {"programme": TOLD, "kind": "lecture", "title": "Maps", "what_we_do": "We look at a map and cook a soup"}
        made = await heard(lambda: town.command("matching", "/v1/activities", talk, person=self.requester))
        self.ids["activity_id"] = activity_id = _id_in(made)
        path = f"/v1/activities/{activity_id}"
        await heard(lambda: town.command("matching", f"{path}/support", {"supporter_id": self.helper}))
        await town.command("matching", f"{path}/publish")
        begins_at = datetime.now(UTC) + timedelta(days=7)
        session = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=2)).isoformat()}
        made = await town.command("matching", f"{path}/sessions", {**session, "room": "Room 2", "places": 2})
        self.ids["session_id"] = _id_in(made)
        matching = self.platform.services["matching"].client
        path = f"/v1/programmes/{TOLD}/suggestions"
        asked = await matching.post(path, json={}, headers=self.bearer("matching:manage"))
        assert asked.status_code == 202, asked.text
        self.ids["suggestion_id"] = _id_in(asked.json())

    async def _message(self, town: Town) -> str:
        found = await town.until("notifications", "/v1/messages", lambda found: found["items"])
        return str(found["items"][0]["message_id"])

    def bearer(self, *scopes: str, person: str | None = None, subject: str = "coordinator") -> dict[str, str]:
        issuer = self.platform.place.issuer
        return issuer.bearer(tenant=self.tenant, scopes=scopes, person=person, subject=subject, exp=in_a_day())

    async def commits(self, service: str) -> list[CommitDocument]:
        """Everything that was decided in this tenant."""
        query = {"s": {"$regex": f"^{re.escape(self.tenant)}/"}}
        found: list[Any] = await self.platform.databases[service]["commits"].find(query).to_list()
        return found

    async def is_at_rest(self) -> dict[str, int]:
        """How many commits each service has of this tenant, once that does not change any more."""

        async def rests() -> dict[str, int] | None:
            before = {service: len(await self.commits(service)) for service in self.platform.services}
            await self.platform.is_settled()
            after = {service: len(await self.commits(service)) for service in self.platform.services}
            return after if before == after else None

        found = await eventually(rests, timeout=60)
        assert found is not None
        return found


def _id_in(made: JsonObject) -> str:
    return next(str(value) for name, value in made.items() if name == "id" or name.endswith("_id"))


async def heard(ask: Callable[[], Awaitable[JsonObject]]) -> JsonObject:
    """The answer, once matching knows what it asks for: what was told elsewhere comes by and by."""

    async def asked() -> JsonObject | None:
        try:
            return await ask()
        except NotAccepted as no:
            if no.rule in ("not_found", "facts_too_old", "not_listed", "category_unknown", "programme_unknown"):
                return None
            raise

    made = await eventually(asked, timeout=30)
    assert made is not None
    return made
