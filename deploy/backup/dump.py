"""Write a backup: every database of a part as it was at one moment, while services run on."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bson import json_util
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure

from contracts.topics import SERVICES
from deploy.backup.manifest import CollectionFile, DatabaseFolder, Heads, Manifest, Part, open_own, write
from deploy.backup.snapshot import snapshot

Json = dict[str, Any]

COMMITS = "commits"
DATABASES: dict[Part, tuple[str, ...]] = {"keyring": ("keyring",), "services": SERVICES}

# A backup of the keyring that is kept longer would keep keys of people who were promised that they are gone.
KEYRING_EXPIRES_AFTER = timedelta(days=30)

# A collection was made, or got an index, after the moment that is read; or another backup, ending as this one began,
# closed the window on it: another moment will do.
_ANOTHER_MOMENT = frozenset({246, 239})
_ATTEMPTS = 5

_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)


async def back_up(client: AsyncMongoClient[Json], part: Part, folder: Path, *, prefix: str = "") -> Manifest:
    """Write the databases of the part into a new folder, which only its owner may read.

    Whatever ends it early leaves no folder behind. Raises FileExistsError for a folder that is there, and the driver's
    error when the server keeps too little history (see `snapshot`).
    """
    for attempt in range(1, _ATTEMPTS + 1):
        folder.mkdir(mode=0o700, parents=True)  # noqa: ASYNC240 (a command that does nothing beside it)
        try:
            manifest = await _one_moment(client, part, folder, prefix=prefix)
            write(folder, manifest)
        except OperationFailure as fault:
            shutil.rmtree(folder)
            if fault.code not in _ANOTHER_MOMENT or attempt == _ATTEMPTS:
                raise
        except BaseException:
            shutil.rmtree(folder)
            raise
        else:
            return manifest
    raise AssertionError("the last attempt answers or raises")


async def _one_moment(client: AsyncMongoClient[Json], part: Part, folder: Path, *, prefix: str) -> Manifest:
    databases = {name: client[prefix + name] for name in DATABASES[part]}
    async with snapshot(client) as session:
        taken_at = datetime.now(UTC)
        for database in databases.values():  # from here on the moment is fixed; only then is it asked what there is
            await database[COMMITS].find_one({}, {"_id": 1}, session=session)
        folders = [
            await _database(database, folder, name=name, session=session) for name, database in databases.items()
        ]
    expires_at = taken_at + KEYRING_EXPIRES_AFTER if part == "keyring" else None
    return Manifest(part=part, taken_at=taken_at, expires_at=expires_at, databases=tuple(folders))


async def heads(database: AsyncDatabase[Json], session: AsyncClientSession | None = None) -> Heads:
    """Every stream of an event store with its version, in one digest."""
    last: list[Json] = [
        {"$group": {"_id": "$s", "head": {"$max": {"$add": ["$v", "$n", -1]}}}},
        {"$sort": {"_id": 1}},
    ]
    digest, streams, events = hashlib.sha256(), 0, 0
    async for stream in await database[COMMITS].aggregate(last, session=session, allowDiskUse=True):
        digest.update(f"{stream['_id']} {stream['head']}\n".encode())
        streams, events = streams + 1, events + stream["head"]
    return Heads(streams=streams, events=events, sha256=digest.hexdigest())


async def _collections(database: AsyncDatabase[Json]) -> Sequence[Mapping[str, Any]]:
    found = [entry async for entry in await database.list_collections()]
    return sorted((entry for entry in found if not entry["name"].startswith("system.")), key=lambda one: one["name"])


async def _database(
    database: AsyncDatabase[Json], folder: Path, *, name: str, session: AsyncClientSession
) -> DatabaseFolder:
    (folder / name).mkdir(mode=0o700)
    collections = await _collections(database)
    files = [await _collection(database, entry, folder, name=name, session=session) for entry in collections]
    is_store = any(entry["name"] == COMMITS for entry in collections)
    return DatabaseFolder(
        name=name, collections=tuple(files), heads=await heads(database, session) if is_store else None
    )


async def _collection(
    database: AsyncDatabase[Json], entry: Mapping[str, Any], folder: Path, *, name: str, session: AsyncClientSession
) -> CollectionFile:
    collection: AsyncCollection[Any] = database.get_collection(entry["name"], codec_options=_RAW)
    file = f"{name}/{quote(entry['name'], safe='')}.bson"
    digest, documents, size = hashlib.sha256(), 0, 0
    with open_own(folder / file) as stream:
        async for document in collection.find({}, session=session):
            stream.write(document.raw)
            digest.update(document.raw)
            documents, size = documents + 1, size + len(document.raw)
    indexes = [index async for index in await database[entry["name"]].list_indexes()]
    return CollectionFile(
        name=entry["name"],
        file=file,
        documents=documents,
        size=size,
        sha256=digest.hexdigest(),
        options=json_util.dumps(entry.get("options", {})),
        indexes=json_util.dumps(indexes),
    )
