"""Rebuilding a read model on the real engines: beside the old one, while live, with several processes."""

from collections.abc import AsyncIterator

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.dead_letters import list_dead_letters
from chassis.position import Position
from chassis.rebuild import ReadModelState, UnknownReadModel, rebuild_progress, request_rebuild
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from tests.conftest import TopicFactory
from tests.support.consuming import POISON, Harbour, boat, harbour_at, moored, running
from tests.support.stack import Addresses
from tests.support.wait import eventually

ADA, BIL = boat("ada"), boat("bil")


@pytest.fixture
async def harbour(
    engines: Addresses, database: AsyncDatabase[JsonObject], topic: TopicFactory
) -> AsyncIterator[Harbour]:
    async with harbour_at(engines.kafka, database, await topic(partitions=4)) as harbour:
        yield harbour


def with_flag(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    """The second version of the fold: a field more, and no berth is a bug."""
    moored_count = 0 if document is None else document["moored"]
    return {"moored": moored_count + 1, "flag": "red"}


def heavy(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    return {"moored": 1 if document is None else document["moored"] + 1, "flag": "heavy"}


async def switched(harbour: Harbour, generation: int, *, without: int) -> ReadModelState:
    """The read model, once that generation answers and the other is dropped."""

    async def look() -> ReadModelState:
        [state] = await rebuild_progress(harbour.database)
        assert state.live == generation, state
        assert (state.building, state.retired) == (None, ()), state
        assert f"boats.{without}" not in await harbour.database.list_collection_names()
        return state

    return await eventually(look)


async def test_a_rebuild_folds_everything_anew_and_the_old_answers_until_then(harbour: Harbour) -> None:
    names = [f"boat-{number}" for number in range(50)]
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(*(moored(boat(name), 1) for name in names))
        await harbour.seen("boat-49")
        await harbour.database["boats.1"].update_one({"_id": "fjord/boat-7"}, {"$set": {"moored": 99}})
        assert (await harbour.seen("boat-7"))["moored"] == 99

        await request_rebuild(harbour.database, "boats")

        state = await switched(harbour, 2, without=1)
        assert state == ReadModelState("boats", version=1, live=2, building=None)
        await harbour.seen("boat-7", moored=1)
        assert await harbour.read_models.count(harbour.boats, "fjord") == 51
        await harbour.send(moored(boat("boat-7"), 2))
        document = await harbour.read_models.get(
            harbour.boats, "fjord", "boat-7", min_position=Position(boat("boat-7"), 2)
        )
        assert document is not None
        assert document["moored"] == 2


async def test_a_new_version_builds_its_own_generation_and_then_answers(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1), moored(ADA, 2))
        await harbour.seen("ada", moored=2)

    async with running(harbour.consumers(harbour.projection(version=2, fold=with_flag))):
        assert await harbour.seen("ada", flag="red") == {
            "_id": "fjord/ada",
            "_streams": {str(ADA): 2},
            "moored": 2,
            "flag": "red",
        }
        await switched(harbour, 2, without=1)


async def test_a_rolling_upgrade_keeps_the_old_alive_and_old_code_never_swings_back(harbour: Harbour) -> None:
    old = harbour.consumers(harbour.boats)
    new = harbour.consumers(harbour.projection(version=2, fold=with_flag), read_models=harbour.other_process())
    async with running(old), running(new):
        await harbour.send(moored(ADA, 1))
        await harbour.seen("ada", moored=1, flag="red")
        await switched(harbour, 2, without=1)

        await harbour.send(moored(ADA, 2), moored(BIL, 1))
        await harbour.seen("ada", moored=2, flag="red")
        await harbour.seen("bil", moored=1, flag="red")
        [state] = await rebuild_progress(harbour.database)
        assert (state.live, state.version, state.building) == (2, 2, None)


async def test_a_rebuild_with_two_processes_under_load_loses_and_doubles_nothing(harbour: Harbour) -> None:
    names = [f"boat-{number}" for number in range(40)]
    first = harbour.consumers(harbour.boats)
    second = harbour.consumers(harbour.boats, read_models=harbour.other_process())
    async with running(first), running(second):
        for position in range(1, 26):
            if position == 5:
                await request_rebuild(harbour.database, "boats")
            await harbour.send(*(moored(boat(name), position) for name in names))
        await switched(harbour, 2, without=1)

        for name in names:
            await harbour.seen(name, moored=25)


async def test_letters_of_the_old_generation_go_with_it(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1, berth=POISON), moored(BIL, 1))
        await harbour.blocked()
    async with running(harbour.consumers(harbour.projection(version=2, fold=heavy))):
        await harbour.seen("ada", flag="heavy")
        await switched(harbour, 2, without=1)
        assert await list_dead_letters(harbour.database) == []


async def test_the_registry_tells_how_far_a_rebuild_is(harbour: Harbour) -> None:
    async with running(harbour.consumers(harbour.boats)):
        await harbour.send(moored(ADA, 1))
        await harbour.seen("ada")
        await request_rebuild(harbour.database, "boats")

        async def begun() -> ReadModelState:
            [state] = await rebuild_progress(harbour.database)
            assert state.building is not None
            assert state.building.generation == 2
            return state

        assert (await eventually(begun, every=0.005)).live == 1
        await switched(harbour, 2, without=1)


async def test_an_unknown_read_model_cannot_be_rebuilt(harbour: Harbour) -> None:
    with pytest.raises(UnknownReadModel):
        await request_rebuild(harbour.database, "nothing")
