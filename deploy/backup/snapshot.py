"""One moment in the history of a MongoDB, across all its databases, for as long as reading takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

Json = dict[str, Any]

_WINDOW = "minSnapshotHistoryWindowInSeconds"
_ENOUGH_SECONDS = 6 * 3600
_OWN_DEFAULT_SECONDS = 300


@asynccontextmanager
async def snapshot(client: AsyncMongoClient[Json]) -> AsyncIterator[AsyncClientSession]:
    """A session whose reads all see the moment of the first of them, while everybody writes on.

    Our servers keep no history, since it makes the outbox slow; so the window is opened while this lasts. A server
    that does not let us change it keeps its own window, and a read that comes too late raises OperationFailure.
    """
    before = await _window(client)
    is_opened = before is not None and before < _OWN_DEFAULT_SECONDS and await _set_window(client, _ENOUGH_SECONDS)
    try:
        async with client.start_session(snapshot=True) as session:
            yield session
    finally:
        if is_opened and before is not None:
            await _set_window(client, before)


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
