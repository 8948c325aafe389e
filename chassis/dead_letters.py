"""Dead letters: what could not be worked off, and everything of the same stream behind it, until somebody decides.

The functions here are the operator's side and need only the service's database; the running service does the work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from contracts.base import JsonObject
from contracts.envelope import Header

COLLECTION = "dead_letters"
BEHIND = "behind_a_dead_letter"

INDEXES = [
    IndexModel([("consumer", 1), ("stream", 1), ("offset", 1)]),
    IndexModel([("replay_at", 1)], partialFilterExpression={"replay_at": {"$exists": True}}),
]


@dataclass(frozen=True, slots=True)
class BlockedStream:
    """A stream that waits: which rule its first `letter` (its id) broke, since when, and how many letters lie there."""

    consumer: str
    stream: str
    letters: int
    rule: str
    field: str
    since: datetime
    letter: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record set aside. `body` is as it came: personal fields of events are sealed, what others wrote is not."""

    id: str
    consumer: str
    stream: str
    position: int | None
    topic: str
    partition: int
    offset: int
    rule: str
    field: str
    sentence: str
    attempts: int
    at: datetime
    key: bytes | None
    headers: Sequence[Header]
    body: bytes | None


async def list_dead_letters(
    database: AsyncDatabase[JsonObject], *, consumer: str | None = None, within: Sequence[str] = (), limit: int = 100
) -> list[BlockedStream]:
    """The blocked streams, longest blocked first. `consumer` is the reader: `intake.waiting-list.1`.

    `within`: only streams whose names begin with one of these; empty: all.
    """
    wanted: dict[str, Any] = {**({} if consumer is None else {"consumer": consumer}), **_one_of(within)}
    first = ("rule", "field")
    pipeline: list[Mapping[str, Any]] = [
        {"$match": wanted},
        {"$sort": {"consumer": 1, "stream": 1, "offset": 1}},
        {
            "$group": {
                "_id": {"consumer": "$consumer", "stream": "$stream"},
                "letters": {"$sum": 1},
                "since": {"$min": "$at"},
                "letter": {"$first": "$_id"},
                **{field: {"$first": f"${field}"} for field in first},
            }
        },
        {"$sort": {"since": 1}},
        {"$limit": limit},
    ]
    cursor = await database[COLLECTION].aggregate(pipeline)
    return [BlockedStream(**row.pop("_id"), **row) async for row in cursor]


async def show(database: AsyncDatabase[JsonObject], consumer: str, stream: str) -> list[DeadLetter]:
    """The letters of one stream in the order in which they will be replayed."""
    found = database[COLLECTION].find({"consumer": consumer, "stream": stream}).sort("offset", 1)
    return [letter_of(document) async for document in found]


async def replay(database: AsyncDatabase[JsonObject], consumer: str, stream: str) -> int:
    """Ask the running service to try the stream's letters again, in order. Answers how many wait."""
    letters: AsyncCollection[JsonObject] = database[COLLECTION]
    await letters.find_one_and_update(  # update_one sorts from MongoDB 8.0 on only
        {"consumer": consumer, "stream": stream}, {"$set": {"replay_at": datetime.now(UTC)}}, sort=[("offset", 1)]
    )
    return await letters.count_documents({"consumer": consumer, "stream": stream})


async def drop(database: AsyncDatabase[JsonObject], letter_id: str, *, within: Sequence[str] = ()) -> bool:
    """Let one letter go for good; the letters behind it are replayed. False: none by that id is `within` these."""
    marked = await database[COLLECTION].update_one(
        {"_id": letter_id, **_one_of(within)}, {"$set": {"dropped": True, "replay_at": datetime.now(UTC)}}
    )
    return marked.matched_count == 1


def beginning(prefix: str, field: str) -> dict[str, Any]:
    """The query for what begins with `prefix`, by the order of texts, which an index knows."""
    return {field: {"$gte": prefix, "$lt": f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}"}}


def _one_of(prefixes: Sequence[str]) -> dict[str, Any]:
    return {"$or": [beginning(prefix, "stream") for prefix in prefixes]} if prefixes else {}


def letter_of(document: JsonObject) -> DeadLetter:
    """A letter as it lies in the collection."""
    return DeadLetter(
        id=document["_id"],
        consumer=document["consumer"],
        stream=document["stream"],
        position=document["position"],
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        rule=document["rule"],
        field=document["field"],
        sentence=document["sentence"],
        attempts=document["attempts"],
        at=document["at"],
        key=document["key"],
        headers=tuple((name, value) for name, value in document["headers"]),
        body=document["body"],
    )
