"""From a pick to a match and back, in random orders, with duplicates and crashes: no slot leaks, nothing is stuck."""

import asyncio
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import StreamId
from contracts.intake import (
    ApprovalLapsed,
    PairFreed,
    PairHeld,
    RequestParked,
    RequestResumed,
    RequestWithdrawn,
    VolunteerLeft,
    VolunteerSuspended,
)
from contracts.policy import Policy
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import HelperNotFound
from services.matching.domain.match_commands import EndMatch
from services.matching.domain.match_rhythm import Rhythm
from services.matching.domain.match_state import Status
from services.matching.domain.pairing import pairing
from services.matching.domain.pauses import Pauses
from services.matching.domain.search import search
from services.matching.domain.search_commands import ArrangeMeeting, Command, HoldMeeting, SayNo, SayYes
from services.matching.domain.search_state import Search
from services.matching.domain.tally import tally
from services.matching.picking import pick
from services.matching.ranking.explain import Ranked
from tests.unit.matching.world import PROGRAMME, TENANT, World, approved, posted

HELPERS, REQUESTS = ("v1", "v2", "v3"), ("r1", "r2", "r3", "r4")


async def somebody_picks(world: World) -> None:
    stream = StreamId(TENANT, "search", world.random.choice(REQUESTS))
    candidate = Ranked(world.random.choice(HELPERS), 1.0, ())
    known, context, now = await world.policies.known(TENANT, PROGRAMME), world.context(), world.clock.now()
    for _once_or_again in range(2):
        picked = pick(world.commands, stream, candidate, pairs=world.pairs, known=known, context=context, now=now)
        await world.try_to(picked)


async def the_two_act(world: World) -> None:
    stream = StreamId(TENANT, "search", world.random.choice(REQUESTS))
    found = (await world.commands.state(search, stream)).state
    for proposal_id, proposal in found.proposals.items():
        known, now = await world.policies.known(TENANT, PROGRAMME), world.clock.now()
        person = world.random.choice((found.person_id, proposal.helper_id))
        meets_at = now + timedelta(hours=1)
        possible: list[Command] = [
            ArrangeMeeting(proposal_id, meets_at, now, known.at(now)),
            HoldMeeting(proposal_id, now, known.pauses),
            *[SayYes(proposal_id, person, now, known.pauses)] * 2,
            SayNo(proposal_id, person, now),
        ]
        wished = possible if world.random.random() < 0.15 else [*possible[:2], *yes_of_both(found, proposal_id, world)]
        for command in wished:
            if world.random.random() < 0.9:
                await world.try_to(world.commands.handle(search, stream, command, context=world.context()))


def yes_of_both(found: Search, proposal_id: str, world: World) -> list[Command]:
    two = (found.person_id, found.proposals[proposal_id].helper_id)
    return [SayYes(proposal_id, person, world.clock.now(), world.policies.pauses) for person in two]


async def intake_says(world: World) -> None:
    request_id, person = world.random.choice(REQUESTS), world.random.choice(HELPERS)
    request, now = StreamId(TENANT, "request", request_id), world.clock.now()
    volunteering = StreamId(TENANT, "volunteering", f"{person}_{PROGRAMME}")
    match world.random.randrange(12):
        case 0:
            world.hear(request, RequestWithdrawn(request_id=request_id, programme=PROGRAMME, withdrawn_at=now))
        case 1:
            world.hear(request, RequestParked(request_id=request_id, programme=PROGRAMME, parked_at=now))
        case 2:
            world.hear(request, RequestResumed(request_id=request_id, programme=PROGRAMME, resumed_at=now))
        case 3:
            lapsed = ApprovalLapsed(person_id=person, programme=PROGRAMME, roles=(), rule="certificate")
            world.hear(volunteering, lapsed)
        case 4:
            world.hear(volunteering, VolunteerSuspended(person_id=person, programme=PROGRAMME, suspended_by="k"))
        case 5:
            world.hear(volunteering, VolunteerLeft(person_id=person, programme=PROGRAMME, left_on=now.date()))
        case 6:
            world.policies.version += 1
        case 10 | 11:
            the_programme_rests_or_goes_on(world)
        case 7 | 8:
            a_block_comes_or_goes(world, person)
        case _:
            world.hear(*approved(person, version=world.policies.version))


def the_programme_rests_or_goes_on(world: World) -> None:
    spans, now = world.policies.pauses.spans, world.clock.now()
    if world.policies.pauses.are_on:
        world.policies.pauses = Pauses((*spans[:-1], (spans[-1][0], now)))
    else:
        world.policies.pauses = Pauses((*spans, (now, None)))


