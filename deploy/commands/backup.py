"""`kobling backup`, `kobling restore` and `kobling drill`: keep what lies in MongoDB, bring it back, prove it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pymongo import AsyncMongoClient

from chassis.keyring import KeyUnavailable, kms_of
from deploy.backup.dump import back_up
from deploy.backup.manifest import BackupBroken, Manifest, Part, read
from deploy.backup.place import Place
from deploy.backup.restore import BackupExpired, NotEmpty
from deploy.backup.restore import restore as bring_back
from deploy.commands.audit import By, Kept, sign_restored
from deploy.commands.database import Json, Mongo, Prefix, connected, stopped
from deploy.commands.keys import LOCAL_KMS, KeyringMongo, Kind, KmsDir

Answer = TypeVar("Answer")


class Only(StrEnum):
    """A part by itself."""

    SERVICES = "services"
    KEYRING = "keyring"


Folder = Annotated[Path, typer.Argument(help="In it are two backups, `services` and `keyring`.")]
OnlyPart = Annotated[Only | None, typer.Option("--only", help="One of the two, where they are kept apart.")]
Trial = Annotated[
    bool, typer.Option("--trial", help="Beside what is live, to try it: the audit checkpoints say nothing of it.")
]
AlthoughExpired = Annotated[
    bool, typer.Option("--although-expired", help="A keyring older than 30 days too: erase again who was erased since.")
]


def backup(
    folder: Folder, only: OnlyPart = None, mongo: Mongo = None, keyring_mongo: KeyringMongo = None, prefix: Prefix = ""
) -> None:
    """Write the databases as they are at one moment, while everything runs on. The tenant keys are not among it."""
    parts: list[Part] = [only.value] if only else ["services", "keyring"]  # what is sealed has its key in the later one
    for part in parts:
        if (folder / part).exists():
            raise stopped(f"{folder / part} is there already; no backup is written over another.")

    async def written(place: Place) -> None:
        for part in parts:
            _tell(folder / part, await back_up(place.client(part), part, folder / part, prefix=prefix))

    _at(mongo, keyring_mongo, prefix, written)


def restore(
    folder: Folder,
    only: OnlyPart = None,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    although_expired: AlthoughExpired = False,
    trial: Trial = False,
    by: By = "",
    kms_dir: KmsDir = LOCAL_KMS,
    kept: Kept = None,
) -> None:
    """Bring a backup back into databases that hold nothing, with the services stopped. A changed file is named.

    That it was brought back is signed among the audit checkpoints: what came after is gone, and known to be.
    """
    parts: list[Part] = [only.value] if only else ["keyring", "services"]

    async def restored(place: Place) -> None:
        for part in parts:
            read(folder / part)
        for part in parts:
            client = place.client(part)
            back = await bring_back(client, folder / part, prefix=prefix, although_expired=although_expired)
            _tell(folder / part, back)
            if part == "services" and not trial:
                await sign_restored(client, back, prefix=prefix, by=by, kms=kms_dir, kept=kept)

    try:
        _at(mongo, keyring_mongo, prefix, restored)
    except (BackupBroken, NotEmpty) as fault:
        raise stopped(f"{fault}. Nothing more was restored.") from None
    except KeyUnavailable as fault:
        raise stopped(f"{fault}. Everything is restored, but the audit checkpoints say nothing of it.") from None
    except BackupExpired as fault:
        raise stopped(f"{fault}. Nothing was restored; see --although-expired.") from None


def drill(
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms: Kind = "file",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """Back up, restore beside it, prove that nothing is missing, clean up; ends with 1 at the line that is not true."""
    from deploy.backup.drill import drill as proven

    try:
        tenant_keys = kms_of(kms, kms_dir)
    except KeyUnavailable as fault:
        raise stopped(f"{fault}.") from None

    async def drilled(place: Place) -> bool:
        is_proven = True
        async for check in proven(place, tenant_keys):
            typer.echo(f"[{'x' if check.is_true else ' '}] {check.sentence}")
            is_proven = check.is_true
        return is_proven

    if not _at(mongo, keyring_mongo, prefix, drilled):
        raise stopped("The drill failed. Nothing live was changed; find out why before the next backup.")
    typer.echo("This backup would bring everything back.")


def _tell(folder: Path, manifest: Manifest) -> None:
    until = f", to be destroyed by {manifest.expires_at:%Y-%m-%d}" if manifest.expires_at else ""
    typer.echo(f"{folder}: {manifest.documents} documents as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC{until}")


def _at(
    mongo: str | None, keyring_mongo: str | None, prefix: str, question: Callable[[Place], Awaitable[Answer]]
) -> Answer:
    async def asked(services: AsyncMongoClient[Json]) -> Answer:
        if keyring_mongo is None:
            return await question(Place(services, services, prefix))
        async with AsyncMongoClient[Json](keyring_mongo, tz_aware=True, serverSelectionTimeoutMS=3000) as keyring:
            return await question(Place(services, keyring, prefix))

    return connected(mongo, asked)
