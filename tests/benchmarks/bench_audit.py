"""What the audit trail costs whoever reads a person."""

import asyncio
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from chassis.audit import Draft
from chassis.audit.mongo import MongoTrail
from chassis.keyring import FileKms, Keyring, MongoKeyring
from contracts.sealed import Sealed
from tests.benchmarks.harness import Ground, Measure, Result, measured, per_second, ratio_of
from tests.support.auditing import looked

_TENANT = "bergen"
_PERSONS = 200
_READERS = 64


async def bench_audited_reading(ground: Ground) -> Result:
    """64 readers each find a person's document and open three fields; with the entry durable before each answer."""
    count = ground.size(6_000, quick=1_500)
    async with ground.database() as database, ground.database() as keys:
        with tempfile.TemporaryDirectory() as directory:
            keyring = MongoKeyring(keys, FileKms(Path(directory)))
            await keyring.prepare()
            for number in range(_PERSONS):
                sealed = await keyring.seal_many(_TENANT, [(f"person-{number}", "Ida Oppdiktet")] * 3)
                tokens = [[one.subject, one.token] for one in sealed]
                await database["persons"].insert_one({"_id": f"{_TENANT}/person-{number}", "sealed": tokens})
            trail = MongoTrail(database, "intake")
            await trail.prepare()
            rounds = await measured(
                _read(database, keyring, count, trail=trail),
                _read(database, keyring, count, trail=None),
            )
            await trail.aclose()
    return Result(
        "read a person with the audit trail, against the same without",
        ratio_of(rounds, ours=0, baseline=1),
        bar=0.3,
        detail=f"{per_second(count, rounds, 0)} against {per_second(count, rounds, 1)}, 64 readers",
    )


def _read(database: Any, keyring: Keyring, count: int, *, trail: MongoTrail | None) -> Measure:
    async def measure() -> float:
        waiting = deque(range(count))

        async def reader() -> None:
            while waiting:
                person_id = f"person-{waiting.pop() % _PERSONS}"
                found = await database["persons"].find_one({"_id": f"{_TENANT}/{person_id}"})
                await keyring.open_many(_TENANT, [Sealed(*token) for token in found["sealed"]])
                if trail is not None:
                    await trail.record(_entry(person_id))

        started_at = time.perf_counter()
        await asyncio.gather(*(reader() for _ in range(_READERS)))
        return time.perf_counter() - started_at

    return measure


def _entry(person_id: str) -> Draft:
    return looked(tenant=_TENANT, subjects=(person_id,))
