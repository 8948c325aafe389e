"""A suggestion for 1 000 requests over 10 000 helpers: how far from the optimum, and how long nobody is answered."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import numpy as np
from pymongo.asynchronous.database import AsyncDatabase
from scipy.optimize import linear_sum_assignment

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler
from chassis.event_store.memory import MemoryEventStore
from chassis.keyring import Keyring, MemoryKeyring
from chassis.projection import Held
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.intake import LanguageSkill, Wishes
from services.matching.batch import Batch
from services.matching.candidates import Candidates
from services.matching.http.suggestions import SuggestionView
from services.matching.pairs import Pairs
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.projections.policies import StoredPolicies
from services.matching.projections.searches import searches
from services.matching.ranking.batch import Waiting
from services.matching.ranking.kernel import best
from services.matching.ranking.table import HelperTable
from services.matching.suggestions import Suggestion
from tests.benchmarks.bench_ranking import (
    INTERESTS,
    LANGUAGES,
    NOW,
    PROGRAMME,
    TENANT,
    filled,
    helpers_of,
    sealed_profiles,
)
from tests.benchmarks.harness import Ground, Result, until

_WANTED_BY_ALL = 600
_TICK_SECONDS = 0.001

Wished = Callable[[Random], Wishes]


@dataclass(slots=True)
class Pause:
    """The longest time in which the event loop answered nobody because it was busy, by this thread's own clock.

    `seconds` is the same by the clock on the wall: other processes that took the processor are in it too.
    """

    busy_seconds: float = 0.0
    seconds: float = 0.0

    async def watch(self) -> None:
        while True:
            wall, busy = time.perf_counter(), time.thread_time()
            await until(asyncio.get_running_loop().time() + _TICK_SECONDS)
            self.seconds = max(self.seconds, time.perf_counter() - wall - _TICK_SECONDS)
            self.busy_seconds = max(self.busy_seconds, time.thread_time() - busy)


async def bench_batch(ground: Ground) -> list[Result]:
    """Wishes of all kinds, and everybody wishing the same 600 helpers; from the read models to the shown answer."""
    everything = await _suggested(ground, _of_all_kinds, helpers_of)
    the_same = await _suggested(ground, lambda _random: _THE_SAME, _few_whom_all_want)
    return [*_results("wishes of all kinds", *everything), *_results("all want the same 600", *the_same)]


def _results(how: str, gap: float, pause: Pause, detail: str) -> list[Result]:
    wall = f"{1000 * pause.seconds:.1f} ms on the wall, with what other processes took"
    return [
        Result(f"batch, {how}: per cent from the dense optimum", gap, bar=1, detail=detail, at_most=True),
        Result(
            f"batch, {how}: longest pause of the loop in ms",
            1000 * pause.busy_seconds,
            bar=25,
            detail=wall,
            at_most=True,
        ),
    ]


async def _suggested(
    ground: Ground, wished: Wished, helpers: Callable[[int], Iterable[JsonObject]]
) -> tuple[float, Pause, str]:
    requests, size = ground.size(1000, quick=300), ground.size(10_000, quick=3_000)
    clock = FixedClock(NOW)
    async with ground.database() as database:
        keyring = MemoryKeyring()
        reading = await filled(database, clock, await sealed_profiles(keyring, helpers(size)))
        await _post(database, reading, [await _sealed(keyring, one) for one in _searches(requests, wished)])
        tables = CandidateTables(reading, keyring)
        pairs = Pairs(CommandHandler(MemoryEventStore(), clock), keyring)
        desk = Candidates(tables, StoredPolicies(reading, clock), keyring, pairs=pairs, clock=clock)
        batch = Batch(desk, reading, clock)
        table = await tables.of(TENANT, PROGRAMME)
        pause, started_at = Pause(), time.perf_counter()
        async with _watched(pause):
            found = await batch.suggest(TENANT, PROGRAMME, None)
            SuggestionView.of(Suggestion("s", TENANT, PROGRAMME, None, NOW, for_each=tuple(found)))
        taken = time.perf_counter() - started_at
        known, _ = await desk.facts(TENANT, PROGRAMME)
        wishes = await desk.wishes(TENANT, [one.search.wishes for one in found])
        waiting = [
            Waiting(desk.question(TENANT, one.search, wished_here, known=known), one.search.needed_since)
            for one, wished_here in zip(found, wishes, strict=True)
        ]
        optimum = await asyncio.to_thread(_dense_optimum, table, waiting)
    ours = sum(one.ranked.score + asked.served for one, asked in zip(found, waiting, strict=True) if one.ranked)
    given = sum(one.ranked is not None for one in found)
    detail = f"{given} of {requests} requests given one of {size:,} helpers".replace(",", " ")
    return 100 * (optimum - ours) / optimum, pause, f"{detail}, in {taken:.1f} s"


@asynccontextmanager
async def _watched(pause: Pause) -> AsyncIterator[None]:
    # What the bench itself made is none of the service's garbage.
    gc.collect()
    gc.freeze()
    task = asyncio.create_task(pause.watch())
    await until(asyncio.get_running_loop().time() + 0.01)
    try:
        yield
        await until(asyncio.get_running_loop().time() + 2 * _TICK_SECONDS)
    finally:
        task.cancel()
        gc.unfreeze()


def _dense_optimum(table: HelperTable, waiting: Sequence[Waiting]) -> float:
    """Every request against every helper's every free place, and against nobody."""
    free = np.maximum(table.column("capacity") - table.column("taken"), 0)
    worth = np.full((len(waiting), len(table)), -1.0)
    for number, one in enumerate(waiting):
        found = best(table, one.question, limit=len(table))
        worth[number, found.rows] = found.scores + one.served
    offered = np.concatenate((np.repeat(worth, free, axis=1), np.zeros((len(waiting), len(waiting)))), axis=1)
    return float(offered[linear_sum_assignment(offered, maximize=True)].sum())


