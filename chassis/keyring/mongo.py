"""Wrapped data keys in MongoDB, in a database of their own with credentials of their own."""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from chassis.keyring.kms import Kms
from chassis.keyring.sealing import MAX_CACHE_SECONDS, SHREDDED, SealingKeyring, Wrapped

_DUPLICATE = 11000


class MongoDataKeys:
    """Documents `{_id: tenant/subject, key, made_at}`; shredded `{_id, shredded_at}`, which holds the id for ever.

    Writes wait for a majority and the journal: a key that sealed something is never lost, a shredded one never back.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._database = database
        self._collection = database.get_collection(
            "data_keys", write_concern=WriteConcern("majority", j=True), read_concern=ReadConcern("majority")
        )

    async def prepare(self) -> None:
        """Raises the driver's error when the database does not answer; `_id` is the only index needed."""
        await self._database.command("ping")

    async def read(self, tenant: str, subjects: Collection[str]) -> dict[str, Wrapped]:
        ids = [_id(tenant, subject) for subject in subjects]
        found = self._collection.find({"_id": {"$in": ids}}, {"key": 1}).batch_size(len(ids) + 1)
        return {_subject(entry["_id"]): entry.get("key", SHREDDED) async for entry in found}

    async def add(self, tenant: str, wrapped: Mapping[str, bytes]) -> dict[str, Wrapped]:
        made_at = datetime.now(UTC)
        entries = [{"_id": _id(tenant, subject), "key": key, "made_at": made_at} for subject, key in wrapped.items()]
        try:
            await self._collection.insert_many(entries, ordered=False)
        except BulkWriteError as fault:
            errors = fault.details["writeErrors"]
            if fault.details["writeConcernErrors"] or any(error["code"] != _DUPLICATE for error in errors):
                raise
            return await self.read(tenant, wrapped.keys())
        return dict(wrapped)

    async def shred(self, tenant: str, subject: str) -> None:
        await self._collection.update_one(
            {"_id": _id(tenant, subject)},
            {"$unset": {"key": ""}, "$min": {"shredded_at": datetime.now(UTC)}},
            upsert=True,
        )


class MongoKeyring(SealingKeyring):
    """The keyring of the services. `database` is the keyring's own."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        kms: Kms,
        *,
        cache_seconds: float = MAX_CACHE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mongo = MongoDataKeys(database)
        super().__init__(self._mongo, kms, cache_seconds=cache_seconds, monotonic=monotonic)

    async def prepare(self) -> None:
        """Raises the driver's error when the database does not answer."""
        await self._mongo.prepare()


def _id(tenant: str, subject: str) -> str:
    return f"{tenant}/{subject}"


def _subject(key_id: str) -> str:
    return key_id.partition("/")[2]
