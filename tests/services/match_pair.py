"""Two who are matched, as the tests of a running match meet them: P asks, V helps, a coordinator looks after both."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from contracts.envelope import StreamId
from contracts.intake import Wishes
from tests.services.matching_place import NO_WISHES, PROGRAMME, Oslo
from tests.support.service import Published

REQUESTER, HELPER = "p", "v"
# Noon in Oslo on a winter's day.
BEGIN = datetime(2027, 2, 1, 11, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Two:
    oslo: Oslo
    match_id: str

    @property
    def path(self) -> str:
        return f"/matches/{self.match_id}"

    async def ask(
        self, step: str, body: dict[str, Any] | None = None, *, person: str | None = None, key: str = ""
    ) -> httpx.Response:
        """POST on the match, as the coordinator or as one of the two."""
        return await self.oslo.ask(f"{self.path}/{step}", body, person=person, key=key)

    async def check_in(self, *, person: str = HELPER, **different: Any) -> httpx.Response:
        return await self.ask("check-ins", {"form": "met", "well": True, **different}, person=person)

    async def seen(self, what: Any) -> Any:
        """The match as the coordinator sees it, once `what` holds of it."""
        return await self.oslo.until(self.path, what)

    async def needing(self, *kinds: str) -> Any:
        """The same, once these are what a coordinator must look at."""
        return await self.seen(lambda found: sorted(need["kind"] for need in found["needs"]) == sorted(kinds))

    async def own(self, person: str, what: Any) -> Any:
        return await self.oslo.until(f"/own-matches/{self.match_id}", what, person=person)

    async def told(self, *, at_least: int) -> Counter[str]:
        """How often each event of the match was published, a repeated record counted once, when the whole topic has
        that many records."""
        records = await self.oslo.service.place.read("matching.events", at_least=at_least)
        events = {record.headers["ce_id"]: record for record in records if self._is_mine(record)}
        return Counter(record.headers["ce_type"].removeprefix("matching.") for record in events.values())

    def _is_mine(self, record: Published) -> bool:
        return record.key == str(StreamId(self.oslo.tenant, "match", self.match_id))


def it_is(oslo: Oslo, instant: datetime) -> None:
    """From now on the clock of the service goes on from there."""
    oslo.service.place.move_clock(instant - datetime.now(UTC))


async def matched(
    oslo: Oslo,
    *,
    request_id: str = "r1",
    requester: str = REQUESTER,
    helper: str = HELPER,
    wishes: Wishes = NO_WISHES,
) -> Two:
    """A match between the two; the policy asks for no meeting first."""
    await oslo.post(request_id, person_id=requester, wishes=wishes)
    await oslo.approve(helper)
    await oslo.waiting(request_id)
    await oslo.until(f"/searches/{request_id}/candidates/{helper}", lambda found: found["why_not"] == [])
    proposal_id = await oslo.proposed(request_id, helper)
    for person in (requester, helper):
        assert (await oslo.say(request_id, proposal_id, "yes", person=person)).status_code == 200
    search = await oslo.until(f"/searches/{request_id}", lambda found: found["match_id"])
    two = Two(oslo, search["match_id"])
    await two.seen(lambda found: found["state"] == "live")
    return two


async def adopt(oslo: Oslo, **different: Any) -> None:
    await oslo.adopt(meeting=False, **different)


def programme() -> StreamId:
    return StreamId("oslo", "programme", PROGRAMME)
