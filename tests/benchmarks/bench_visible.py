"""A request is posted over HTTP at intake: when is it visible in matching's read model? And what do services cost idle?

The four services run as processes of their own. On its way the request is taken over HTTP, appended, relayed and
consumed twice, since matching's reaction commits an event of its own, then written and seen by whoever watches. The
baseline is each of those stages by itself, raw and with the same promises, at the same rate, in turns with the load.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from statistics import median, quantiles
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo.asynchronous.database import AsyncDatabase

from chassis.event_store.documents import to_document
from chassis.event_store.mongo_insert import DURABLE
from contracts.base import JsonObject
from contracts.topics import PARTITIONS
from deploy.local.ports import free_port
from tests.benchmarks.bench_append import new_commits
from tests.benchmarks.harness import Ground, Result, until
from tests.benchmarks.processes import LIMITS, Platform, platform_at
from tests.support.town import PROGRAMME
from tests.support.wait import eventually

# A rate that two cores carry with four services, two engines and whoever asks: the bar is for latency, not for queues.
_PER_SECOND = 10
_PEOPLE = 20
_SETTLING_SECONDS = 15
_TWICE = ("append", "send", "consume")

Act = Callable[[int], Coroutine[Any, Any, None]]


async def bench_visible(ground: Ground) -> list[Result]:
    """From before the POST until the search is in matching's read model; then the processes are left alone."""
    rounds, seconds = ground.size(3, quick=2), ground.size(8, quick=2)
    idle_seconds = ground.size(20, quick=6)
    async with platform_at(ground) as platform:
        people = await asyncio.gather(*(platform.town.person() for _ in range(_PEOPLE)))
        await _visible(platform, people, seconds=1)  # caches are warm, connections open
        stages: list[dict[str, float]] = []
        taken: list[float] = []
        for _ in range(rounds):
            stages.append(await _stages(ground, seconds=min(seconds, 2)))
            taken += await _visible(platform, people, seconds=seconds)
        memory = max(process.memory_bytes() for process in platform.processes) / 1e6
        await platform.at_rest()
        # Messages that are due wait some seconds for facts that are newer: that is work, and over then.
        await until(asyncio.get_running_loop().time() + _SETTLING_SECONDS)
        idle = await _idle_percent(platform, idle_seconds)
    return [*_latency(taken, stages), _idle_result(idle, idle_seconds), _memory_result(memory)]


def _latency(taken: Sequence[float], stages: Sequence[dict[str, float]]) -> list[Result]:
    by_stage = {name: median(round_[name] for round_ in stages) for name in stages[0]}
    baseline = sum(seconds * (2 if name in _TWICE else 1) for name, seconds in by_stage.items())
    p50, p99 = median(taken), quantiles(taken, n=100)[98]
    raw = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in by_stage.items())
    detail = f"raw stages {baseline * 1000:.1f} ms ({raw}; {', '.join(_TWICE)} count twice)"
    name = f"HTTP to visible in another service at {_PER_SECOND}/s, against its stages raw"
    return [
        Result(f"{name}, p50", p50 / baseline, bar=2, at_most=True, detail=f"{p50 * 1000:.1f} ms; {detail}"),
        Result(f"{name}, p99", p99 / baseline, bar=8, at_most=True, detail=f"{p99 * 1000:.1f} ms"),
    ]


def _idle_result(percent: float, seconds: int) -> Result:
    detail = f"percent of a core, four services, {seconds} s"
    return Result("idle_cpu", percent, bar=5, at_most=True, detail=detail)


def _memory_result(megabytes: float) -> Result:
    return Result("memory", megabytes, bar=150, at_most=True, detail="MB of the largest of the four, after the load")


# ours -----------------------------------------------------------------------------------------------------------------


async def _visible(platform: Platform, people: Sequence[str], *, seconds: int) -> list[float]:
    """Seconds from POST to visible, of each request."""
    posted: dict[str, float] = {}
    seen: dict[str, float] = {}
    count = seconds * _PER_SECOND

    async def post(number: int) -> None:
        wish = {"programme": PROGRAMME, "person_id": people[number % len(people)], "what": "A walk on Sundays."}
        began = time.perf_counter()
        answer = await platform.town.command("intake", "/v1/requests", wish)
        posted[str(answer["request_id"])] = began

    async def look() -> None:
        async with await platform.matching["searches.1"].watch([{"$project": {"_id": 1, "documentKey": 1}}]) as changes:
            watching.set()
            while len(seen) < count:
                change = await changes.next()
                request_id = str(change["documentKey"]["_id"]).partition("/")[2]
                seen.setdefault(request_id, time.perf_counter())

    watching = asyncio.Event()
    looking = asyncio.create_task(look())
    await watching.wait()
    await _at_rate(post, count)
    async with asyncio.timeout(60):
        await looking
    return [seen[request_id] - began for request_id, began in posted.items()]


