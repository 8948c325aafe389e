"""The event store on MongoDB: one document per commit, atomic without a transaction."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from bson import encode as to_bson
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from chassis.event_store.boundaries import Boundaries
from chassis.event_store.documents import CommitDocument, commit_id, last_position, to_commit, to_document
from chassis.event_store.group_commit import GroupCommit
from chassis.event_store.mongo_insert import DURABLE, MAJORITY, Entry, GroupInsert, database_errors_told
from chassis.event_store.port import Commit, Conflict, Loaded, NewCommit
from chassis.refusal import CommandIdReused
from contracts.envelope import StreamId
from contracts.topics import PARTITIONS

COMMITS = "commits"
OnAppend = Callable[[Sequence[CommitDocument]], None]

_INDEXES = [
    IndexModel([("s", ASCENDING), ("v", ASCENDING)], name="stream", unique=True),
    IndexModel(
        [("p", ASCENDING), ("s", ASCENDING), ("v", ASCENDING)],
        name="outbox",
        partialFilterExpression={"o": {"$exists": True}},
    ),
]

log = structlog.get_logger()


class MongoEventStore:
    """Commits that still carry `o` are the outbox, which the relay empties.

    Two things together make an append safe: the expected version ends a commit, and the unique index on (stream,
    first position) is won. The first alone reads a stale head; the second alone lets a version in the middle of a
    commit pass. `on_append` is handed the documents of each group just stored, in the order of each stream; it must
    not raise.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        *,
        partitions: int = PARTITIONS,
        on_append: OnAppend | None = None,
        patience_seconds: float = 10.0,
    ) -> None:
        self._database = database
        self._partitions = partitions
        self._on_append = on_append
        self._commits: AsyncCollection[Any] = database.get_collection(
            COMMITS, write_concern=DURABLE, read_concern=MAJORITY
        )
        self._insert = GroupInsert(self._commits, patience_seconds=patience_seconds)
        self._group = GroupCommit(self._flush)
        self._boundaries = Boundaries()

    async def prepare(self) -> None:
        """Make the indexes; call it before the first append. Warns when the server keeps removed index entries.

        Raises the driver's error: this is for a composition root, which knows the driver.
        """
        await self._commits.create_indexes(_INDEXES)
        await self._warn_of_snapshot_window()

    async def load(self, stream: StreamId, *, after: int = 0) -> Loaded:
        text = str(stream)
        with database_errors_told():
            documents = await self._commits.find({"s": text, "v": {"$gt": after}}).sort("v", ASCENDING).to_list()
            head: CommitDocument | None = documents[-1] if documents else None
            if head is None and after:
                head = await self._newest(text, up_to=after)
        version = last_position(head) if head else 0
        self._boundaries.remember(text, version)
        return Loaded(version, tuple(to_commit(document) for document in documents))

    async def append(self, commit: NewCommit) -> Commit:
        document = to_document(commit, partitions=self._partitions)
        # Encoded here, so that what BSON cannot hold fails its own caller and not the whole group.
        entry = Entry(document, RawBSONDocument(to_bson(document)))
        stored: CommitDocument | None
        stream, expected_version = document["s"], commit.expected_version
        if self._boundaries.has(stream, expected_version) or await self._ends_commit(stream, expected_version):
            stored = await self._group.write(entry)
        else:
            stored = await self._stored(document["_id"])
        if stored is None:
            raise Conflict(f"{commit.stream} has no commit that ends in version {commit.expected_version}")
        if stored is not document:
            return _repeated(stored, document)
        self._boundaries.remember(stream, last_position(document))
        return Commit(
            stream=commit.stream,
            first=document["v"],
            command_id=commit.command_id,
            events=commit.events,
            origin=commit.origin,
            digest=commit.digest,
        )

    async def find(self, tenant: str, command_id: str) -> Commit | None:
        document = await self._stored(commit_id(tenant, command_id))
        return None if document is None else to_commit(document)

    async def aclose(self) -> None:
        """Wait until every append under way has its answer. The database stays its owner's."""
        await self._group.drain()

    async def _flush(self, group: Sequence[Entry]) -> Sequence[CommitDocument | Exception]:
        results = await self._insert(group)
        if self._on_append is not None:
            fresh = [entry.document for entry, stored in zip(group, results, strict=True) if stored is entry.document]
            if fresh:
                self._on_append(fresh)
        return results

    async def _ends_commit(self, stream: str, version: int) -> bool:
        with database_errors_told():
            newest = await self._newest(stream, up_to=version)
        if newest is None or last_position(newest) != version:
            return False
        self._boundaries.remember(stream, version)
        return True

    async def _newest(self, stream: str, *, up_to: int) -> CommitDocument | None:
        found: CommitDocument | None = await self._commits.find_one(
            {"s": stream, "v": {"$lte": up_to}}, {"v": 1, "n": 1}, sort=[("v", DESCENDING)]
        )
        return found

    async def _stored(self, id_: str) -> CommitDocument | None:
        with database_errors_told():
            found: CommitDocument | None = await self._commits.find_one({"_id": id_})
        return found

    async def _warn_of_snapshot_window(self) -> None:
        """Removed outbox entries kept for reading the past make the relay's scan fifty times slower under load."""
        name = "minSnapshotHistoryWindowInSeconds"
        try:
            answer = await self._database.client.admin.command({"getParameter": 1, name: 1})
        except OperationFailure:
            return  # not ours to ask: a managed server, or a user without that right
        if answer[name] > 0:
            log.warning("snapshot_window_slows_relay", parameter=name, seconds=answer[name], recommended=0)


def _repeated(stored: CommitDocument, document: CommitDocument) -> Commit:
    if (stored["s"], stored.get("d")) != (document["s"], document.get("d")):
        raise CommandIdReused()
    return to_commit(stored)
