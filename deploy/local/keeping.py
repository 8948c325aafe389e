"""Engines as part of a program that stays up: started without blocking it, kept running, stopped at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from deploy.local.engines import Engines, start_engines
from deploy.local.problem import StackProblem
from deploy.local.progress import OnProgress, Progress

_WATCH_SECONDS = 0.5


@asynccontextmanager
async def running_engines(
    root: Path,
    *,
    kafka_port: int | None = None,
    mongo_port: int | None = None,
    fresh: bool = False,
    is_secured: bool = False,
    on_progress: OnProgress,
) -> AsyncIterator[Engines]:
    """Engines while the context lasts; one that dies is started again on its port and data.

    Raises StackProblem as `start_engines` does.
    """
    start = partial(start_engines, kafka_port=kafka_port, mongo_port=mongo_port, fresh=fresh, is_secured=is_secured)
    starting = asyncio.create_task(asyncio.to_thread(start, root, on_progress=on_progress))
    try:
        engines = await asyncio.shield(starting)
    except asyncio.CancelledError:  # Ctrl-C while they start: what has started is stopped in order
        (await starting).stop()
        raise
    watching = asyncio.create_task(_keep(engines, on_progress))
    try:
        yield engines
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.to_thread(engines.stop)


async def _keep(engines: Engines, on_progress: OnProgress) -> None:
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        restarts = []
        if not engines.is_kafka_running:
            restarts.append(_restart("Kafka", engines.start_kafka, on_progress))
        if not engines.is_mongo_running:
            restarts.append(_restart("MongoDB", engines.start_mongo, on_progress))
        await asyncio.gather(*restarts)


async def _restart(name: str, start: Callable[[], None], on_progress: OnProgress) -> None:
    on_progress(Progress(f"{name} ended; starting it again"))
    try:
        await asyncio.to_thread(start)
    except StackProblem as problem:  # said, and tried again at the next look
        on_progress(Progress(str(problem)))
