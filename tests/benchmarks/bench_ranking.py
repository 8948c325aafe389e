"""Ranking one request over the helpers of a town and of a city: the whole answer against the bare numpy kernel."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from aiokafka import TopicPartition
from pydantic import JsonValue
from pymongo.asynchronous.database import AsyncDatabase

from chassis import facts
from chassis.clock import Clock, FixedClock
from chassis.command_handler import CommandHandler
from chassis.event_store.memory import MemoryEventStore
from chassis.keyring import Keyring, MemoryKeyring, seal_model
from chassis.projection import Held
from chassis.read_models import ReadModels
from chassis.rebuild import reader_id
from contracts.base import JsonObject
from contracts.intake import LanguageSkill, Wishes
from contracts.policy import Policy
from services.matching.candidates import Candidates
from services.matching.domain.search_state import Search, Status
from services.matching.pairs import Pairs
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.projections.candidates import PAIRS, candidates
from services.matching.projections.policies import StoredPolicies, policies
from services.matching.projections.proposals import proposals
from services.matching.projections.searches import searches
from services.matching.ranking.criteria import LEVELS, Question, Terms
from services.matching.ranking.kernel import best
from tests.benchmarks.harness import ROUNDS, Ground, Result

TENANT, PROGRAMME = "oslo", "ressursvenn"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SHOWN = 20
_POLICY = Policy.model_validate({"roles": {"ressursvenn": {}}, "support_forms": ["talk", "guide"]})
LANGUAGES = ["nb", "en", "so", "ar", "ti", "fa", "pl", "uk"]
INTERESTS = [f"interest-{number}" for number in range(300)]
_WISHES = Wishes(
    languages=(LanguageSkill(code="so", level="b1"), LanguageSkill(code="nb", level="a2")),
    interests=("interest-1", "interest-2", "interest-3"),
    support_forms=("talk", "guide"),
    day_parts=("evening",),
    area="0150",
    gender="woman",
)
_SEARCH = Search(Status.OPEN, "r1", "p", PROGRAMME, None, date(2026, 1, 1))


async def bench_rank_one_request(ground: Ground) -> list[Result]:
    """The whole answer, with policy, read model and reasons, against the kernel that finds rows and scores only.

    A hundred helpers are kept apart from who asks. Each twice: asked in a row, and after a pause, when what was
    remembered for a moment only is asked anew. A city has 50 000 helpers.
    """
    calls = ground.size(200, quick=50)
    town = await _rank_one_of(ground, 10_000, calls=calls)
    return [*town, *await _rank_one_of(ground, ground.size(50_000, quick=20_000), calls=calls)]


async def _rank_one_of(ground: Ground, helpers: int, *, calls: int) -> list[Result]:
    async with ground.database() as database, asyncio.TaskGroup() as group:
        clock = FixedClock(NOW)
        keyring = MemoryKeyring()
        pairs = Pairs(CommandHandler(MemoryEventStore(), clock), keyring)
        documents = [*await sealed_profiles(keyring, helpers_of(helpers)), *_held_pairs(pairs, helpers)]
        reading = await filled(database, clock, documents)
        tables = CandidateTables(reading, keyring)
        known = StoredPolicies(reading, clock)
        followers = [group.create_task(follow.run()) for follow in (tables, known)]
        started_at = time.perf_counter()
        table = await tables.of(TENANT, PROGRAMME)
        loaded_in = time.perf_counter() - started_at
        question = _question()
        asked = replace(_SEARCH, wishes=await seal_model(keyring, TENANT, _SEARCH.person_id, _WISHES))
        desk = Candidates(tables, known, keyring, pairs=pairs, clock=clock)

        async def bare() -> None:
            best(table, question, limit=_SHOWN)

        async def remembered() -> None:
            await desk.best(TENANT, asked, limit=_SHOWN)

        async def asked_anew() -> None:
            clock.advance(timedelta(seconds=2))
            await desk.best(TENANT, asked, limit=_SHOWN)

        measures = (bare, remembered, asked_anew)
        rounds = [[await _milliseconds(measure, calls) for measure in measures] for _ in range(ROUNDS)]
        for follower in followers:
            follower.cancel()
    size = f"table of {table.nbytes / 1e6:.1f} MB, loaded in {loaded_in:.1f} s"
    return [
        _result(rounds, 1, f"{helpers:,} helpers".replace(",", " "), f"in a row; {size}"),
        _result(rounds, 2, f"{helpers:,} helpers".replace(",", " "), "after a pause"),
    ]


def _result(rounds: list[list[float]], index: int, whom: str, how: str) -> Result:
    ours, kernel = (median(round_[column] for round_ in rounds) for column in (index, 0))
    return Result(
        f"rank one request over {whom}, {how.partition(';')[0]}, against the numpy kernel alone",
        median(round_[index] / round_[0] for round_ in rounds),
        bar=8,
        detail=f"{ours:.2f} ms against {kernel:.2f} ms, {how}",
        at_most=True,
    )


async def filled(database: AsyncDatabase[JsonObject], clock: Clock, people: list[JsonObject]) -> ReadModels:
    """The read models of these people and their policy, and the heartbeats of consumers that have read to the end."""
    reading = ReadModels(database, clock=clock)
    await (await reading.collection(candidates)).insert_many(people)
    adopted = {"policy": _POLICY.model_dump_json(), "version": 1, "paused": False, "pauses": []}
    document = Held(adopted, {}, 0).document(f"{TENANT}/{PROGRAMME}")
    await (await reading.collection(policies)).insert_one(document)
    for_the_whole_bench = int(time.time() + 3600) * 1000
    caught_up = {TopicPartition("intake.events", 0): for_the_whole_bench}
    readers = [reader_id(database, model.name, 1) for model in (policies, candidates, searches, proposals)]
    await facts.write(database, [facts.Reading(reader, 1, caught_up, {}) for reader in readers])
    return reading


async def _milliseconds(call: Callable[[], Awaitable[None]], calls: int) -> float:
    """Median of one call."""
    taken = []
    for _ in range(calls):
        started_at = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - started_at)
    return 1000 * median(taken)


def _question() -> Question:
    terms = Terms(1, frozenset(_POLICY.roles), _POLICY.weights)
    return Question("r1", "p", _WISHES, None, terms, NOW.date(), NOW)


def helpers_of(count: int) -> Iterator[dict[str, Any]]:
    """Documents of the read model, as the projection would have folded them, but for the seals."""
    random = Random(20)  # noqa: S311
    for number in range(count):
        listing = {
            "listed": random.random() < 0.95,
            "roles": ["ressursvenn"],
            "capacity": 1,
            "policy_version": 1,
            "until": None,
            "since": NOW - timedelta(days=random.randrange(700)),
        }
        profile = {
            "languages": [{"code": code, "level": random.choice([*LEVELS])} for code in random.sample(LANGUAGES, 2)],
            "interests": random.sample(INTERESTS, 5),
            "support_forms": random.sample(["talk", "norwegian", "guide", "friend"], 2),
            "day_parts": random.sample(["day", "afternoon", "evening"], 2),
            "area": f"{random.randrange(10_000):04}",
            "gender": random.choice(["woman", "man", "other"]),
        }
        held = {f"proposal-{number}": PROGRAMME} if random.random() < 0.3 else {}
        body = {"profile": profile, "listings": {PROGRAMME: listing}, "held": held, "chosen_at": {}}
        body |= {"in_peace": False, "is_protected": False, "shows_area": True, "told": None}
        yield Held(body, {}, 0).document(f"{TENANT}/helper-{number:05}")


async def sealed_profiles(keyring: Keyring, documents: Iterable[JsonObject]) -> list[JsonObject]:
    """Each profile under its helper's key, as intake seals it."""
    found = list(documents)
    values: list[tuple[str, JsonValue]] = [(one["_id"].partition("/")[2], one["profile"]) for one in found]
    sealed = await keyring.seal_many(TENANT, values)
    for document, token in zip(found, sealed, strict=True):
        document["profile"] = {"subject": token.subject, "sealed": token.token}
    return found


def _held_pairs(pairs: Pairs, helpers: int) -> list[JsonObject]:
    """The requester is kept apart from a hundred helpers, and other people from each other."""
    apart = [(_SEARCH.person_id, f"helper-{number:05}") for number in range(0, helpers, helpers // 100)]
    others = [(f"person-{number}", f"helper-{number:05}") for number in range(1_000)]
    tokens = [pairs.token(TENANT, one, other) for one, other in apart + others]
    return [Held({"is_pair": True}, {}, 0).document(f"{TENANT}/{PAIRS}{token}") for token in tokens]
