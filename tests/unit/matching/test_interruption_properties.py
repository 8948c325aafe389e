"""Suspensions, leavings and blocks in random orders around matches that are being made, with duplicates and crashes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import StreamId
from contracts.intake import PairFreed, PairHeld, VolunteerLeft, VolunteerReinstated, VolunteerSuspended
from contracts.matching import MatchMade
from contracts.policy import Policy
from services.matching.domain.helper import Helper, helper
from services.matching.domain.match_state import Match
from services.matching.domain.pairing import pairing
from services.matching.made_matches import MadeMatches
from services.matching.reactions.on_interruptions import helpers_interrupt, new_matches_look, pairs_interrupt
from tests.unit.matching.test_flow_properties import (
    HELPERS,
    REQUESTS,
    a_match_ends,
    events_flow,
    somebody_picks,
    the_two_act,
)
from tests.unit.matching.world import PROGRAMME, TENANT, World, approved, posted


@dataclass(frozen=True, slots=True)
class AllMatches:
    """Every match of the store, ended or not."""

    world: World

    async def of_helper(self, _tenant: str, helper_id: str, _programme: str, *, known_since: datetime) -> list[str]:
        logs = [self.world.store.streams[str(stream)] for stream in self.world.streams("match")]
        begun = [log[0].event for log in logs]
        return [made.match_id for made in begun if isinstance(made, MatchMade) and made.helper_id == helper_id]


async def intake_says(world: World) -> None:
    """Only what intake could say: nobody is reinstated who was not suspended."""
    requester, person = await two_of_a_match_or_not(world)
    if world.random.random() < 0.5:
        pair = world.pairs.token(TENANT, requester, person)
        said = PairHeld(pair=pair) if world.random.random() < 0.6 else PairFreed(pair=pair)
        world.hear(StreamId(TENANT, "pair", pair), said)
        return
    stream, approval = approved(person)
    suspended = VolunteerSuspended(person_id=person, programme=PROGRAMME, suspended_by="k")
    reinstated = VolunteerReinstated(person_id=person, programme=PROGRAMME, reinstated_by="k")
    left = VolunteerLeft(person_id=person, programme=PROGRAMME, left_on=world.clock.now().date())
    match world.intake[str(stream)][-1].event:
        case VolunteerSuspended():
            world.hear(stream, *((reinstated, approval) if world.random.random() < 0.8 else (left,)))
        case VolunteerLeft():
            world.hear(stream, approval)
        case _:
            world.hear(stream, suspended if world.random.random() < 0.7 else left)


async def two_of_a_match_or_not(world: World) -> tuple[str, str]:
    """Mostly of one that was made."""
    made = [match.made for match in await world.states("match", pairing) if match.is_live]
    if made and world.random.random() < 0.7:
        one = world.random.choice(made)
        return one.requester_id, one.helper_id
    return f"p{world.random.randrange(len(REQUESTS))}", world.random.choice(HELPERS)


async def a_day_goes_by(world: World) -> None:
    world.clock.advance(timedelta(days=1))


Action = Callable[[World], Awaitable[None]]
OFTEN: list[Action] = [somebody_picks, somebody_picks, the_two_act, the_two_act, events_flow, events_flow, events_flow]
NOW_AND_THEN: list[Action] = [intake_says, intake_says, intake_says, intake_says, a_match_ends, a_day_goes_by]


async def live_a_while(random: Random, steps: int) -> World:
    world = World(random, Policy.model_validate({"capacity": 3, "meeting": False, "max_length": "P1Y"}))
    made_matches = MadeMatches(world.commands, world.policies, world.clock)
    world.reactions += [
        helpers_interrupt(world.commands, made_matches, AllMatches(world)),
        pairs_interrupt(world.commands, made_matches, world.pairs),
        new_matches_look(world.commands, made_matches, world.pairs),
    ]
    for number, request_id in enumerate(REQUESTS):
        world.hear(*posted(request_id, f"p{number}"))
    for person in HELPERS:
        world.hear(*approved(person))
    await world.come_to_rest()
    world.store.is_shaky = True
    for _ in range(steps):
        await random.choice(NOW_AND_THEN if random.random() < 0.2 else OFTEN)(world)
    await world.come_to_rest()
    return world


async def live_matches(world: World) -> list[tuple[Match, Helper]]:
    found = [match for match in await world.states("match", pairing) if match.is_live]
    streams = [StreamId(TENANT, "helper", match.made.helper_id) for match in found]
    return [
        (match, (await world.commands.state(helper, stream)).state)
        for match, stream in zip(found, streams, strict=True)
    ]


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(30, 90))
@pytest.mark.requirement("S2.9")
def test_a_match_rests_exactly_while_its_helper_is_suspended_or_the_two_are_kept_apart(
    random: Random, steps: int
) -> None:
    async def story() -> None:
        world = await live_a_while(random, steps)
        held = {log[0].stream.id for log in world.intake.values() if isinstance(log[-1].event, PairHeld)}
        for match, of_helper in await live_matches(world):
            assert match.made is not None
            away = of_helper.listings[PROGRAMME].away
            assert away != "left"
            assert ("suspended" in match.paused_for) == (away == "suspended")
            pair = world.pairs.token(TENANT, match.made.requester_id, match.made.helper_id)
            assert ("block" in match.paused_for) == (pair in held)

    asyncio.run(story())
