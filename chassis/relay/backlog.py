"""How much waits in the outbox, and for how long, as far as reading it tells."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo_outbox import MongoOutbox
from chassis.relay.metrics import PENDING, PENDING_AGE_SECONDS

_COUNT_EVERY_SECONDS = 5.0


class Backlog:
    """Keeps the gauges. A page that is not full is the whole backlog; behind a full one it is counted now and then."""

    def __init__(self, service: str, outbox: MongoOutbox) -> None:
        self._service = service
        self._outbox = outbox
        self._counted_at = float("-inf")

    async def measure(self, page: Sequence[CommitDocument], *, is_full: bool) -> None:
        if not is_full:
            PENDING.labels(self._service).set(len(page))
        elif time.monotonic() > self._counted_at + _COUNT_EVERY_SECONDS:
            PENDING.labels(self._service).set(await self._outbox.count())
            self._counted_at = time.monotonic()
        PENDING_AGE_SECONDS.labels(self._service).set(_age_seconds(page))


def _age_seconds(page: Sequence[CommitDocument]) -> float:
    if not page:
        return 0.0
    oldest = min(document["m"]["r"] for document in page)  # ISO text in UTC sorts as the instants do
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(oldest)).total_seconds())
