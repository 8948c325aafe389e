"""The outbox: the commits that still carry `o`, in the order of their streams."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo import COMMITS
from chassis.event_store.mongo_insert import MAJORITY

_IN_OUTBOX = {"o": {"$exists": True}}
_INDEX = "outbox"
_ORDER = [("p", ASCENDING), ("s", ASCENDING), ("v", ASCENDING)]


class MongoOutbox:
    """Reads what a majority has, so that nothing is published that may yet be rolled back; and marks likewise, since
    a mark that a majority does not have yet is invisible to the next read, which would send everything twice."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._commits = database.get_collection(
            COMMITS, read_concern=MAJORITY, write_concern=WriteConcern(w="majority")
        )

    async def pending(
        self, limit: int, *, partition: int | None = None, without: Iterable[str] = ()
    ) -> list[CommitDocument]:
        """At most `limit` pending commits by (partition, stream, position): never by time, clocks disagree.

        A stream's commits come in order and from its first pending one on; `without` leaves streams out.
        """
        where: dict[str, Any] = dict(_IN_OUTBOX)
        if partition is not None:
            where["p"] = partition
        held_back = list(without)
        if held_back:
            where["s"] = {"$nin": held_back}
        cursor = self._commits.find(where, limit=limit, batch_size=limit, sort=_ORDER, hint=_INDEX)
        documents: list[Any] = await cursor.to_list()
        return documents

    async def count(self) -> int:
        """How many commits are pending; reads them all, so not in every round."""
        return await self._commits.count_documents(_IN_OUTBOX, hint=_INDEX)

    async def mark(self, documents: Sequence[CommitDocument]) -> None:
        """Take the commits out of the outbox: only after every event of theirs was acknowledged."""
        ids = [document["_id"] for document in documents if "o" in document]
        if ids:
            await self._commits.update_many({"_id": {"$in": ids}}, {"$unset": {"o": ""}})
