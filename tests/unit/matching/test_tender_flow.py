"""Tenders and tasks in random orders, with duplicates and crashes: no place leaks, nobody else is in touch."""

import asyncio
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.base import Event
from contracts.envelope import StreamId
from contracts.intake import PairFreed, PairHeld, RequestParked, RequestResumed, RequestWithdrawn, VolunteerSuspended
from contracts.matching import ContactAgreed, HelperChosen, HelpNotNeeded, HelpOffered, HelpTakenBack
from contracts.policy import Policy
from services.matching.domain import tender_commands as tenders
from services.matching.domain.helper import helper
from services.matching.domain.search import search
from services.matching.domain.search_commands import Command, SayNo, SayYes
from services.matching.picking import pick
from services.matching.ranking.explain import Ranked
from services.matching.reactions.on_tenders import on_tenders
from tests.unit.matching.tenders import RECEIPT, open_tender
from tests.unit.matching.world import PROGRAMME, TENANT, World, approved, posted

HELPERS, REQUESTS = ("v1", "v2", "v3"), {"r1": "shelves", "r2": "shopping", "r3": "shopping"}
POLICY = {"categories": ["shelves", {"code": "shopping", "safeguards": ["money"]}], "roles": {"ressursvenn": {}}}


async def a_tender_moves(world: World) -> None:
    request_id, now = world.random.choice([*REQUESTS]), world.clock.now()
    stream = StreamId(TENANT, "search", request_id)
    found, known = (await world.commands.state(search, stream)).state, await world.policies.known(TENANT, PROGRAMME)
    running = found.tender.tender_id if found.tender is not None else f"{request_id}-{len(found.tenders)}"
    person = world.random.choice([*HELPERS, found.person_id])
    possible: list[Command] = [
        open_tender(running, now=now, closes_at=now + timedelta(days=14), policy=known.at(now)),
        tenders.OfferHelp(running, person, now),
        tenders.OfferHelp(running, person, now),
        tenders.OfferHelp(running, person, now),
        tenders.TakeHelpBack(running, person),
        tenders.CloseTender(now),
        tenders.LapseTender(running, now),
    ]
    for _ in range(3):
        await world.try_to(
            world.commands.handle(search, stream, world.random.choice(possible), context=world.context())
        )


async def somebody_is_chosen(world: World) -> None:
    stream = StreamId(TENANT, "search", world.random.choice([*REQUESTS]))
    found = (await world.commands.state(search, stream)).state
    candidates = HELPERS if found.tender is None else found.tender.live or HELPERS
    known, now = await world.policies.known(TENANT, PROGRAMME), world.clock.now()
    chosen = Ranked(world.random.choice(candidates), 1.0, ())
    await world.try_to(
        pick(world.commands, stream, chosen, pairs=world.pairs, known=known, context=world.context(), now=now)
    )


async def the_two_act(world: World) -> None:
    stream, now = StreamId(TENANT, "search", world.random.choice([*REQUESTS])), world.clock.now()
    found = (await world.commands.state(search, stream)).state
    for proposal_id, proposal in found.proposals.items():
        for person in (found.person_id, proposal.helper_id):
            look = tenders.ConfirmSafeguard(
                proposal_id=proposal_id,
                safeguard="money",
                confirmed_by=world.random.choice(("k", "l", found.person_id)),
                receipt=world.random.choice((None, RECEIPT)),
                safeguards=("money",),
                now=now,
            )
            possible: list[Command] = [
                SayYes(proposal_id, person, now),
                look,
                tenders.SayDone(proposal_id, person, now),
            ]
            if world.random.random() < 0.05:
                possible = [SayNo(proposal_id, person, now)]
            for command in possible:
                await world.try_to(world.commands.handle(search, stream, command, context=world.context()))


