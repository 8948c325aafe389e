"""How matches are followed up in the year: check-ins, reviews, and the mails that are due."""

from __future__ import annotations

from deploy.demo.world import Json
from deploy.demo.year.acts import STAFF, Acts
from deploy.demo.year.people import Asker, Friend


class Following:
    """Nothing here has a place for words about the other."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._world = acts.world

    async def all_were_asked(self, count: int) -> None:
        """A month without a word has passed for so many pairs."""

        async def look() -> bool:
            live = await self._acts.matches("live")
            return sum(match["check_in_asked_on"] is not None for match in live) == count

        await self._world.until(f"{count} pairs were asked how it goes", look)

    async def check_in(self, who: Asker | Friend, match_id: str, *, well: bool = True) -> None:
        body = {"form": "met", "well": well, "wants_talk": not well, "benefits": ["pleasant"]}
        await self._world.post(who.subject(self._acts.programme), "matching", f"/v1/matches/{match_id}/check-ins", body)
        self._acts.told.add("matches.check_ins")

    async def is_unwell(self, asker: Asker, friend: Friend, match_id: str) -> None:
        """One of the two is not well; the coordinator sees which match needs a talk."""
        await self.check_in(friend, match_id)
        await self.check_in(asker, match_id, well=False)

        async def look() -> bool:
            found = await self._world.get(STAFF, "matching", f"/v1/matches/{match_id}")
            return {need["kind"] for need in found["needs"]}.issuperset(("unwell", "wants-talk"))

        await self._world.until("the coordinator sees that somebody wants to talk", look)

    async def review(self, match_id: str) -> None:
        await self._acts.staff("matching", f"/v1/matches/{match_id}/reviews", {"goes_on": True})
        self._acts.told.add("matches.reviews_held")

    async def is_over(self, friend: Friend, match_id: str) -> None:
        """A word after the end is refused: what the two do now is theirs."""
        path, body = f"/v1/matches/{match_id}/check-ins", {"form": "call", "well": True}
        await self._world.refused(friend.subject(self._acts.programme), "matching", path, body)

    async def are_sent(self, occasion: str, count: int) -> None:
        """So many mails of that occasion went out in the programme."""

        async def look() -> bool:
            return len([one for one in await self._sent() if one["occasion"] == occasion]) == count

        await self._world.until(f"{count} mails say {occasion}", look)

    async def _sent(self) -> list[Json]:
        query = {"programme": self._acts.programme, "status": "sent", "limit": 200}
        page = await self._world.get(STAFF, "notifications", "/v1/messages", **query)
        found: list[Json] = page["items"]
        while page["next"]:
            page = await self._world.get(STAFF, "notifications", "/v1/messages", **query, cursor=page["next"])
            found += page["items"]
        return found
