"""Takes up dead letters whose time has come: asked for by an operator, or because their fault passes by itself."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumer.worker import Worker
from chassis.dead_letters import COLLECTION
from chassis.transient import is_transient
from contracts.base import JsonObject

log = structlog.get_logger()

_STREAMS_AT_ONCE = 32
_LOOK_AT_MOST = 1000


class Replays:
    """Only the owner of a partition replays its letters, one stream at a time in order, streams beside each other."""

    def __init__(self, database: AsyncDatabase[JsonObject]) -> None:
        self._letters = database[COLLECTION]
        self._under_way: set[tuple[str, str]] = set()

    async def begin(self, workers: Iterable[Worker], tasks: asyncio.TaskGroup) -> None:
        """Start the replays that are due; one cheap question when there are none."""
        by_id = {worker.id: worker for worker in workers}
        for worker in by_id.values():
            await worker.look_at_desk()
        due = self._letters.find(
            {"replay_at": {"$lte": datetime.now(UTC)}}, {"consumer": 1, "stream": 1, "topic": 1, "partition": 1}
        ).limit(_LOOK_AT_MOST)
        async for letter in due:
            owner = by_id.get(letter["consumer"])
            key = (letter["consumer"], letter["stream"])
            if owner is None or not owner.owns(letter["topic"], letter["partition"]):
                continue
            if key not in self._under_way and len(self._under_way) < _STREAMS_AT_ONCE:
                self._under_way.add(key)
                tasks.create_task(self._replay(owner, letter["stream"]))

    async def _replay(self, worker: Worker, stream: str) -> None:
        try:
            await worker.desk.replay(stream, worker.handler.redo)
        except Exception as fault:
            if not is_transient(fault):
                log.exception("replay_failed", consumer=worker.id)
            # Its time is still noted in the letter: the next look begins again.
        finally:
            self._under_way.discard((worker.id, stream))
