"""`kobling keys`: rotate the key of a tenant while everything runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from chassis.keyring import FileKms, KeyUnavailable, Kms, MongoDataKeys, SealBroken, rewrap
from deploy.commands.database import HOUSE, Mongo, Prefix, ask, stopped
from deploy.commands.listing import print_rows

app = typer.Typer(no_args_is_help=True, help="The keys of tenants: which versions there are, and a new one.")
Answer = TypeVar("Answer")

Tenant = Annotated[str, typer.Option(help="Whose key it is.")]
KeyringMongo = Annotated[
    str | None, typer.Option(envvar="KOBLING_KEYRING_MONGO", help="MongoDB URI of the keyring; else --mongo.")
]
KmsDir = Annotated[Path, typer.Option(envvar="KOBLING_KMS_DIR", help="Where the tenant keys are.")]

LOCAL_KMS = HOUSE / ".local" / "data" / "kms"


@app.command("list")
def list_(
    tenant: Tenant,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """How many data keys each version of the tenant's key wraps, newest last."""

    async def counted(keys: MongoDataKeys, kms: Kms) -> tuple[int, Mapping[int, int]]:
        return await kms.newest(tenant), await keys.versions(tenant)

    newest, counts = _ask(keyring_mongo or mongo, f"{prefix}keyring", kms_dir, counted)
    rows = [(str(version), str(counts.get(version, 0))) for version in sorted({newest, *counts})]
    print_rows(("version", "data keys"), rows)


@app.command()
def rotate(
    tenant: Tenant,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """Make a new version of the tenant's key and wrap every data key under it. What was sealed stays as it is."""

    async def rotated(keys: MongoDataKeys, kms: Kms) -> tuple[int, int]:
        version = await kms.rotate(tenant)
        typer.echo(f"Version {version} wraps the new data keys of {tenant}.")
        return version, await rewrap(keys, kms, tenant)

    version, count = _ask(keyring_mongo or mongo, f"{prefix}keyring", kms_dir, rotated)
    typer.echo(f"{count} data keys are wrapped anew under version {version}.")


@app.command("rewrap")
def rewrap_(
    tenant: Tenant,
    mongo: Mongo = None,
    keyring_mongo: KeyringMongo = None,
    prefix: Prefix = "",
    kms_dir: KmsDir = LOCAL_KMS,
) -> None:
    """Go on with a rotation that was cut off: wrap under the newest version what older ones still wrap."""
    count = _ask(keyring_mongo or mongo, f"{prefix}keyring", kms_dir, lambda keys, kms: rewrap(keys, kms, tenant))
    typer.echo(f"{count} data keys are wrapped anew.")


def _ask(
    mongo: str | None, database: str, kms_dir: Path, question: Callable[[MongoDataKeys, Kms], Awaitable[Answer]]
) -> Answer:
    kms = FileKms(kms_dir)
    try:
        return ask(mongo, database, lambda found: question(MongoDataKeys(found), kms))
    except (KeyUnavailable, SealBroken) as fault:
        raise stopped(f"The tenant's key: {fault}. Nothing was lost; mend it and run `kobling keys rewrap`.") from None
