"""The drill: back up, restore beside it, and prove that what came back is what there is. Nothing live is changed."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.keyring import KeyUnavailable, Kms, MongoDataKeys, SealBroken
from deploy.backup.dump import DATABASES, back_up, heads
from deploy.backup.manifest import BackupBroken, Manifest, read
from deploy.backup.place import Place
from deploy.backup.proof import NotProven, folded_streams
from deploy.backup.rebuilt import rebuilt
from deploy.backup.restore import restore

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist."""

    is_true: bool
    sentence: str


async def drill(place: Place, kms: Kms) -> AsyncIterator[Check]:
    """The checklist, line by line as it comes true; it ends with the first line that does not.

    The backups and the fresh databases are gone afterwards, whatever happened.
    """
    fresh = f"{place.prefix}drill-{secrets.token_hex(4)}-"
    with tempfile.TemporaryDirectory(prefix="kobling-drill-") as scratch:
        try:
            async for sentence in _steps(place, kms, Path(scratch), fresh):
                yield Check(True, sentence)
        except (NotProven, BackupBroken, KeyUnavailable, SealBroken) as fault:
            yield Check(False, str(fault))
        finally:
            for names in DATABASES.values():
                for name in names:
                    database = place.database(name, fresh)
                    await database.client.drop_database(database.name)


async def _steps(place: Place, kms: Kms, scratch: Path, fresh: str) -> AsyncIterator[str]:
    keyring_folder, services_folder = scratch / "keyring", scratch / "services"
    # The services first: whatever is sealed in their backup has its key in the later one, and whoever was erased
    # in between has none.
    services = await back_up(place.services, "services", services_folder, prefix=place.prefix)
    keyring = await back_up(place.keyring, "keyring", keyring_folder, prefix=place.prefix)
    yield f"backed up: {services.documents} documents of services, {keyring.documents} of the keyring"
    read(services_folder)
    read(keyring_folder)
    yield "every file has its checksum"
    await restore(place.keyring, keyring_folder, prefix=fresh)
    await restore(place.services, services_folder, prefix=fresh)
    yield "restored into fresh databases"
    yield await _heads_are_equal(services, place, fresh)
    yield await _folds_are_equal(place, fresh)
    for model in await rebuilt({name: place.database(name, fresh) for name in DATABASES["services"]}):
        behind = f", {model.behind} not read yet" if model.behind else ""
        yield f"read model {model.service}.{model.projection.name} folds to the same: {model.equal} documents{behind}"
    yield await _keys_unwrap(place.database("keyring", fresh), kms)


async def _heads_are_equal(services: Manifest, place: Place, fresh: str) -> str:
    streams = events = 0
    for entry in services.databases:
        if entry.heads is None:
            continue
        if await heads(place.database(entry.name, fresh)) != entry.heads:
            raise NotProven(f"{entry.name}: the restored streams end elsewhere than those that were backed up")
        streams, events = streams + entry.heads.streams, events + entry.heads.events
    return f"every stream has the head it had: {streams} streams, {events} events"


async def _folds_are_equal(place: Place, fresh: str) -> str:
    count = 0
    for name in DATABASES["services"]:
        count += await folded_streams(place.database(name, fresh), place.database(name, place.prefix))
    return f"every commit is the live one, and every stream folds: {count} streams"


async def _keys_unwrap(keyring: AsyncDatabase[Json], kms: Kms) -> str:
    count = await MongoDataKeys(keyring).unwrapped(kms)
    return f"every data key unwraps with its tenant's key: {count} keys"
