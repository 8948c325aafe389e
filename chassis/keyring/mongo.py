"""Wrapped data keys in MongoDB, in a database of their own with credentials of their own."""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from chassis.keyring.kms import Kms, WrappedKey
from chassis.keyring.sealing import MAX_CACHE_SECONDS, SHREDDED, SealingKeyring, Wrapped

_DUPLICATE = 11000
_KEY = {"key": 1, "version": 1}


class MongoDataKeys:
    """Documents `{_id: tenant/subject, key, version, made_at}`; shredded `{_id, shredded_at}`, which stays for ever.

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
        found = self._collection.find({"_id": {"$in": ids}}, _KEY).batch_size(len(ids) + 1)
        return {_subject(entry["_id"]): _wrapped(entry) async for entry in found}

    async def add(self, tenant: str, wrapped: Mapping[str, WrappedKey]) -> dict[str, Wrapped]:
        made_at = datetime.now(UTC)
        entries = [
            {"_id": _id(tenant, subject), **_fields(key), "made_at": made_at} for subject, key in wrapped.items()
        ]
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
            {"$unset": {"key": "", "version": ""}, "$min": {"shredded_at": datetime.now(UTC)}},
            upsert=True,
        )

    async def wrapped_before(self, tenant: str, version: int, *, after: str, limit: int) -> dict[str, WrappedKey]:
        old = self._collection.find({"_id": _after(tenant, after), "version": {"$lt": version}}, _KEY)
        return {_subject(entry["_id"]): _read(entry) async for entry in old.sort("_id", 1).limit(limit)}

    async def replace(self, tenant: str, subject: str, *, old: WrappedKey, new: WrappedKey) -> bool:
        replaced = await self._collection.update_one(
            {"_id": _id(tenant, subject), **_fields(old)}, {"$set": _fields(new)}
        )
        return replaced.modified_count == 1

    async def unwrapped(self, kms: Kms) -> int:
        """Unwrap every key of every tenant, and answer how many there are. Raises what `Kms.unwrap` raises."""
        count = 0
        async for entry in self._collection.find({"key": {"$exists": True}}, _KEY):
            await kms.unwrap(entry["_id"].partition("/")[0], _subject(entry["_id"]), _read(entry))
            count += 1
        return count

    async def versions(self, tenant: str) -> dict[int, int]:
        entries: list[dict[str, Any]] = [
            {"$match": {"_id": _after(tenant), "version": {"$exists": True}}},
            {"$sortByCount": "$version"},
        ]
        return {entry["_id"]: entry["count"] async for entry in await self._collection.aggregate(entries)}


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


def _after(tenant: str, subject: str = "") -> dict[str, str]:
    """The tenant's ids above that one; "0" follows "/"."""
    return {"$gt": _id(tenant, subject), "$lt": f"{tenant}0"}


def _fields(wrapped: WrappedKey) -> dict[str, Any]:
    return {"key": wrapped.key, "version": wrapped.version}


def _wrapped(entry: dict[str, Any]) -> Wrapped:
    return _read(entry) if "key" in entry else SHREDDED


def _read(entry: dict[str, Any]) -> WrappedKey:
    return WrappedKey(entry["version"], entry["key"])


def _subject(key_id: str) -> str:
    return key_id.partition("/")[2]
