"""A lease in MongoDB: one of several processes works, the others wait. It saves duplicates, it protects nothing."""

import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, PyMongoError


class MongoLease:
    """Held until `seconds` after it was last taken, by the server's clock there and by our own here.

    A process that pauses may hold it a moment longer than others believe: whatever it guards must stand that.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], name: str, *, seconds: float) -> None:
        self._leases = database["leases"]
        self._name = name
        self._holder = uuid4().hex
        self._seconds = seconds
        self._held_until = 0.0

    @property
    def is_held(self) -> bool:
        return time.monotonic() < self._held_until

    @property
    def is_due(self) -> bool:
        """Whether it is time to take it (again)."""
        return time.monotonic() > self._held_until - self._seconds * 2 / 3

    async def take(self) -> bool:
        """Take or renew the lease, if nobody else holds it."""
        asked_at = time.monotonic()
        is_ours = {"$or": [{"$eq": ["$holder", self._holder]}, {"$lt": ["$until", "$$NOW"]}]}
        until = {"$add": ["$$NOW", int(self._seconds * 1000)]}
        taking = {
            "holder": {"$cond": [is_ours, self._holder, "$holder"]},
            "until": {"$cond": [is_ours, until, "$until"]},
        }
        try:
            lease = await self._leases.find_one_and_update(
                {"_id": self._name}, [{"$set": taking}], upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            lease = None  # another was first to insert it
        is_taken = lease is not None and lease["holder"] == self._holder
        self._held_until = asked_at + self._seconds if is_taken else 0.0
        return is_taken

    async def give_up(self) -> None:
        """Let the next one begin at once; when the database is away, the lease runs out by itself."""
        self._held_until = 0.0
        with suppress(PyMongoError):
            await self._leases.delete_one({"_id": self._name, "holder": self._holder})
