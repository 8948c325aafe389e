"""Who was erased, kept apart from every database that is backed up, and applied before a service answers (S2.3)."""

import json
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from pymongo import WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from chassis.keyring import Keyring
from chassis.projection import Projection
from chassis.rebuild import collection_name, rebuild_progress
from contracts.base import Event, JsonObject, decode, encode
from contracts.envelope import Origin, RecordedEvent, StreamId

log = structlog.get_logger()

_FILE = "erasures.jsonl"
_AT_ONCE = 1000
_TOMBSTONE: list[JsonObject] = [
    {
        "$replaceWith": {
            "_id": "$_id",
            "_tenant": "$_tenant",
            "_streams": "$_streams",
            "_rev": {"$add": ["$_rev", 1]},
            "_gone": True,
            "_erased": True,
        }
    }
]


@dataclass(frozen=True, slots=True)
class Erasure:
    """A pseudonym and the event that says by which ids things about it are found; nothing personal.

    `part` tells what was found later from what was found at first.
    """

    tenant: str
    person_id: str
    event: Event
    part: str = ""

    @classmethod
    def read(cls, line: JsonObject) -> "Erasure":
        return cls(
            line["tenant"], line["person_id"], decode(line["type"], line["version"], line["body"]), line.get("part", "")
        )

    def written(self) -> JsonObject:
        event = self.event
        kept = {"type": event.event_type, "version": event.schema_version, "body": encode(event)}
        parted = {"part": self.part} if self.part else {}
        return {"tenant": self.tenant, "person_id": self.person_id, **kept, **parted}

    @property
    def key(self) -> str:
        return "/".join(filter(None, (self.tenant, self.person_id, self.part)))

    def recorded(self) -> RecordedEvent:
        """As a projection is handed it."""
        now = datetime.now(UTC)
        origin = Origin(occurred_at=now, recorded_at=now, correlation_id=self.person_id, actor="erasure-ledger")
        return RecordedEvent(StreamId(self.tenant, "person", self.person_id), 1, self.event, origin)


class ErasureLedger:
    """In two places that no restore of a service's database touches: the keyring's database, and a file beside the
    tenants' keys. Either one mends the other, so that an old copy of one brings nobody back."""

    def __init__(self, keyring_database: AsyncDatabase[dict[str, Any]], directory: Path) -> None:
        self._collection = keyring_database.get_collection("erasures", write_concern=WriteConcern("majority", j=True))
        self._file = directory / _FILE

    async def record(self, erasure: Erasure) -> None:
        """Durable in both places when it returns; before any key is destroyed. Again is the same as once."""
        if erasure.key not in {known.key for known in self._in_file()}:
            self._append([erasure])
        await self._keep(erasure)

    async def all(self) -> list[Erasure]:
        """Of both places; what one lacks is written to it."""
        filed = {erasure.key: erasure for erasure in self._in_file()}
        kept = {erasure.key: erasure async for erasure in self._in_collection()}
        missing = [erasure for key, erasure in kept.items() if key not in filed]
        if missing:
            self._append(missing)
        for key, erasure in filed.items():
            if key not in kept:
                await self._keep(erasure)
        return list({**kept, **filed}.values())

    async def _keep(self, erasure: Erasure) -> None:
        change = {"$setOnInsert": erasure.written()}
        await self._collection.update_one({"_id": erasure.key}, change, upsert=True)

    async def _in_collection(self) -> AsyncIterator[Erasure]:
        async for document in self._collection.find():
            yield Erasure.read(document)

    def _in_file(self) -> Iterator[Erasure]:
        """A line that a crash cut short says nothing; what it began is recorded again."""
        if not self._file.exists():
            return
        for line in self._file.read_text("utf-8").splitlines():
            try:
                yield Erasure.read(json.loads(line))
            except json.JSONDecodeError:
                log.warning("erasure_ledger_line_cut")

    def _append(self, erasures: Iterable[Erasure]) -> None:
        """Each line begins anew, also after one that was cut short."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            text = "".join(f"\n{json.dumps(erasure.written())}\n" for erasure in erasures)
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def apply(
    ledger: ErasureLedger, keyring: Keyring, database: AsyncDatabase[JsonObject], projections: Sequence[Projection]
) -> list[Erasure]:
    """Destroy every key again, and drop every document again, that a restored backup may have brought back.

    The events say the same once they are read again; this is for the time until then. Answers all erasures.
    """
    erasures = await ledger.all()
    for erasure in erasures:
        await keyring.shred(erasure.tenant, erasure.person_id)
    by_name = {projection.name: projection for projection in projections}
    for state in await rebuild_progress(database) if erasures else ():
        if state.name in by_name:
            ids = [key for erasure in erasures for key in _forgotten(by_name[state.name], erasure)]
            building = [state.building.generation] if state.building else []
            for generation in (state.live, *building):
                await _drop(database, collection_name(state.name, generation), ids)
    return erasures


def _forgotten(projection: Projection, erasure: Erasure) -> Iterable[str]:
    return projection.forgets(erasure.recorded()) if isinstance(erasure.event, projection.handles) else ()


async def _drop(database: AsyncDatabase[JsonObject], collection: str, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        query = {"_id": {"$in": list(ids[start : start + _AT_ONCE])}, "_erased": None}
        await database[collection].update_many(query, _TOMBSTONE)
