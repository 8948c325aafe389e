"""The four services as processes, roles apart, killed with kill -9 at points and at random under load: nothing is lost,
nothing happens twice, and every read model is what the topics say.
"""

from collections.abc import AsyncIterator
from itertools import cycle, islice
from uuid import uuid4

import pytest

from chassis.service import Role
from deploy.local.engines import Engines
from services.matching.projections.searches import searches
from services.notifications.projections.messages import messages
from tests.faults.city import City, city_at
from tests.faults.points import dies_at
from tests.support.service_process import Part, ServiceProcess

pytestmark = pytest.mark.timeout(240 + 20 * 50)


@pytest.fixture(scope="module")
async def city(own_engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """One for all tests of this file; each brings a tenant of its own, and each check looks at everything."""
    root = tmp_path_factory.mktemp("city")
    async with city_at(own_engines, namespace=f"c{uuid4().hex[:8]}-", root=root) as city:
        yield city


async def test_an_api_killed_between_append_and_answer_answers_the_repeat(city: City, rounds: int) -> None:
    async with city.under_load():
        for service in islice(cycle(("intake", "matching")), max(rounds, 2)):
            api = city.processes[f"{service}-api"]
            await dies_at(api, city.watch.stored_not_answered(service))
            await city.restart(api)

    assert await city.faults() == []


async def test_a_relay_killed_before_produce_and_before_mark_loses_nothing(city: City, rounds: int) -> None:
    points = [
        ("intake", city.watch.appended_not_relayed("intake")),
        ("matching", city.watch.produced_not_marked("matching")),
        ("intake", city.watch.produced_not_marked("intake")),
        ("matching", city.watch.appended_not_relayed("matching")),
    ]
    async with city.under_load():
        for service, point in islice(cycle(points), max(rounds, len(points))):
            relay = city.processes[f"{service}-relay"]
            await dies_at(relay, point)
            await city.restart(relay)

    assert await city.faults() == []


async def test_a_consumer_killed_after_the_write_before_its_position_does_nothing_twice(
    city: City, rounds: int
) -> None:
    points = [
        ("matching-consumer", city.watch.written_not_saved("matching", searches)),
        ("notifications-api-relay-consumer", city.watch.written_not_saved("notifications", messages)),
    ]
    async with city.under_load():
        for name, point in islice(cycle(points), max(rounds, len(points))):
            await dies_at(city.processes[name], point)
            await city.restart(city.processes[name])

    assert await city.faults() == []


async def test_anything_killed_at_random_and_not_waited_for_loses_nothing(city: City, rounds: int) -> None:
    async with city.under_load():
        for _ in range(rounds):
            process = city.random.choice(list(city.processes.values()))
            await city.goes_on()
            process.kill()
            process.start()
        for process in city.processes.values():
            await process.until_ready()

    assert await city.faults() == []


async def test_a_second_consumer_that_comes_and_dies_in_the_middle_loses_nothing(city: City, rounds: int) -> None:
    first = city.processes["matching-consumer"]
    second = ServiceProcess(Part("matching", (Role.CONSUMER,)), first.env, first.logs)
    async with city.under_load():
        for number in range(rounds):
            await city.restart(second)
            await city.goes_on()
            if number % 2:
                second.stop()
            else:
                second.kill()
            await city.goes_on()

    assert await city.faults() == []
