"""The year, month by month: what happens is told in plain words, and counted for the table at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import yaml

from contracts.policy import Policy
from deploy.demo.cast import TENANT, coordinator, human
from deploy.demo.world import Json, World, expect
from deploy.demo.year.acts import STAFF, ZONE, Acts
from deploy.demo.year.comparing import compare
from deploy.demo.year.following import Following
from deploy.demo.year.people import Asker, Friend, askers, friends
from deploy.demo.year.told import Told

POLICY = Path(__file__).resolve().parents[2] / "programmes" / "oslo.yaml"
_BEGINS = (1, 7)
_UNWELL = 4

Pair = tuple[Asker, Friend]


class Year:
    """It begins on the next seventh of January, in a programme of its own: a second run plays the year after."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._year = _next_year(world.now())
        self.programme = f"{coordinator(TENANT)['tenant']}-{self._year}"
        self._told = Told()
        self._acts = Acts(world, self.programme, self._told)
        self._askers, self._friends = askers(), friends()
        self._matches: dict[int, str] = {}
        self._pairs: list[Pair] = []
        self._over: set[int] = set()
        self._following = Following(self._acts)

    @property
    def steps(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """What each is about, and the month."""
        year, next_year = self._year, self._year + 1
        return [
            (f"January {year}: twenty come to help, eighteen are approved", self.january),
            (f"Late January {year}: twenty are referred, for two it is too early", self.referrals),
            (f"February {year}: twelve proposals, one no, eleven matches", self.february),
            (f"March {year}: four more matches; one takes the wish back, one wants to wait", self.march),
            (f"April {year}: how do you have it together?", self.april),
            (f"May {year}: the programme rests for two weeks", self.pause),
            (f"June {year}: every pair is looked at together", self.june),
            (f"July {year}: one pair ends early and well; two more are found", self.summer),
            (f"October {year}: once more", self.october),
            (f"January {next_year}: the end is near", self.warnings),
            (f"February {next_year}: the first matches reach their year", self.first_ends),
            (f"March {next_year}: the next ones do", self.second_ends),
            ("The figures, beside what was told", self.compare),
        ]

    async def let_in(self) -> list[str]:
        """Who can be logged in as from now on."""
        friend, asker = self._friends[0], self._askers[0]
        return await self._acts.world.let_in(
            human(friend.subject(self.programme), friend.person_id, name=friend.name, who="who volunteers"),
            human(asker.subject(self.programme), asker.person_id, name=asker.name, who="who was referred"),
        )

    async def january(self) -> None:
        acts, world = self._acts, self._world
        acts.move_to(*_BEGINS, year=self._year)
        await world.log_in(coordinator(TENANT))
        policy = Policy.model_validate(yaml.safe_load(POLICY.read_text()))
        body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_none=True)}
        await acts.staff("intake", f"/v1/programmes/{self.programme}/policy", body)
        late, unproven = self._friends[18:]
        await world.each(acts.apply, self._friends)
        await world.each(acts.attend_course, [*self._friends[:18], unproven])
        await acts.attend_course(late, hours=11.5)
        await world.each(acts.show_the_rest, [*self._friends[:18], late])
        await world.each(acts.approve, self._friends[:18])
        self._told.add("volunteers.trained", 19)
        world.say("20 apply: 8 heard of it from a friend, 6 from a poster, 6 from the newspaper")
        world.say(f"{late.first_name} left early, 11.5 hours: {await acts.not_approved(late)} missing")
        world.say(f"{unproven.first_name} has shown no certificate yet: {await acts.not_approved(unproven)} missing")
        world.say("the other 18 are approved")

    async def referrals(self) -> None:
        acts = self._acts
        acts.move_to(1, 20, year=self._year)
        ready, early = self._askers[:18], self._askers[18:]
        bodies = [one.referral(self.programme, today=acts.today()) for one in ready]
        bodies += [one.referral(self.programme, today=acts.today(), acute_over=False) for one in early]
        answers = list((await acts.refer(bodies)).values())
        for asker, answer in zip(ready, answers[:18], strict=True):
            await acts.accepted(asker, answer)
        for asker, answer in zip(early, answers[18:], strict=True):
            expect(answer["rule"] == "gate_not_confirmed", f"for {asker.first_name} it is too early")
            self._told.add("requests.declined")
        options = ", ".join(option["text"] for option in answers[18]["options"])
        self._world.say("18 wishes are taken, each keeps the day since when it has been needed")
        self._world.say(f"{early[0].first_name} and {early[1].first_name} are told of other ways: {options}")

    async def february(self) -> None:
        acts, world = self._acts, self._world
        acts.move_to(2, 8, year=self._year)
        refused = self._askers[2], self._friends[2]
        pairs = [pair for pair in zip(self._askers[:12], self._friends[:12], strict=True) if pair != refused]
        await world.each(self._pair, pairs)
        proposal = await acts.propose(*refused)
        await acts.meet(proposal)
        await acts.say(refused[0], "yes", proposal)
        await acts.say(refused[1], "no", proposal)
        world.say("11 pairs meet, both say yes: matched until 8 February next year at the latest")
        world.say(f"one says no and is not asked why; {refused[0].first_name} keeps her place, since the same day")

    async def march(self) -> None:
        acts, world = self._acts, self._world
        acts.move_to(3, 1, year=self._year)
        late, again = self._friends[18], self._askers[18]
        await acts.attend(late, "evening-3", 0.5, ())
        await acts.approve(late)
        self._told.add("volunteers.trained")
        [answer] = (await acts.refer([again.referral(self.programme, today=acts.today(), again="-again")])).values()
        await acts.accepted(again, answer)
        chosen = [self._askers[2], *self._askers[12:15]]
        await world.each(self._pair, list(zip(chosen, self._friends[12:16], strict=True)))
        await acts.staff("intake", f"/v1/requests/{self._askers[15].request_id}/withdrawal")
        self._told.add("requests.withdrawn")
        await acts.staff("intake", f"/v1/requests/{self._askers[16].request_id}/parking", {})
        world.say(f"{late.first_name} makes up for the half hour: 12 hours, approved")
        world.say(f"{again.first_name} is referred again, the acute phase is over: taken")
        world.say(f"4 more pairs, {chosen[0].first_name} among them: 15 matches")
        world.say(f"{self._askers[15].first_name} needs it no more; {self._askers[16].first_name} wants to wait")

    async def april(self) -> None:
        self._acts.move_to(4, 12, year=self._year)
        pairs = [pair for pair in self._pairs if pair[0].number != _UNWELL]
        await self._following.all_were_asked(15)
        await self._world.each(self._check_in, pairs)
        asker, friend = next(pair for pair in self._pairs if pair[0].number == _UNWELL)
        await self._following.is_unwell(asker, friend, self._matches[_UNWELL])
        self._world.say("15 pairs were asked; 29 words say that it is well, and nobody writes about the other")
        self._world.say(f"{asker.first_name} is not well and wants to talk: the coordinator sees it at once")

    async def june(self) -> None:
        self._acts.move_to(6, 14, year=self._year)
        await self._world.each(self._following.review, self._running())
        self._world.say("15 reviews, and all go on")

    async def october(self) -> None:
        self._acts.move_to(10, 11, year=self._year)
        running = self._running()
        await self._world.each(self._following.review, running)
        self._world.say(f"{len(running)} reviews, the pair that ended in July is left in peace")

    async def warnings(self) -> None:
        self._acts.move_to(1, 10, year=self._year + 1)
        await self._following.are_sent("end-near", 20)
        self._world.say("20 mails, to both of 10 pairs: thirty days are left for a closing talk")

    async def pause(self) -> None:
        acts, world = self._acts, self._world
        acts.move_to(5, 10, year=self._year)
        proposal = await acts.propose(self._askers[17], self._friends[16])
        await acts.staff("intake", f"/v1/programmes/{self.programme}/pause")
        acts.move_to(5, 11, year=self._year)
        noon = datetime(self._year, 5, 20, 12, tzinfo=ZONE)
        minutes = count()

        async def paused() -> Json | None:
            # Another time with every try: the same again would change nothing, and is never refused.
            meets_at = noon + timedelta(minutes=next(minutes))
            body = {"meets_at": meets_at.isoformat()}
            answer = await world.try_to(STAFF, "matching", f"{proposal}/meeting", body)
            return answer if answer.get("rule") == "programme_paused" else None

        refused = await world.until("a meeting is refused while the programme rests", paused)
        acts.move_to(5, 24, year=self._year)
        await acts.staff("intake", f"/v1/programmes/{self.programme}/resumption")
        world.say(f"a meeting in the pause is refused: {refused['rule']}; what runs goes on")

    async def summer(self) -> None:
        acts, world = self._acts, self._world
        acts.move_to(7, 12, year=self._year)
        end = {"reason": "both", "closing_talk": True}
        await acts.staff("matching", f"/v1/matches/{self._matches[5]}/end", end)
        self._told.add("matches.ended")
        self._told.add("matches.closing_talks")
        self._over.add(5)
        await self._following.are_sent("thank-you", 1)
        await acts.staff("intake", f"/v1/requests/{self._askers[16].request_id}/resumption")
        await self._pair((self._askers[16], self._friends[5]))
        await self._pair((self._askers[17], self._friends[17]))
        world.say(f"{self._askers[5].first_name} and {self._friends[5].first_name} end with a closing talk: no failure")
        world.say(f"{self._askers[16].first_name} is ready now and finds {self._friends[5].first_name}")
        world.say(
            f"{self._askers[17].first_name}'s proposal ran out; she meets {self._friends[17].first_name}: 17 matches"
        )

    async def first_ends(self) -> None:
        self._acts.move_to(2, 9, year=self._year + 1)
        await self._acts.ended(11)
        self._told.add("matches.ended", 10)
        await self._following.are_sent("thank-you", 11)
        await self._following.is_over(self._friends[0], self._matches[0])
        self._world.say("10 pairs part on the day their year is over, nobody can prolong it; the friends are thanked")

    async def second_ends(self) -> None:
        self._acts.move_to(3, 2, year=self._year + 1)
        await self._acts.ended(15)
        self._told.add("matches.ended", 4)
        self._world.say("4 more; 2 are still running")

    async def compare(self) -> None:
        await compare(self._world, self._told, self.programme)

    async def _pair(self, pair: Pair) -> None:
        asker, friend = pair
        self._matches[asker.number] = await self._acts.pair(asker, friend)
        self._pairs.append(pair)

    async def _check_in(self, pair: Pair) -> None:
        for who in pair:
            await self._following.check_in(who, self._matches[pair[0].number])

    def _running(self) -> list[str]:
        return [match_id for number, match_id in self._matches.items() if number not in self._over]


def _next_year(now: datetime) -> int:
    here = now.astimezone(ZONE)
    return here.year if (here.month, here.day) < _BEGINS else here.year + 1
