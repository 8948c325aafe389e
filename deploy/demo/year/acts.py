"""What people do in the year, each act through public interfaces, and told as it is done."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.demo.cast import TENANT, coordinator, person
from deploy.demo.world import Json, StepFailed, World, expect
from deploy.demo.year.people import Asker, Friend
from deploy.demo.year.told import Told

ZONE = ZoneInfo("Europe/Oslo")
ROLE = "ressursvenn"
STAFF = coordinator(TENANT)["subject"]
_FIRST_EVENING, _SECOND_EVENING = ("measure", "violence"), ("shelter", "role")


class Acts:
    """One programme of one year."""

    def __init__(self, world: World, programme: str, told: Told) -> None:
        self.world = world
        self.programme = programme
        self.told = told

    def today(self) -> date:
        return self.world.now().astimezone(ZONE).date()

    def move_to(self, month: int, day: int, *, year: int) -> None:
        """Nine o'clock in the morning of that day, for everybody."""
        self.world.clock.move_to(datetime(year, month, day, 9, tzinfo=ZONE))

    async def staff(self, service: str, path: str, body: Json | None = None) -> Json:
        return await self.world.post(STAFF, service, path, body)

    # volunteers -------------------------------------------------------------------------------------------------------

    async def apply(self, friend: Friend) -> None:
        friend.person_id = (await self.staff("intake", "/v1/persons", friend.profile(self.programme)))["id"]
        await self.world.log_in(person(friend.subject(self.programme), friend.person_id, "matching:answer"))
        application = {
            "programme": self.programme,
            "roles": [ROLE],
            "person_id": friend.person_id,
            "recruitment_source": friend.source,
        }
        await self.staff("intake", "/v1/volunteerings", application)
        self.told.add("volunteers.applied")
        self.told.add(f"recruitment.applied_by_source.{friend.source}")

    async def attend(self, friend: Friend, session: str, hours: float, modules: Sequence[str]) -> None:
        training = {"session": session, "hours": hours, "modules": list(modules)}
        await self.staff("intake", f"{self._volunteering(friend)}/training", training)
        self.told.hours += hours

    async def attend_course(self, friend: Friend, *, hours: float = 12) -> None:
        await self.attend(friend, "evening-1", 6, _FIRST_EVENING)
        await self.attend(friend, "evening-2", hours - 6, _SECOND_EVENING)

    async def show_the_rest(self, friend: Friend) -> None:
        path = self._volunteering(friend)
        await self.staff("intake", f"{path}/confidentiality", {"text_version": "v1"})
        await self.staff("intake", f"{path}/certificate", {"kind": "police", "purpose": "to be a friend"})
        await self.staff("intake", f"{path}/interview", {"outcome": "suitable"})

    async def approve(self, friend: Friend) -> None:
        await self.staff("intake", f"{self._volunteering(friend)}/approval", {})
        self.told.add("volunteers.approved")
        self.told.add(f"recruitment.approved_by_source.{friend.source}")

    async def not_approved(self, friend: Friend) -> str:
        """What is missing, as the refusal says it."""
        refused = await self.world.refused(STAFF, "intake", f"{self._volunteering(friend)}/approval", {})
        return ", ".join(item["code"] for item in refused["missing"])

    def _volunteering(self, friend: Friend) -> str:
        return f"/v1/volunteerings/{friend.person_id}_{self.programme}"

    # requests ---------------------------------------------------------------------------------------------------------

    async def refer(self, referrals: Iterable[Json]) -> dict[str, Json]:
        """The municipality's own system sends them; the answer to each, by its number."""
        bodies = list(referrals)
        before = await self._answers(0)
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / f"{number}.json" for number in range(len(bodies))]
            for file, body in zip(files, bodies, strict=True):
                file.write_text(json.dumps(body))
            await self.world.municipality(TENANT, "refer", *map(str, files))
        found = {answer.get("referral_id"): answer for answer in await self._answers(len(before) + len(bodies))}
        return {body["referral_id"]: found[body["referral_id"]] for body in bodies}

    async def _answers(self, at_least: int) -> list[Json]:
        lines = await self.world.municipality(TENANT, "answers", "--wait", str(at_least))
        return [json.loads(line) for line in lines.splitlines()]

    async def accepted(self, asker: Asker, answer: Json) -> None:
        expect(answer["status"] == "posted", f"the referral of {asker.first_name} is accepted: {answer['status']}")
        asker.request_id = answer["request_id"]

        async def look() -> Json | None:
            return await self.world.ask(STAFF, "intake", f"/v1/requests/{asker.request_id}")

        asker.person_id = (await self.world.until("intake shows the request", look))["person_id"]
        await self.world.log_in(person(asker.subject(self.programme), asker.person_id, "matching:answer"))
        self.told.add("requests.posted")

    # finding ----------------------------------------------------------------------------------------------------------

    async def propose(self, asker: Asker, friend: Friend) -> str:
        """The coordinator picks; the proposal's address."""
        path = f"/v1/searches/{asker.request_id}"

        async def ranked() -> bool:
            search = await self.world.ask(STAFF, "matching", path)
            found = await self.world.ask(STAFF, "matching", f"{path}/candidates/{friend.person_id}")
            return bool(search and found and not search["proposal_id"] and not found["why_not"])

        await self.world.until(f"{friend.first_name} is among the candidates for {asker.first_name}", ranked)
        picked = await self.staff("matching", f"{path}/proposals", {"helper_id": friend.person_id})
        return f"{path}/proposals/{picked['id']}"

    async def meet(self, proposal: str) -> None:
        meets_at = (self.world.now() + timedelta(hours=1)).isoformat()
        await self.staff("matching", f"{proposal}/meeting", {"meets_at": meets_at})
        await self.staff("matching", f"{proposal}/meeting/held")

    async def say(self, who: Asker | Friend, answer: str, proposal: str) -> None:
        await self.world.post(who.subject(self.programme), "matching", f"{proposal}/answers", {"answer": answer})

    async def pair(self, asker: Asker, friend: Friend) -> str:
        """Proposed, met, both say yes: the match's id once it is made."""
        proposal = await self.propose(asker, friend)
        await self.meet(proposal)
        await self.say(asker, "yes", proposal)
        await self.say(friend, "yes", proposal)

        async def made() -> str | None:
            found = await self.world.get(STAFF, "matching", f"/v1/searches/{asker.request_id}")
            match_id: str | None = found["match_id"]
            return match_id

        match_id = await self.world.until(f"{asker.first_name} and {friend.first_name} are matched", made)
        self.told.add("matches.made")
        self.told.add("requests.met")
        self.told.days_waited.append((self.today() - asker.needed_since).days)
        return match_id

    async def matches(self, state: str) -> list[Json]:
        query = {"programme": self.programme, "state": state, "limit": 200}
        found: list[Json] = (await self.world.get(STAFF, "matching", "/v1/matches", **query))["items"]
        return found

    async def ended(self, count: int) -> list[Json]:
        """The matches that have ended, once there are that many."""

        async def look() -> list[Json] | None:
            found = await self.matches("ended")
            return found if len(found) >= count else None

        found = await self.world.until(f"{count} matches have ended", look)
        if len(found) != count:
            raise StepFailed(f"{len(found)} matches have ended, not {count}")
        return found
