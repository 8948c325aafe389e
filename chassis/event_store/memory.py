"""The event store in memory: for tests of what stands on it. It runs the same suite as the real one."""

from chassis.event_store.documents import CommitDocument, commit_id, last_position, to_commit, to_document
from chassis.event_store.port import Commit, Conflict, Loaded, NewCommit
from chassis.refusal import CommandIdReused
from contracts.envelope import StreamId


class MemoryEventStore:
    """Keeps the same documents, so that events are read through JSON here as well."""

    def __init__(self) -> None:
        self._by_id: dict[str, CommitDocument] = {}
        self._by_stream: dict[str, list[CommitDocument]] = {}

    async def load(self, stream: StreamId, *, after: int = 0) -> Loaded:
        documents = self._by_stream.get(str(stream), [])
        version = last_position(documents[-1]) if documents else 0
        return Loaded(version, tuple(to_commit(document) for document in documents if document["v"] > after))

    async def append(self, commit: NewCommit) -> Commit:
        document = to_document(commit, partitions=1)
        stored = self._by_id.get(document["_id"])
        if stored is not None:
            if (stored["s"], stored.get("d")) != (document["s"], document.get("d")):
                raise CommandIdReused()
            return to_commit(stored)
        stream = self._by_stream.setdefault(document["s"], [])
        if commit.expected_version != (last_position(stream[-1]) if stream else 0):
            raise Conflict(f"{commit.stream} is not at version {commit.expected_version}")
        self._by_id[document["_id"]] = document
        stream.append(document)
        return to_commit(document)

    async def find(self, tenant: str, command_id: str) -> Commit | None:
        document = self._by_id.get(commit_id(tenant, command_id))
        return None if document is None else to_commit(document)