async def _post(database: AsyncDatabase[JsonObject], reading: ReadModels, documents: list[JsonObject]) -> None:
    await (await reading.collection(searches)).insert_many(documents)


async def _sealed(keyring: Keyring, document: JsonObject) -> JsonObject:
    token = await keyring.seal(TENANT, document["person_id"], document["wishes"])
    return document | {"wishes": {"subject": token.subject, "sealed": token.token}}


def _searches(count: int, wished: Wished) -> Iterator[JsonObject]:
    random = Random(21)  # noqa: S311
    for number in range(count):
        since = (NOW - timedelta(days=random.randrange(300))).date()
        body = {
            "request_id": f"request-{number:04}",
            "person_id": f"person-{number:04}",
            "programme": PROGRAMME,
            "category": None,
            "needed_since": since.isoformat(),
            "wishes": wished(random).model_dump(mode="json"),
            "status": "open",
            "proposal_id": None,
            "match_id": None,
            "tender": None,
        }
        yield Held(body, {}, 0).document(f"{TENANT}/request-{number:04}")


_THE_SAME = Wishes(languages=(LanguageSkill(code="ti", level="native"),), support_forms=("talk",), area="0150")


def _of_all_kinds(random: Random) -> Wishes:
    return Wishes(
        languages=(LanguageSkill(code=random.choice(LANGUAGES), level="b1"),),
        interests=tuple(random.sample(INTERESTS, 3)),
        support_forms=("talk",),
        day_parts=(random.choice(("day", "afternoon", "evening")),),
        area=f"{random.randrange(10_000):04}",
        gender=random.choice((None, None, "woman", "man")),
    )


def _few_whom_all_want(count: int) -> Iterator[JsonObject]:
    """Six hundred speak what all wish for; the others a little of it, or not at all."""
    random = Random(22)  # noqa: S311
    for number, document in enumerate(helpers_of(count)):
        level = "native" if number < _WANTED_BY_ALL else random.choice((None, "a1", "a2", "b1"))
        spoken = {"code": "ti", "level": level} if level else {"code": "nb", "level": "native"}
        document["profile"]["languages"] = [spoken]
        yield document
