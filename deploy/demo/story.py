"""The story, step by step. Each step does one thing through public interfaces, looks at the result, and tells it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import yaml

from contracts.policy import Policy
from deploy.demo.cast import COORDINATOR, PROGRAMME, TENANT, Cast, coordinator, human, person
from deploy.demo.world import Json, StepFailed, World, expect

PROGRAMMES = Path(__file__).resolve().parents[1] / "programmes"
STAFF = f"{TENANT}-{COORDINATOR}"


class Story:
    """One run. What a step finds out and a later one needs is kept here."""

    def __init__(self, world: World, cast: Cast) -> None:
        self._world = world
        self._cast = cast
        self._helper = f"demo-helper-{cast.run}"
        self._participant = f"demo-participant-{cast.run}"
        self._request_id = ""
        self._proposal_id = ""
        self._match: Json = {}
        self._told: list[Json] = []
        self._before: dict[str, int] = {}

    @property
    def steps(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """What each step is about, and the step."""
        return [
            ("Five organisations adopt their programmes", self.adopt_programmes),
            ("A municipality's own system refers four times", self.refer),
            ("A volunteer applies, meets the requirements and is approved", self.approve_volunteer),
            ("A coordinator looks at ranked candidates and picks one", self.pick),
            ("They meet, both say yes, a match is made", self.make_match),
            ("Both get a mail in their language, the municipality gets its status", self.tell),
            ("The figures count what happened", self.count),
        ]

    async def let_in(self) -> list[str]:
        """Who can be logged in as from now on."""
        cast = self._cast
        requester_id = self._match["requester_id"]
        return await self._world.let_in(
            human(self._helper, cast.helper_id, name=cast.helper_name, who="who volunteers"),
            human(self._participant, requester_id, name=cast.participant_name, who="who was referred"),
        )

    async def adopt_programmes(self) -> None:
        for file in sorted(PROGRAMMES.glob("*.yaml")):
            tenant, policy = file.stem, Policy.model_validate(yaml.safe_load(file.read_text()))
            await self._world.log_in(coordinator(tenant))
            body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_none=True)}
            await self._world.post(f"{tenant}-{COORDINATOR}", "intake", f"/v1/programmes/{tenant}/policy", body)
            self._world.say(f"{tenant}: {policy.title.get('en', tenant)}")
        self._before = await self._counts()

    async def refer(self) -> None:
        cast = self._cast
        good, too_early = cast.referral("17"), cast.referral("18", gates={"acute_over": False})
        malformed = {**cast.referral("19"), "diagnosis": "a word that has no place here"}
        before = await self._answers()
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / f"{number}.json" for number in range(4)]
            for file, body in zip(files, (good, good, too_early, malformed), strict=True):
                file.write_text(json.dumps(body))
            await self._world.municipality(TENANT, "refer", *map(str, files))
        self._told = await self._answers(at_least=len(before) + 3)
        new = [answer for answer in self._told if answer not in before]
        posted, declined = self._about(new, "17", "posted"), self._about(new, "18", "declined")
        rejected = next((answer for answer in new if "field" in answer), None)
        if rejected is None:
            raise StepFailed("the malformed referral was not rejected")
        self._request_id = posted["request_id"]
        expect(len(declined["options"]) >= 2, "a declined referral names at least two other ways")
        self._world.say("no. 17, sent twice: one request, the same answer both times")
        options = ", ".join(option["text"] for option in declined["options"])
        self._world.say(f"no. 18: declined by the rule {declined['rule']}; other ways: {options}")
        self._world.say(f"no. 19: rejected, the field at fault is {rejected['field']}; nothing of it was kept")

    async def approve_volunteer(self) -> None:
        world, cast = self._world, self._cast
        await world.log_in(person(self._helper, cast.helper_id, "volunteering:apply", "matching:answer"))
        await world.post(self._helper, "intake", "/v1/persons", self._helper_profile())
        application = {"programme": PROGRAMME, "roles": ["ressursvenn"], "recruitment_source": "friend"}
        path = "/v1/volunteerings"
        volunteering = await world.post(self._helper, "intake", path, application)
        path = f"{path}/{volunteering['volunteering_id']}"
        refused = await world.refused(STAFF, "intake", f"{path}/approval", {})
        missing = ", ".join(item["code"] for item in refused["missing"])
        world.say(f"approval is refused while something is missing: {missing}")
        modules = ["measure", "violence", "shelter", "role"]
        for session, attended in (("evening-1", modules[:2]), ("evening-2", modules[2:])):
            training = {"session": session, "hours": 6, "modules": attended}
            await world.post(STAFF, "intake", f"{path}/training", training)
        await world.post(self._helper, "intake", f"{path}/confidentiality", {"text_version": "v1"})
        await world.post(STAFF, "intake", f"{path}/certificate", {"kind": "police", "purpose": "to be a friend"})
        await world.post(STAFF, "intake", f"{path}/interview", {"outcome": "suitable"})
        approved = await world.post(STAFF, "intake", f"{path}/approval", {})
        expect(approved["approved_roles"] == ["ressursvenn"], "the volunteer is approved")
        world.say("12 hours attended, text signed, certificate seen and not stored, talk held: approved")

    def _helper_profile(self) -> Json:
        profile = {
            "gives": ["company", "Norwegian practice"],
            "interests": ["walking", "food"],
            "languages": [{"code": "nb"}, {"code": "so", "level": "b2"}],
            "support_forms": ["norwegian", "guide"],
            "day_parts": ["evening"],
        }
        contact = {"language": "nb", "email": self._cast.helper_mail}
        return {"name": self._cast.helper_name, "contact": contact, "profile": profile}

    async def pick(self) -> None:
        world, path = self._world, f"/v1/searches/{self._request_id}"

        async def ranked() -> list[Json] | None:
            found = await world.ask(STAFF, "matching", f"{path}/candidates")
            items: list[Json] = found["items"] if found else []
            return items if any(item["helper_id"] == self._cast.helper_id for item in items) else None

        candidates = await world.until("the volunteer is among the candidates", ranked)
        for place, candidate in enumerate(candidates[:3], 1):
            reasons = ", ".join(f"{reason['code']} {reason['points']:+.2f}" for reason in candidate["reasons"])
            world.say(f"{place}. score {candidate['score']:.2f}: {reasons}")
        picked = await world.post(STAFF, "matching", f"{path}/proposals", {"helper_id": self._cast.helper_id})
        self._proposal_id = picked["id"]
        world.say("software ranks and explains; the coordinator decided")

    async def make_match(self) -> None:
        world, proposal = self._world, f"/v1/searches/{self._request_id}/proposals/{self._proposal_id}"
        shown = await world.get(STAFF, "intake", f"/v1/requests/{self._request_id}")
        await world.log_in(person(self._participant, shown["person_id"], "matching:answer"))
        refused = await world.refused(self._participant, "matching", f"{proposal}/answers", {"answer": "yes"})
        world.say(f"a yes before the meeting is refused: {refused['rule']}")
        tomorrow = world.now().replace(microsecond=0) + timedelta(days=1)
        await world.post(STAFF, "matching", f"{proposal}/meeting", {"meets_at": tomorrow.isoformat()})
        await world.post(STAFF, "matching", f"{proposal}/meeting/held", {})
        for subject in (self._participant, self._helper):
            await world.post(subject, "matching", f"{proposal}/answers", {"answer": "yes"})

        async def made() -> Json | None:
            found = await world.get(STAFF, "matching", "/v1/matches", programme=PROGRAMME, state="live", limit=200)
            mine = [match for match in found["items"] if match["request_id"] == self._request_id and match["number"]]
            return mine[0] if mine else None

        self._match = await world.until("the match is made and counted", made)
        number, last = self._match["number"], self._match["ends_on"]
        expect(number == self._before["matches"] + 1, f"the match has the next running number, not {number}")
        world.say(f"match number {number}, until {last} at the latest")

    async def tell(self) -> None:
        cast, world = self._cast, self._world
        told = ((cast.helper_mail, "nb", "helper_id"), (cast.participant_mail, "nn", "requester_id"))
        for address, language, who in told:
            await self._heard_of_the_match(self._match[who])
            for mail in await self._mails(address, at_least=1):
                world.say(f"{language} {address}: {mail['subject']}")
        status = self._about(await self._answers(at_least=len(self._told) + 1), "17", "met")
        world.say(f"the municipality reads: no. 17 is {status['status']}")

    async def count(self) -> None:
        async def counted() -> dict[str, int] | None:
            now = await self._counts()
            return now if now["matches"] > self._before["matches"] else None

        now = await self._world.until("the figures count the match", counted)
        for what, number in now.items():
            expect(number == self._before[what] + 1, f"one more of {what} than before: {number}")
        matches = await self._figure("matches")
        self._world.say(f"requests {now['requests']}, approved volunteers {now['approved']}, matches {now['matches']}")
        middle = matches["days_waited_median"]
        self._world.say(f"days waited, median: {'not shown, they are too few' if middle is None else middle}")

    async def _counts(self) -> dict[str, int]:
        requests, volunteers, matches = [await self._figure(name) for name in ("requests", "volunteers", "matches")]
        return {"requests": requests["posted"], "approved": volunteers["approved"], "matches": matches["made"]}

    async def _figure(self, name: str) -> Json:
        async def look() -> Json | None:
            return await self._world.ask(STAFF, "reporting", f"/v1/figures/{name}", programme=PROGRAMME)

        values: Json = (await self._world.until(f"reporting knows the programme ({name})", look))["values"]
        return values

    async def _heard_of_the_match(self, person_id: str) -> None:
        """That mail always comes; an invitation is left out where both were quicker than it."""

        async def look() -> bool:
            found = await self._world.get(STAFF, "notifications", "/v1/messages", recipient=person_id, status="sent")
            return any(one["occasion"] == "match-made" for one in found["items"])

        await self._world.until("both are told of the match", look)

    async def _mails(self, address: str, *, at_least: int) -> list[Json]:
        async def look() -> list[Json] | None:
            mails = [mail for mail in await self._world.mailbox() if address in mail["to"]]
            return mails if len(mails) >= at_least else None

        return await self._world.until(f"{at_least} mails for {address}", look)

    async def _answers(self, *, at_least: int = 0) -> list[Json]:
        """All the municipality was told so far, as its own client reads it; it waits until there is so much."""
        lines = await self._world.municipality(TENANT, "answers", "--wait", str(at_least))
        return [json.loads(line) for line in lines.splitlines()]

    def _about(self, answers: list[Json], number: str, status: str) -> Json:
        """What they say of a referral of this run. Raises StepFailed when it is not the status expected."""
        about = [answer for answer in answers if answer.get("referral_id") == f"{number}-{self._cast.run}"]
        for answer in about:
            if answer["status"] == status:
                return answer
        raise StepFailed(f"referral no. {number} is not {status}: {[answer['status'] for answer in about]}")
