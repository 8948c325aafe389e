"""Folding a batch into documents: read those it touches once, fold, write each once, all guarded by their revision."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog
from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from chassis.consumer.fault import Fault
from chassis.consumer.record import Record
from chassis.projection import Held, Projection
from chassis.transient import is_transient, until_done
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent

log = structlog.get_logger()

_DUPLICATE_KEY = 11000
_PARALLEL_WRITES = 4
# Fewer documents are not worth another round trip.
_WORTH_A_WRITE = 100
# Folding is CPU work; after so many documents the event loop gets its turn.
_BREATH = 100


class Step(NamedTuple):
    """One event, on its way into the documents it touches."""

    record: Record
    stream: str
    recorded: RecordedEvent


@dataclass(frozen=True, slots=True)
class Stumble:
    """Folding this step failed: the stream waits from here on."""

    step: Step
    fault: Fault


@dataclass(slots=True)
class _Group:
    """Some of the documents of a batch, with the steps that each has still to take."""

    pending: dict[str, list[Step]]
    stumbles: dict[str, Stumble] = field(default_factory=dict)

    def stumble(self, step: Step, cause: Exception) -> None:
        """Take the step, and all later ones of its stream, out of the group."""
        known = self.stumbles.get(step.stream)
        if known is None or step.record.offset < known.step.record.offset:
            self.stumbles[step.stream] = Stumble(step, Fault.of(cause))

    def is_out(self, step: Step) -> bool:
        stumble = self.stumbles.get(step.stream)
        return stumble is not None and step.record.offset >= stumble.step.record.offset


class Folder:
    """Writes to one generation of a read model. Applying a step twice, or late, changes nothing."""

    def __init__(self, projection: Projection, collection: AsyncCollection[JsonObject]) -> None:
        self._projection = projection
        self._collection = collection

    async def apply(self, work: Mapping[str, list[Step]]) -> dict[str, Stumble]:
        """Take all steps of all documents. When it returns, all is on disk at a majority, except for the streams that
        stumbled: for those nothing from that step on may be counted as done."""
        groups = [_Group(dict(part)) for part in _split(work)]
        await asyncio.gather(*(self._work_off(group) for group in groups))
        first: dict[str, Stumble] = {}
        for group in groups:
            for stream, stumble in group.stumbles.items():
                known = first.get(stream)
                if known is None or stumble.step.record.offset < known.step.record.offset:
                    first[stream] = stumble
        return first

    async def _work_off(self, group: _Group) -> None:
        while group.pending:
            held = await self._read(group.pending)
            changed, stumbled = await self._folded(group, held)
            lost = await self._write(group, changed)
            group.pending = {key: group.pending[key] for key in (*stumbled, *lost)}

    async def _read(self, keys: Iterable[str]) -> dict[str, Held]:
        query = {"_id": {"$in": list(keys)}}
        documents = await until_done(lambda: self._collection.find(query).to_list(), what="read_model")
        return {document["_id"]: Held.stored(document) for document in documents}

    async def _folded(self, group: _Group, held: dict[str, Held]) -> tuple[dict[str, Held], list[str]]:
        """The documents that changed, and the keys of those that must be folded again without a step that failed."""
        changed: dict[str, Held] = {}
        again: list[str] = []
        for count, (key, steps) in enumerate(group.pending.items(), 1):
            document = held.get(key) or Held.absent()
            is_changed = self._take(group, document, key, steps)
            if is_changed is None:
                again.append(key)
            elif is_changed:
                changed[key] = document
            if count % _BREATH == 0:
                await asyncio.sleep(0)
        return changed, again

    def _take(self, group: _Group, document: Held, key: str, steps: Iterable[Step]) -> bool | None:
        """Whether the document changed; None: a step failed, and what is held now is not to be trusted."""
        streams, is_new = document.streams, document.rev == 0
        took = False
        for step in steps:
            position = step.recorded.position
            if position <= streams.get(step.stream, 0) or group.is_out(step):
                continue
            try:
                self._projection.take(document, step.recorded, key)
            except Exception as cause:  # noqa: BLE001 (a fold is a service's code; one stream pays for its fault)
                group.stumble(step, cause)
                return None
            streams[step.stream] = position
            took = True
        return took and not (is_new and document.body is None and not document.is_erased)

    async def _write(self, group: _Group, changed: dict[str, Held]) -> list[str]:
        """The keys that somebody else wrote first."""
        if not changed:
            return []
        try:
            return await self._write_bulk(changed)
        except Exception as cause:
            if is_transient(cause):
                raise
            return await self._write_apart(group, changed, cause)

    async def _write_bulk(self, changed: dict[str, Held]) -> list[str]:
        keys = list(changed)
        writes = [_guarded(key, held) for key, held in changed.items()]
        replaced = [key for key in keys if changed[key].rev]
        try:
            result = await until_done(lambda: self._collection.bulk_write(writes, ordered=False), what="read_model")
        except BulkWriteError as failed:
            errors = failed.details["writeErrors"]
            if any(error["code"] != _DUPLICATE_KEY for error in errors):
                raise
            return [*(keys[error["index"]] for error in errors), *replaced]
        # Which of them lost is not told: fold them all again, what is applied is skipped.
        return replaced if result.matched_count < len(replaced) else []

    async def _write_apart(self, group: _Group, changed: dict[str, Held], cause: Exception) -> list[str]:
        """A document that cannot be stored must not hold up the others: find it by halves."""
        if len(changed) > 1:
            keys = list(changed)
            halves = ({key: changed[key] for key in part} for part in (keys[::2], keys[1::2]))
            return [key for half in halves for key in await self._write(group, half)]
        [key] = changed
        log.error("document_not_stored", read_model=self._collection.name, fault=type(cause).__name__)
        for step in group.pending[key]:
            group.stumble(step, cause)
        return []


def _guarded(key: str, held: Held) -> InsertOne[JsonObject] | ReplaceOne[JsonObject]:
    document = held.document(key)
    if held.rev == 0:
        return InsertOne(document)
    return ReplaceOne({"_id": key, "_rev": held.rev}, document)


def _split(work: Mapping[str, list[Step]]) -> list[dict[str, list[Step]]]:
    """Disjoint documents, so that the parts never get into each other's way."""
    keys = list(work)
    count = min(_PARALLEL_WRITES, 1 + len(keys) // _WORTH_A_WRITE)
    parts = (keys[start::count] for start in range(count))
    return [{key: work[key] for key in part} for part in parts if part]