async def something_comes_between(world: World) -> None:
    request_id, person, now = world.random.choice([*REQUESTS]), world.random.choice(HELPERS), world.clock.now()
    request = StreamId(TENANT, "request", request_id)
    match world.random.randrange(6):
        case 0:
            world.hear(request, RequestWithdrawn(request_id=request_id, programme=PROGRAMME, withdrawn_at=now))
        case 1:
            world.hear(request, RequestParked(request_id=request_id, programme=PROGRAMME, parked_at=now))
        case 2:
            world.hear(request, RequestResumed(request_id=request_id, programme=PROGRAMME, resumed_at=now))
        case 3:
            volunteering = StreamId(TENANT, "volunteering", f"{person}_{PROGRAMME}")
            world.hear(volunteering, VolunteerSuspended(person_id=person, programme=PROGRAMME, suspended_by="k"))
        case 4:
            pair = world.pairs.token(TENANT, f"p{world.random.randrange(3)}", person)
            said = PairHeld(pair=pair) if world.random.random() < 0.5 else PairFreed(pair=pair)
            world.hear(StreamId(TENANT, "pair", pair), said)
        case _:
            world.clock.advance(timedelta(days=world.random.choice((1, 15, 43))))
            await world.deadlines_pass()


async def events_flow(world: World) -> None:
    for _ in range(world.random.randint(1, 30)):
        await world.deliver_one()


ACTIONS = [a_tender_moves, a_tender_moves, somebody_is_chosen, the_two_act, events_flow, events_flow]


async def live_a_while(random: Random, steps: int) -> World:
    world = World(random, Policy.model_validate(POLICY))
    world.reactions.append(on_tenders(world.commands, world.policies, world.clock))
    for number, (request_id, category) in enumerate(REQUESTS.items()):
        stream, event = posted(request_id, f"p{number}")
        world.hear(stream, event.model_copy(update={"category": category}))
    for person in HELPERS:
        world.hear(*approved(person))
    await world.come_to_rest()
    world.store.is_shaky = True
    for _ in range(steps):
        await (something_comes_between if random.random() < 0.08 else random.choice(ACTIONS))(world)
    await world.come_to_rest()
    return world


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 60))
@pytest.mark.requirement("S1.2", "S1.20")
def test_places_are_held_by_live_proposals_and_open_tasks_and_by_nothing_else(random: Random, steps: int) -> None:
    async def story() -> None:
        world = await live_a_while(random, steps)
        found = await world.states("search", search)
        owed = {one.current.proposal_id for one in found if one.current is not None}
        owed |= {one.task.proposal_id for one in found if one.task is not None and one.has_open_task}
        held = {name for state in await world.states("helper", helper) for name in state.slots}
        assert held == owed
        assert world.streams("match") == []

    asyncio.run(story())


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 80))
@pytest.mark.requirement("S1.2", "S1.13", "S1.21")
def test_only_the_two_come_in_touch_and_everybody_else_hears(random: Random, steps: int) -> None:
    async def story() -> None:
        world = await live_a_while(random, steps)
        for stream in world.streams("search"):
            log = [recorded.event for recorded in world.store.streams[str(stream)]]
            found = search.fold(log)
            for place, event in enumerate(log):
                if not isinstance(event, ContactAgreed):
                    continue
                before = search.fold(log[:place])
                proposal = before.proposals[event.proposal_id]
                assert (event.requester_id, event.helper_id) == (found.person_id, proposal.helper_id)
                assert proposal.yes == {"requester", "helper"}
                assert REQUESTS[stream.id] == "shelves" or proposal.count_of("money") >= 2
                after = search.fold(log[: place + 1 + len(before.tender.live if before.tender else ())])
                assert after.tender is None
            for tender in found.tenders.values():
                assert not (tender.is_over and _unheard(log, tender.tender_id, found.person_id))

    asyncio.run(story())


def _unheard(log: list[Event], tender_id: str, asker_id: str) -> set[str]:
    """Who offered, was neither chosen nor told, and did not take it back."""
    waiting: set[str] = set()
    for event in log:
        match event:
            case HelpOffered(tender_id=name, helper_id=helper_id) if name == tender_id:
                assert helper_id != asker_id
                waiting.add(helper_id)
            case (
                HelpTakenBack(tender_id=name, helper_id=helper_id)
                | HelpNotNeeded(tender_id=name, helper_id=helper_id)
                | HelperChosen(tender_id=name, helper_id=helper_id)
            ) if name == tender_id:
                waiting.discard(helper_id)
            case _:
                continue
    return waiting
