"""What a bench stands on: real engines, a baseline in the same run, the median of five."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from contracts.base import JsonObject

ROUNDS = 5

Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: `ratio` is held when it is at least `bar`, or at most when `at_most`.

    `detail` says what was measured against what, in numbers.
    """

    name: str
    ratio: float
    bar: float
    detail: str = ""
    at_most: bool = False

    @property
    def holds(self) -> bool:
        return self.ratio <= self.bar if self.at_most else self.ratio >= self.bar


@dataclass(frozen=True, slots=True)
class Ground:
    """The engines a bench runs on. `is_quick` asks for sizes at which all benches together end in three minutes."""

    kafka: str
    mongo: str
    is_quick: bool

    def size(self, full: int, *, quick: int) -> int:
        return quick if self.is_quick else full

    @asynccontextmanager
    async def database(self) -> AsyncIterator[AsyncDatabase[JsonObject]]:
        """An empty database, dropped afterwards."""
        async with AsyncMongoClient[JsonObject](self.mongo, tz_aware=True, uuidRepresentation="standard") as client:
            name = f"bench{uuid4().hex[:12]}"
            try:
                yield client[name]
            finally:
                await client.drop_database(name)

    @asynccontextmanager
    async def topic(self, *, partitions: int) -> AsyncIterator[str]:
        """An empty topic, deleted afterwards."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            name = f"bench{uuid4().hex[:12]}"
            answer = await admin.create_topics([NewTopic(name, partitions, 1)])
            if any(error[1] for error in answer.topic_errors):
                raise RuntimeError(f"no topic {name}: {answer.topic_errors}")
            yield name
            await admin.delete_topics([name])
        finally:
            await admin.close()


Bench = Callable[[Ground], Awaitable[Result | Iterable[Result]]]


async def measured(*measures: Measure, rounds: int = ROUNDS) -> list[list[float]]:
    """Seconds of each measure in each round: `[[a1, b1], [a2, b2], …]`.

    Within a round they run one after another, so that what disturbs the machine disturbs both; every other round in
    the opposite order, so that none is always first.
    """
    seconds: list[list[float]] = []
    for number in range(rounds):
        order = list(enumerate(measures))
        taken: dict[int, float] = {}
        for index, measure in reversed(order) if number % 2 else order:
            taken[index] = await measure()
        seconds.append([taken[index] for index in range(len(measures))])
    return seconds


async def until(moment: float) -> None:
    """Reach a moment of the event loop's clock: for benches that keep a rate or watch the clock itself."""
    reached = asyncio.Event()
    asyncio.get_running_loop().call_at(moment, reached.set)
    await reached.wait()


def ratio_of(rounds: list[list[float]], *, ours: int, baseline: int) -> float:
    """How many times as fast as the baseline ours is: the median over the rounds."""
    return median(round_[baseline] / round_[ours] for round_ in rounds)


def per_second(count: int, rounds: list[list[float]], index: int) -> str:
    """ "12 345/s" by the median of the rounds."""
    return f"{count / median(round_[index] for round_ in rounds):,.0f}/s".replace(",", " ")


def as_json(results: Iterable[Result]) -> list[dict[str, Any]]:
    return [
        {"name": result.name, "ratio": round(result.ratio, 3), "bar": result.bar, "holds": result.holds}
        for result in results
    ]
