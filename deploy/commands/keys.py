"""`kobling keys`: rotate the key of a tenant while everything runs, and the keys of the site's sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from chassis.keyring import KeyUnavailable, Kms, KmsKind, MongoDataKeys, SealBroken, kms_of, rewrap
from chassis.web.session import kept_session_keys, renew_session_keys
from deploy.commands.database import HOUSE, Mongo, Prefix, ask, stopped
from deploy.commands.listing import print_rows

app = typer.Typer(no_args_is_help=True, help="The keys of tenants: which versions there are, and a new one.")
Answer = TypeVar("Answer")

Tenant = Annotated[str, typer.Option(help="Whose key it is.")]
KeyringMongo = Annotated[
    str | None, typer.Option(envvar="KOBLING_KEYRING_MONGO", help="MongoDB URI of the keyring; else --mongo.")
]
KmsDir = Annotated[Path, typer.Option(envvar="KOBLING_KMS_DIR", help="Where the tenant keys are.")]

Kind = Annotated[KmsKind, typer.Option("--kms", envvar="KOBLING_KMS", help="Where tenant keys are: files or a cloud.")]

SessionKeys = Annotated[Path, typer.Argument(help="What KOBLING_SESSION_KEYS names.")]
Renew = Annotated[bool, typer.Option("--renew", help="A new key first; the newest of before still opens.")]

LOCAL_KMS = HOUSE / ".local" / "data" / "kms"


@app.command("list")
def list_(
    tenant: Tenant,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms: Kind = "file",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """How many data keys each version of the tenant's key wraps, newest last."""

    async def counted(keys: MongoDataKeys, kms: Kms) -> tuple[int, Mapping[int, int]]:
        return await kms.newest(tenant), await keys.versions(tenant)

    newest, counts = _ask(keyring_mongo or mongo, f"{prefix}keyring", counted, kms=kms, kms_dir=kms_dir)
    rows = [(str(version), str(counts.get(version, 0))) for version in sorted({newest, *counts})]
    print_rows(("version", "data keys"), rows)


@app.command()
def session(file: SessionKeys, renew: Renew = False) -> None:
    """Make the file of keys that seal the site's sessions, where there is none; --renew puts a new key first in it."""
    if renew and file.exists():
        renew_session_keys(file)
    else:
        kept_session_keys(file)


@app.command()
def rotate(
    tenant: Tenant,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms: Kind = "file",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """Make a new version of the tenant's key and wrap every data key under it. What was sealed stays as it is."""

    async def rotated(keys: MongoDataKeys, kms: Kms) -> tuple[int, int]:
        version = await kms.rotate(tenant)
        typer.echo(f"Version {version} wraps the new data keys of {tenant}.")
        return version, await rewrap(keys, kms, tenant)

    version, count = _ask(keyring_mongo or mongo, f"{prefix}keyring", rotated, kms=kms, kms_dir=kms_dir)
    typer.echo(f"{count} data keys are wrapped anew under version {version}.")


@app.command("rewrap")
def rewrap_(
    tenant: Tenant,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms: Kind = "file",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """Go on with a rotation that was cut off: wrap under the newest version what older ones still wrap."""

    async def rewrapped(keys: MongoDataKeys, kms: Kms) -> int:
        return await rewrap(keys, kms, tenant)

    count = _ask(keyring_mongo or mongo, f"{prefix}keyring", rewrapped, kms=kms, kms_dir=kms_dir)
    typer.echo(f"{count} data keys are wrapped anew.")


def _ask(
    mongo: str | None,
    database: str,
    question: Callable[[MongoDataKeys, Kms], Awaitable[Answer]],
    *,
    kms: KmsKind,
    kms_dir: Path,
) -> Answer:
    try:
        tenant_keys = kms_of(kms, kms_dir)
        return ask(mongo, database, lambda found: question(MongoDataKeys(found), tenant_keys))
    except (KeyUnavailable, SealBroken) as fault:
        raise stopped(f"The tenant's key: {fault}. Nothing was lost; mend it and run `kobling keys rewrap`.") from None
