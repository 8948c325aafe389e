"""Programmes that nobody wrote yet: whatever the policy says of capacity, length, meeting and roles is what happens."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

import pytest

from contracts.period import after
from services.matching.app import build
from tests.services.matching_place import Oslo
from tests.support.service import Place, running_service
from tests.support.wait import eventually


@dataclass(frozen=True, slots=True)
class Rules:
    """What a random policy says."""

    capacity: int
    months: int | None
    meeting: bool
    roles: tuple[str, ...]

    @classmethod
    def at_random(cls, random: Random) -> "Rules":
        roles = tuple(f"role-{number}" for number in range(random.randint(1, 3)))
        return cls(random.randint(1, 4), random.choice((None, 1, 6, 13)), random.random() < 0.5, roles)

    @property
    def max_length(self) -> str | None:
        return None if self.months is None else f"P{self.months}M"


@pytest.fixture
async def oslo(place: Place) -> AsyncIterator[Oslo]:
    await place.make_topics("oslo")
    async with running_service("matching", build, place) as matching:
        yield Oslo(matching)


@pytest.mark.requirement("S2.16", "S2.27", "S2.28", "S4.5")
@pytest.mark.parametrize("seed", range(4))
async def test_a_programme_runs_from_its_policy_alone(oslo: Oslo, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    rules, told = Rules.at_random(random), replace(oslo, programme=f"programme-{seed}")
    await told.adopt(
        capacity=rules.capacity,
        max_length=rules.max_length,
        meeting=rules.meeting,
        roles={role: {} for role in rules.roles},
    )
    await told.approve("v", roles=(random.choice(rules.roles), "elsewhere"))
    await told.approve("w", roles=("elsewhere",))
    names = [f"r{number}" for number in range(rules.capacity + 2)]
    await asyncio.gather(*(told.post(name, person_id=f"p-{name}") for name in names))
    await asyncio.gather(*(told.waiting(name) for name in names))
    await told.candidates(names[-1], "v")
    await told.until(f"/searches/{names[0]}/candidates/w", lambda found: found["why_not"] == ["role_does_not_fit"])

    answers = await asyncio.gather(*(told.pick(name, "v") for name in names))

    rules_told = Counter(answer.json().get("rule", answer.status_code) for answer in answers)
    assert rules_told == {201: rules.capacity, "no_free_slot": 2}
    won = {name: answer.json()["id"] for name, answer in zip(names, answers, strict=True) if answer.status_code == 201}
    for name, proposal_id in won.items():
        await _agree(told, name, proposal_id, rules)
    live = await told.until("/matches?state=live", lambda found: len(found["items"]) == rules.capacity)
    for match in live["items"]:
        starts_on = date.fromisoformat(match["starts_on"])
        last = None if rules.max_length is None else after(starts_on, rules.max_length).isoformat()
        assert match["ends_on"] == last
    waiting = next(name for name in names if name not in won)
    refused = await told.pick(waiting, "v")
    assert (refused.status_code, refused.json()["rule"]) == (409, "no_free_slot")

    ended = f"/matches/{live['items'][0]['match_id']}/end"
    assert (await told.ask(ended, {"reason": "both", "closing_talk": True})).status_code == 200
    assert await eventually(lambda: _is_picked(told, waiting))


async def _agree(told: Oslo, name: str, proposal_id: str, rules: Rules) -> None:
    early = await told.say(name, proposal_id, "yes", person="v")
    assert early.status_code == (409 if rules.meeting else 200)
    if rules.meeting:
        await told.meet(name, proposal_id)
        await told.say(name, proposal_id, "yes", person="v")
    assert (await told.say(name, proposal_id, "yes", person=f"p-{name}")).json()["state"] == "agreed"


async def _is_picked(told: Oslo, name: str) -> bool:
    return (await told.pick(name, "v")).status_code == 201