def a_block_comes_or_goes(world: World, helper_id: str) -> None:
    requester_id = f"p{world.random.randrange(len(REQUESTS))}"
    pair = world.pairs.token(TENANT, requester_id, helper_id)
    said = PairHeld(pair=pair) if world.random.random() < 0.7 else PairFreed(pair=pair)
    world.hear(StreamId(TENANT, "pair", pair), said)


async def a_match_ends(world: World) -> None:
    for stream in world.streams("match"):
        if world.random.random() < 0.3:
            end = EndMatch("both", closing_talk=True, now=world.clock.now(), rhythm=Rhythm())
            await world.try_to(world.commands.handle(pairing, stream, end, context=world.context()))


async def time_goes_by(world: World) -> None:
    world.clock.advance(timedelta(days=world.random.choice((0, 1, 10, 43))))
    if world.random.random() < 0.5:
        await world.deadlines_pass()


async def events_flow(world: World) -> None:
    for _ in range(world.random.randint(1, 30)):
        await world.deliver_one()


ACTIONS = [somebody_picks, somebody_picks, the_two_act, the_two_act, events_flow, events_flow, events_flow]
RARE = [intake_says, a_match_ends, time_goes_by]


async def live_a_while(random: Random, capacity: int, steps: int) -> World:
    world = World(random, Policy.model_validate({"capacity": capacity, "max_length": "P1Y"}))
    for number, request_id in enumerate(REQUESTS):
        world.hear(*posted(request_id, f"p{number}"))
    for person in HELPERS:
        world.hear(*approved(person))
    await world.come_to_rest()
    world.store.is_shaky = True
    for _ in range(steps):
        await random.choice(RARE if random.random() < 0.12 else ACTIONS)(world)
    await world.come_to_rest()
    return world


async def held_and_owed(world: World) -> tuple[set[str], set[str]]:
    """The proposals that hold a slot, and those that should: live ones and those of live matches."""
    held = {name for state in await world.states("helper", helper) for name in state.slots}
    live = {found.current.proposal_id for found in await world.states("search", search) if found.current}
    matched = {m.made.proposal_id for m in await world.states("match", pairing) if m.status is Status.LIVE}
    return held, live | matched


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 2), st.integers(0, 60))
def test_slots_are_held_by_live_proposals_and_live_matches_and_by_nothing_else(
    random: Random, capacity: int, steps: int
) -> None:
    async def story() -> None:
        world = await live_a_while(random, capacity, steps)
        held, owed = await held_and_owed(world)
        assert held == owed
        now = world.clock.now()
        pauses = world.policies.pauses
        assert all(state.taken(PROGRAMME, now, pauses) <= capacity for state in await world.states("helper", helper))

        if pauses.are_on:
            the_programme_rests_or_goes_on(world)
        world.clock.advance(timedelta(days=43))
        await world.deadlines_pass()
        await world.come_to_rest()
        assert [found.current for found in await world.states("search", search) if found.current] == []
        held, owed = await held_and_owed(world)
        assert held == owed

    asyncio.run(story())


@pytest.mark.long
@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(10, 60))
def test_every_match_is_counted_once_and_made_for_one_settled_search(random: Random, steps: int) -> None:
    async def story() -> None:
        world = await live_a_while(random, 2, steps)
        made = [match.made.match_id for match in await world.states("match", pairing)]
        counted = [match_id for state in await world.states("tally", tally) for match_id in state.counted]
        settled = [found.match_id for found in await world.states("search", search) if found.match_id]
        assert sorted(made) == sorted(counted) == sorted(settled)

    asyncio.run(story())


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 60))
@pytest.mark.requirement("S2.9", "S2.14")
def test_who_is_kept_apart_has_no_live_proposal_whatever_came_first(random: Random, steps: int) -> None:
    async def story() -> None:
        world = await live_a_while(random, 2, steps)
        held = {log[0].stream.id for log in world.intake.values() if isinstance(log[-1].event, PairHeld)}
        for found in await world.states("search", search):
            if found.current is not None:
                assert world.pairs.token(TENANT, found.person_id, found.current.helper_id) not in held
        for request_id, number in zip(REQUESTS, range(len(REQUESTS)), strict=True):
            for helper_id in HELPERS:
                if world.pairs.token(TENANT, f"p{number}", helper_id) in held:
                    assert await cannot_be_picked(world, request_id, helper_id)

    asyncio.run(story())


async def cannot_be_picked(world: World, request_id: str, helper_id: str) -> bool:
    """As if there were nobody by that id."""
    known, now = await world.policies.known(TENANT, PROGRAMME), world.clock.now()
    stream, candidate = StreamId(TENANT, "search", request_id), Ranked(helper_id, 1.0, ())
    try:
        await pick(world.commands, stream, candidate, pairs=world.pairs, known=known, context=world.context(), now=now)
    except HelperNotFound:
        return True
    return False
