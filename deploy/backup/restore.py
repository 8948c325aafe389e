"""Bring a backup back into databases that hold nothing yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bson import json_util
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient, IndexModel, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from deploy.backup.manifest import CollectionFile, DatabaseFolder, Manifest, documents_of, read

Json = dict[str, Any]
OnRestored = Callable[[AsyncDatabase[Json]], Awaitable[None]]

_DURABLE = WriteConcern("majority", j=True)
_BATCH = 1000


class NotEmpty(Exception):
    """A database that the backup would be restored into holds documents already; nothing was written."""


class BackupExpired(Exception):
    """The backup is older than what it may bring back: keys of people who were erased since."""


async def restore(
    client: AsyncMongoClient[Json],
    folder: Path,
    *,
    prefix: str = "",
    although_expired: bool = False,
    on_restored: Sequence[OnRestored] = (),
) -> Manifest:
    """Restore into `<prefix><name>` of each database of the backup, with options and indexes.

    Everything is checked before the first write: raises BackupBroken, BackupExpired, NotEmpty. What ends it early
    leaves the databases as empty as they were, except for a kill. `on_restored` gets each database before this
    returns: what must not come back with a backup, erased people above all, is taken out again there.
    """
    manifest = read(folder)
    if manifest.expires_at is not None and manifest.expires_at < datetime.now(UTC) and not although_expired:
        raise BackupExpired(f"the backup in {folder} expired at {manifest.expires_at:%Y-%m-%d %H:%M} UTC")
    targets = {entry.name: client[prefix + entry.name] for entry in manifest.databases}
    for database in targets.values():
        await _require_empty(database)
    try:
        for entry in manifest.databases:
            await _database(targets[entry.name], folder, entry)
        for hook in on_restored:
            for database in targets.values():
                await hook(database)
    except BaseException:
        for database in targets.values():
            await client.drop_database(database.name)
        raise
    return manifest


async def _require_empty(database: AsyncDatabase[Json]) -> None:
    for name in await database.list_collection_names():
        if await database[name].find_one({}, {"_id": 1}) is not None:
            raise NotEmpty(f"the database {database.name} holds {name} already; restore where nothing is")
    for name in await database.list_collection_names():  # empty ones of a service that had begun to start
        await database.drop_collection(name)


async def _database(database: AsyncDatabase[Json], folder: Path, entry: DatabaseFolder) -> None:
    for file in entry.collections:
        await _collection(database, folder, file)


async def _collection(database: AsyncDatabase[Json], folder: Path, file: CollectionFile) -> None:
    await database.create_collection(file.name, **json_util.loads(file.options))
    collection = database.get_collection(file.name, write_concern=_DURABLE)
    documents = documents_of(folder, file)
    while batch := [RawBSONDocument(document) for document in islice(documents, _BATCH)]:
        await collection.insert_many(batch)
    models = [_index(index) for index in json_util.loads(file.indexes) if index["name"] != "_id_"]
    if models:
        await collection.create_indexes(models)


def _index(told: Json) -> IndexModel:
    options = {name: value for name, value in told.items() if name not in ("key", "v", "ns")}
    return IndexModel(list(told["key"].items()), **options)
