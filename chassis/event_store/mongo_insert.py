"""Storing a group of commits in one round trip, and finding out what became of each."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pymongo
import structlog
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chassis.event_store.documents import CommitDocument
from chassis.event_store.port import Conflict, StoreUnavailable

DURABLE = WriteConcern(w="majority", j=True)
MAJORITY = ReadConcern("majority")

_DUPLICATE_KEY = 11000
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 0.5

log = structlog.get_logger()


class Entry(NamedTuple):
    """A commit to store, as a document and as the bytes that are sent."""

    document: CommitDocument
    raw: RawBSONDocument


class GroupInsert:
    """Answers for each entry: its own document (stored now), the document stored earlier under its id, or an exception.

    The outcome of a write whose answer was lost is unknown. Since the id of a commit is its command, the group is
    simply sent again: what had been stored is met by id. After `patience_seconds` every caller gets StoreUnavailable.
    """

    def __init__(self, commits: AsyncCollection[Any], *, patience_seconds: float) -> None:
        self._commits = commits
        self._patience_seconds = patience_seconds

    async def __call__(self, group: Sequence[Entry]) -> list[CommitDocument | Exception]:
        deadline = time.monotonic() + self._patience_seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                with pymongo.timeout(max(0.001, deadline - time.monotonic())):
                    return await self._attempt(group)
            except (PyMongoError, _NotYetVisible) as fault:
                if pause == _FIRST_PAUSE_SECONDS:
                    log.warning("append_outcome_unknown", count=len(group), fault=type(fault).__name__)
                if time.monotonic() + pause > deadline:
                    return [StoreUnavailable() for _ in group]
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _attempt(self, group: Sequence[Entry]) -> list[CommitDocument | Exception]:
        results: list[CommitDocument | Exception] = [entry.document for entry in group]
        errors = await self._insert(group)
        if errors:
            ids = [group[error["index"]].document["_id"] for error in errors]
            stored = {found["_id"]: found for found in await self._commits.find({"_id": {"$in": ids}}).to_list()}
            for id_, error in zip(ids, errors, strict=True):
                results[error["index"]] = stored.get(id_) or _told(error)
        return results

    async def _insert(self, group: Sequence[Entry]) -> list[dict[str, Any]]:
        """The write errors, when everything else is known to be durable."""
        try:
            await self._commits.insert_many([entry.raw for entry in group], ordered=False)
        except BulkWriteError as fault:
            if fault.details["writeConcernErrors"]:
                raise
            errors: list[dict[str, Any]] = fault.details["writeErrors"]
            return errors
        return []


class _NotYetVisible(Exception):
    """The id is taken by a write that a majority does not have yet: it may still be rolled back."""


def _told(error: dict[str, Any]) -> Exception:
    if error["code"] != _DUPLICATE_KEY:
        return StoreUnavailable(f"MongoDB refused the write with code {error['code']}")
    if "_id" in error["keyPattern"]:
        raise _NotYetVisible
    return Conflict("somebody else appended first")


@contextmanager
def database_errors_told() -> Iterator[None]:
    """A driver's error becomes StoreUnavailable: nobody above the store knows the driver."""
    try:
        yield
    except PyMongoError as fault:
        raise StoreUnavailable(type(fault).__name__) from fault
