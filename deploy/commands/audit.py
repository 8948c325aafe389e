"""`kobling audit verify`: is who-saw-what still as it was written?"""

from __future__ import annotations

from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoints, Restored
from chassis.audit.restoring import own_up
from chassis.audit.signing import FileSigner
from chassis.audit.verify import Verdict, verify_all
from contracts.topics import SERVICES
from deploy.backup.manifest import Manifest, read
from deploy.commands.database import HOUSE, Json, Mongo, Prefix, ask, connected, stopped
from deploy.commands.listing import print_rows

app = typer.Typer(no_args_is_help=True, help="Who read or changed what about whom: check that the trail is whole.")

_KMS = HOUSE / ".local" / "data" / "kms"

Tenant = Annotated[str | None, typer.Option(help="Only this tenant.")]
Kms = Annotated[Path, typer.Option(envvar="KOBLING_KMS_DIR", help="Where the signing key lies.")]
Kept = Annotated[Path | None, typer.Option(envvar="KOBLING_AUDIT_DIR", help="The checkpoints; `audit` beside --kms.")]

By = Annotated[str, typer.Option("--by", help="Who restores, for the audit checkpoints; your login name.")]

_SAID = {
    None: "whole",
    "altered": "ALTERED at entry {n}",
    "missing": "MISSING: entry {n}",
    "truncated": "TRUNCATED: entry {n} and what came after is gone",
    "rewritten": "REWRITTEN: entry {n} is not what was signed",
    "checkpoint_forged": "FORGED: line {n} of the checkpoints was not signed by this key",
    "commit_altered": "ALTERED COMMIT: {place} is not what entry {n} sealed",
    "commit_missing": "MISSING COMMIT: {place}, which entry {n} sealed",
    "commit_added": "ADDED COMMIT: {place} was sealed by no entry",
}


@app.callback()
def audit() -> None:
    """Who read or changed what about whom."""


@app.command("verify")
def verify_(
    tenant: Tenant = None, kms: Kms = _KMS, kept: Kept = None, mongo: Mongo = None, prefix: Prefix = ""
) -> None:
    """Walk every chain and the commits that it seals; name the first place that was altered, is missing, was added or
    was cut; exit code 1 if any is."""
    if not kms.is_dir():
        raise stopped(f"There is no {kms}: say with --kms where the signing key lies.")
    checkpoints = Checkpoints(kept or kms.with_name("audit"), FileSigner(kms))
    found = [one for service in SERVICES for one in _of(service, checkpoints, tenant, mongo=mongo, prefix=prefix)]
    print_rows(("service", "tenant", "entries", "signed up to", "commits", "verdict"), [_row(one) for one in found])
    for one in found:
        for restored in one.restored:
            typer.echo(
                f"{one.service}, {one.tenant}: restored {restored.at:.16} by {restored.by} from a backup of "
                f"{restored.taken_at:.16}; {_lost(restored)}"
            )
    if any(one.fault for one in found):
        raise typer.Exit(1)


@app.command("restored")
def restored_(
    folder: Annotated[Path, typer.Argument(help="The backup that was restored; `services` is in it.")],
    by: By = "",
    kms: Kms = _KMS,
    kept: Kept = None,
    mongo: Mongo = None,
    prefix: Prefix = "",
) -> None:
    """Sign that a backup was brought back, where `kobling restore` had no key for it; before any service starts."""
    manifest = read(folder / "services")

    async def signed(client: AsyncMongoClient[Json]) -> None:
        await sign_restored(client, manifest, prefix=prefix, by=by, kms=kms, kept=kept)

    connected(mongo, signed)


async def sign_restored(
    client: AsyncMongoClient[Json], back: Manifest, *, prefix: str, by: str, kms: Path, kept: Path | None
) -> None:
    """Own up to a restore of the services, chain by chain, and tell it; without a key, tell that."""
    if not kms.is_dir():  # noqa: ASYNC240 (a command that does nothing beside it)
        typer.echo(f"There is no {kms}: bring the signing key back, then `kobling audit restored`, before any start.")
        return
    checkpoints = Checkpoints(kept or kms.with_name("audit"), FileSigner(kms))
    for entry in back.databases:
        database = client[prefix + entry.name]
        for said in await own_up(database, entry.name, checkpoints, by=by or getuser(), taken_at=back.taken_at):
            typer.echo(f"signed: the audit trail of {said.tenant} in {said.service} was restored; {_lost(said)}")


def _of(service: str, kept: Checkpoints, tenant: str | None, *, mongo: str | None, prefix: str) -> list[Verdict]:
    async def verdicts(database: AsyncDatabase[Json]) -> list[Verdict]:
        return [verdict async for verdict in verify_all(database, service, kept, tenant=tenant)]

    return ask(mongo, f"{prefix}{service}", verdicts)


def _row(one: Verdict) -> tuple[str, ...]:
    verdict = _SAID[one.fault].format(n=one.n, place=one.place)
    return one.service, one.tenant, str(one.count), str(one.signed_up_to), str(one.commits), verdict


def _lost(restored: Restored) -> str:
    if restored.lost_up_to == restored.n:
        return f"what came after entry {restored.n} had not been signed"
    return f"entries {restored.n + 1} to {restored.lost_up_to} at least are gone"