async def _at_rate(act: Act, count: int) -> None:
    """Begin so many a second, whether those before are done or not."""
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as acting:
        for number in range(count):
            await until(began + number / _PER_SECOND)
            acting.create_task(act(number))


# raw ------------------------------------------------------------------------------------------------------------------


async def _stages(ground: Ground, *, seconds: int) -> dict[str, float]:
    """The median seconds of each stage by itself."""
    async with ground.database() as database, ground.topic(partitions=PARTITIONS) as topic:
        commits: list[Any] = [to_document(new, partitions=PARTITIONS) for new in new_commits(seconds * _PER_SECOND)]
        http = await _raw_http(len(commits))
        append = await _raw_append(database, commits)
        send, consume = await _raw_send_and_consume(ground.kafka, topic, commits)
        write = await _raw_write_and_see(database, len(commits))
        return {"http": http, "append": append, "send": send, "consume": consume, "write and see": write}


async def _raw_http(count: int) -> float:
    """POST and answer, in a process of its own as the services are."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.benchmarks.bare_http:app", "--port", str(port)]
    bare = await asyncio.create_subprocess_exec(*command, "--log-level", "warning", "--no-access-log")
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, limits=LIMITS) as client:

            async def post(number: int) -> None:
                wish = {"programme": PROGRAMME, "person_id": str(number), "what": "A walk on Sundays."}
                (await client.post("/v1/requests", json=wish)).raise_for_status()

            async def answers() -> bool:
                try:
                    await post(0)
                except httpx.TransportError:
                    return False
                return True

            await eventually(answers)
            return await _median_of(post, count)
    finally:
        bare.terminate()
        await bare.wait()


async def _raw_append(database: AsyncDatabase[JsonObject], commits: Sequence[Any]) -> float:
    collection = database.get_collection("commits", write_concern=DURABLE)
    await collection.create_index([("s", 1), ("v", 1)], unique=True)

    async def append(number: int) -> None:
        await collection.insert_one(commits[number])

    return await _median_of(append, len(commits))


async def _raw_write_and_see(database: AsyncDatabase[JsonObject], count: int) -> float:
    """From the write until a change stream tells of it, which is how ours is seen."""
    collection = database.get_collection("view", write_concern=DURABLE)
    seen = {number: asyncio.Event() for number in range(count)}

    async def write(number: int) -> None:
        await collection.insert_one({"_id": number, "status": "open", "needed_since": "2026-01-01"})
        await seen[number].wait()

    async with await collection.watch([{"$project": {"_id": 1, "documentKey": 1}}]) as changes:

        async def look() -> None:
            for _ in range(count):
                seen[(await changes.next())["documentKey"]["_id"]].set()

        looking = asyncio.create_task(look())
        seconds = await _median_of(write, count)
        await looking
    return seconds


async def _median_of(act: Act, count: int) -> float:
    taken: list[float] = []

    async def timed(number: int) -> None:
        began = time.perf_counter()
        await act(number)
        taken.append(time.perf_counter() - began)

    await _at_rate(timed, count)
    return median(taken)


async def _raw_send_and_consume(kafka: str, topic: str, commits: Sequence[Any]) -> tuple[float, float]:
    """From send to acknowledged by all, and from there until a consumer that waits has it in hand (never negative)."""
    acknowledged: dict[int, float] = {}
    arrived: dict[int, float] = {}

    async def send(number: int) -> None:
        await producer.send_and_wait(topic, commits[number]["e"][0].encode(), key=str(number).encode())
        acknowledged[number] = time.perf_counter()

    async def consume() -> None:
        while len(arrived) < len(commits):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                arrived.update({int(record.key): time.perf_counter() for record in records})

    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    async with producer, consumer:
        consuming = asyncio.create_task(consume())
        sent = await _median_of(send, len(commits))
        await consuming
    return sent, median(max(0.0, arrived[number] - acknowledged[number]) for number in arrived)


# idle -----------------------------------------------------------------------------------------------------------------


async def _idle_percent(platform: Platform, seconds: int) -> float:
    """Of one core, all four together, while nobody asks for anything."""
    before = sum(process.cpu_seconds() for process in platform.processes)
    began = time.perf_counter()
    await until(asyncio.get_running_loop().time() + seconds)
    used = sum(process.cpu_seconds() for process in platform.processes) - before
    return 100 * used / (time.perf_counter() - began)
