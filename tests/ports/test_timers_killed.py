"""A runner that is killed with a timer in its hands: the next one repeats the same command."""

import asyncio
import os
import sys
from pathlib import Path

from pymongo.asynchronous.database import AsyncDatabase

from contracts.base import JsonObject
from tests.support.stack import Addresses
from tests.support.timing import Bedroom, alarm_in, at_work
from tests.support.wait import eventually

RUNNER = """
import asyncio, sys
from pymongo import AsyncMongoClient
from chassis.timers import FiredTimer
from tests.support.timing import Bedroom

async def main(mongo: str, database: str) -> None:
    async with AsyncMongoClient(mongo, tz_aware=True) as client:
        async def command_issued(fired: FiredTimer) -> None:
            print(fired.command_id, flush=True)
            await asyncio.Event().wait()

        await Bedroom(client[database]).runner(command_issued).run()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_runner_killed_while_it_fires_loses_nothing_and_doubles_nothing(
    engines: Addresses, database: AsyncDatabase[JsonObject]
) -> None:
    bedroom = Bedroom(database)
    await bedroom.happened("a", alarm_in(0))
    killed = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUNNER, engines.mongo, database.name),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert killed.stdout is not None
    issued = (await killed.stdout.readline()).decode().strip()
    killed.kill()
    await killed.wait()
    async with at_work(bedroom.runner(), bedroom.runner()):
        await eventually(lambda: bedroom.rung)
        [timer] = await bedroom.timers()
        await eventually(lambda: _is_done(bedroom))
    assert ([fired.command_id for fired in bedroom.rung], timer["attempts"]) == ([issued], 2)


async def _is_done(bedroom: Bedroom) -> bool:
    return [timer["is_set"] for timer in await bedroom.timers()] == [False]
