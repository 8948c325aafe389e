"""One moment in the history of a MongoDB, across all its databases, for as long as reading takes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

Json = dict[str, Any]

_WINDOW = "minSnapshotHistoryWindowInSeconds"
_ENOUGH_SECONDS = 6 * 3600
_OWN_DEFAULT_SECONDS = 300


@asynccontextmanager
async def snapshot(client: AsyncMongoClient[Json]) -> AsyncIterator[AsyncClientSession]:
    """A session whose reads all see the moment of the first of them, while everybody writes on.

    Our servers keep no history, since it makes the outbox slow; so the window is opened while this lasts, and closed
    by whoever ends last. A server that does not let us change it keeps its own window, and a read that comes too late
    raises OperationFailure.
    """
    before = await _window(client)
    window = _OpenWindow(client) if before is not None else None
    is_opened = window is not None and before is not None and await window.enter(before)
    try:
        async with client.start_session(snapshot=True) as session:
            yield session
    finally:
        if window is not None and is_opened:
            await window.leave()


class _OpenWindow:
    """The window is the whole server's, and several backups may run: each is written down as a holder of it. One that
    was killed holds it no longer than its history lasts."""

    def __init__(self, client: AsyncMongoClient[Json]) -> None:
        self._client = client
        self._holders = client["kobling-backup"]["window"]
        self._id = secrets.token_hex(8)

    async def enter(self, before: int) -> bool:
        """False when this server keeps enough by itself, or is not ours to change."""
        if _OWN_DEFAULT_SECONDS <= before < _ENOUGH_SECONDS:
            return False
        until = datetime.now(UTC) + timedelta(seconds=_ENOUGH_SECONDS)
        closed = before if before < _ENOUGH_SECONDS else 0  # left open by one that was killed
        change = {"$set": {f"by.{self._id}": until}, "$setOnInsert": {"closed": closed}}
        try:
            await self._holders.update_one({"_id": _WINDOW}, change, upsert=True)
        except OperationFailure:
            return False
        return await _set_window(self._client, _ENOUGH_SECONDS)

    async def leave(self) -> None:
        """Whoever enters while it is being closed finds it open again, though not the moment it may have read."""
        mine = {"$unset": {f"by.{self._id}": ""}}
        left = await self._holders.find_one_and_update({"_id": _WINDOW}, mine, return_document=ReturnDocument.AFTER)
        if left is None or any(until > datetime.now(UTC) for until in left["by"].values()):
            return
        await _set_window(self._client, left["closed"])
        gone = await self._holders.delete_one({"_id": _WINDOW, "by": left["by"]})
        if not gone.deleted_count:
            await _set_window(self._client, _ENOUGH_SECONDS)


async def _window(client: AsyncMongoClient[Json]) -> int | None:
    try:
        return int((await client.admin.command({"getParameter": 1, _WINDOW: 1}))[_WINDOW])
    except OperationFailure:
        return None


async def _set_window(client: AsyncMongoClient[Json], seconds: int) -> bool:
    try:
        await client.admin.command({"setParameter": 1, _WINDOW: seconds})
    except OperationFailure:
        return False
    return True
