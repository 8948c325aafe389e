"""Are the commits of a tenant those that the chain sealed, every one of them, and no other?"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.entry import CommitSeal
from chassis.audit.seals import seal_of
from chassis.event_store.documents import CommitDocument, last_position
from chassis.event_store.mongo import COMMITS

Json = dict[str, Any]
CommitFault = Literal["commit_altered", "commit_missing", "commit_added"]


class SealedCommits:
    """Hand it every seal of the chain in order. `count` of them were checked, a commit sealed again counted once."""

    def __init__(self, database: AsyncDatabase[Json], left: Mapping[str, tuple[int, int]]) -> None:
        self._commits = database[COMMITS]
        self._left = left
        self._sealed_up_to: dict[str, int] = {}
        self.count = 0

    @classmethod
    async def of(cls, database: AsyncDatabase[Json], tenant: str) -> "SealedCommits":
        """Of what has left the outbox until now: the events of each stream, and where it ends."""
        last = {"$add": ["$v", "$n", -1]}
        steps: list[Json] = [
            {"$match": {"_id": {"$gt": f"{tenant}:", "$lt": f"{tenant};"}, "o": {"$exists": False}}},
            {"$group": {"_id": "$s", "events": {"$sum": "$n"}, "head": {"$max": last}}},
        ]
        found = await database[COMMITS].aggregate(steps, allowDiskUse=True)
        return cls(database, {one["_id"]: (one["events"], one["head"]) async for one in found})

    async def check(self, seals: Sequence[CommitSeal]) -> tuple[CommitFault | None, str | None]:
        """What is wrong with the first of these commits that is not as it was sealed, and where it stands."""
        for seal, commit in zip(seals, await self._found(seals), strict=True):
            expected = self._sealed_up_to.get(seal.stream, 0) + 1
            if seal.first > expected:
                return "commit_added", _place(seal.stream, expected)
            if commit is None:
                return "commit_missing", _place(seal.stream, seal.first)
            if seal_of(commit) != seal:
                return "commit_altered", _place(seal.stream, seal.first)
            if seal.first == expected:
                self.count += 1
                self._sealed_up_to[seal.stream] = last_position(commit)
        return None, None

    async def added(self) -> str | None:
        """After the last seal: the first commit, by stream, that is neither sealed nor waiting to be."""
        for stream, (events, head) in sorted(self._left.items()):
            sealed = self._sealed_up_to.get(stream, 0)
            if max(events, head) > sealed:
                return await self._first_beside(stream, sealed)
        return None

    async def _found(self, seals: Sequence[CommitSeal]) -> list[CommitDocument | None]:
        asked = {"s": {"$in": list({seal.stream for seal in seals})}, "v": {"$in": list({one.first for one in seals})}}
        stored: dict[tuple[str, int], Any] = {}
        if seals:
            stored = {(one["s"], one["v"]): one async for one in self._commits.find(asked)}
        return [stored.get((seal.stream, seal.first)) for seal in seals]

    async def _first_beside(self, stream: str, sealed_up_to: int) -> str:
        expected = 1
        async for commit in self._commits.find({"s": stream}).sort("v", ASCENDING):
            if commit["v"] != expected or commit["v"] > sealed_up_to:
                return _place(stream, commit["v"])
            expected = commit["v"] + commit["n"]
        return _place(stream, expected)


def _place(stream: str, position: int) -> str:
    return f"{stream}, event {position}"
