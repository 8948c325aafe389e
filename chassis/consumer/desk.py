"""The desk where one consumer sets records aside and takes them up again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumer.fault import WAITS_BEHIND, Fault
from chassis.consumer.record import Record
from chassis.dead_letters import COLLECTION, DeadLetter, letter_of
from chassis.event_store.mongo_insert import DURABLE
from chassis.transient import until_done
from contracts.base import JsonObject

log = structlog.get_logger()

Redo = Callable[[Record], Awaitable[Fault | None]]

_LONGEST_PAUSE_SECONDS = 60
_PAGE = 100


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record, the stream it holds up, and what is wrong with it."""

    record: Record
    stream: str
    fault: Fault


class Desk:
    """Knows which streams of one consumer are blocked; whoever owns a partition owns the letters of its streams.

    A letter is let go `kept_for` after it was set aside, where that is given; else it stays until somebody decides.
    """

    def __init__(
        self, database: AsyncDatabase[JsonObject], consumer: str, *, kept_for: timedelta | None = None
    ) -> None:
        self._kept_for = kept_for
        self._letters = database.get_collection(COLLECTION, write_concern=DURABLE)
        self._consumer = consumer
        self._blocked: set[str] = set()
        self._turn = asyncio.Lock()

    @property
    def blocked_count(self) -> int:
        return len(self._blocked)

    def is_blocked(self, stream: str) -> bool:
        return stream in self._blocked

    async def load(self) -> None:
        """Learn what is blocked; after every assignment, since partitions may come with their letters."""

        async def distinct() -> set[str]:
            return set(await self._letters.distinct("stream", {"consumer": self._consumer}))

        async with self._turn:
            self._blocked = await until_done(distinct, what="dead_letters")

    async def set_aside(self, items: Sequence[SetAside]) -> None:
        """Keep the records durably and block their streams. Once more changes nothing."""
        if not items:
            return
        async with self._turn:
            now = datetime.now(UTC)
            known = self._blocked.union(item.stream for item in items if item.fault is not WAITS_BEHIND)
            letters = [self._letter(item, now, is_blocked=item.stream in known) for item in items]
            writes = [
                UpdateOne({"_id": self._id(item)}, {"$setOnInsert": letter}, upsert=True)
                for item, letter in zip(items, letters, strict=True)
            ]
            await until_done(lambda: self._letters.bulk_write(writes, ordered=False), what="dead_letters")
            self._blocked.update(item.stream for item in items)
        causes = sorted({item.fault.rule for item in items if item.fault is not WAITS_BEHIND})
        if causes:
            log.error("dead_letters_set_aside", consumer=self._consumer, count=len(items), rules=causes)

    async def replay(self, stream: str, redo: Redo) -> None:
        """Work off the stream's letters in order; unblock it when none is left, stop at the first that fails again.

        The wish to replay is noted on every letter: the one it stood on may be gone when a replay breaks off midway.
        """
        await self._note_wish(stream)
        await self._letters.delete_many({**self._of(stream), "dropped": True})
        await self._let_go(stream)
        while True:
            await self._note_wish(stream)
            letters = await self._page(stream)
            if not letters and await self._unblock_if_empty(stream):
                log.info("stream_unblocked", consumer=self._consumer)
                return
            for letter in letters:
                fault = await redo(_kept(letter))
                if fault is not None:
                    await self._keep(letter, fault)
                    return
                await self._letters.delete_one({"_id": letter.id})

    async def _let_go(self, stream: str) -> None:
        if self._kept_for is not None:
            too_old = {**self._of(stream), "at": {"$lte": datetime.now(UTC) - self._kept_for}}
            gone = await self._letters.delete_many(too_old)
            if gone.deleted_count:
                log.error("dead_letters_let_go", consumer=self._consumer, count=gone.deleted_count)

    async def _note_wish(self, stream: str) -> None:
        unnoted = {**self._of(stream), "replay_at": {"$exists": False}}
        await self._letters.update_many(unnoted, {"$set": {"replay_at": datetime.now(UTC)}})

    async def _page(self, stream: str) -> list[DeadLetter]:
        found = self._letters.find(self._of(stream)).sort("offset", 1).limit(_PAGE)
        return [letter_of(document) async for document in found]

    async def _unblock_if_empty(self, stream: str) -> bool:
        async with self._turn:
            left = await self._letters.find_one(self._of(stream), {"_id": 1})
            if left is None:
                self._blocked.discard(stream)
            return left is None

    async def _keep(self, letter: DeadLetter, fault: Fault) -> None:
        await self._letters.update_many(self._of(letter.stream), {"$unset": {"replay_at": ""}})
        change: JsonObject = {
            "$set": {"rule": fault.rule, "field": fault.field, "sentence": fault.sentence},
            "$inc": {"attempts": 1},
        }
        if fault.passes:
            change["$set"]["replay_at"] = datetime.now(UTC) + _pause(letter.attempts + 1)
        elif self._kept_for is not None:
            change["$set"]["replay_at"] = letter.at + self._kept_for
        await self._letters.update_one({"_id": letter.id}, change)

    def _of(self, stream: str) -> JsonObject:
        return {"consumer": self._consumer, "stream": stream}

    def _id(self, item: SetAside) -> str:
        record = item.record
        return f"{self._consumer}:{record.topic}:{record.partition}:{record.offset}"

    def _letter(self, item: SetAside, now: datetime, *, is_blocked: bool) -> JsonObject:
        record, fault = item.record, item.fault
        document: JsonObject = {
            "consumer": self._consumer,
            "stream": item.stream,
            "position": record.position,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "rule": fault.rule,
            "field": fault.field,
            "sentence": fault.sentence,
            "attempts": 1,
            "at": now,
            "key": record.key,
            "headers": [[name, value] for name, value in record.headers],
            "body": record.value,
        }
        if fault.passes:
            document["replay_at"] = now + _pause(1)
        elif not is_blocked:  # a replay has cleared the stream since this record was sorted
            document["replay_at"] = now
        elif self._kept_for is not None:
            document["replay_at"] = now + self._kept_for
        return document


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(2**attempts, _LONGEST_PAUSE_SECONDS))


def _kept(letter: DeadLetter) -> Record:
    return Record(letter.topic, letter.partition, letter.offset, letter.key, letter.body, letter.headers)
