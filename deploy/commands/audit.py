"""`kobling audit verify`: is who-saw-what still as it was written?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoints
from chassis.audit.signing import FileSigner
from chassis.audit.verify import Verdict, verify_all
from contracts.topics import SERVICES
from deploy.commands.database import HOUSE, Json, Mongo, Prefix, ask, stopped
from deploy.commands.listing import print_rows

app = typer.Typer(no_args_is_help=True, help="Who read or changed what about whom: check that the trail is whole.")

_KMS = HOUSE / ".local" / "data" / "kms"

Tenant = Annotated[str | None, typer.Option(help="Only this tenant.")]
Kms = Annotated[Path, typer.Option(envvar="KOBLING_KMS_DIR", help="Where the signing key lies.")]
Kept = Annotated[Path | None, typer.Option(envvar="KOBLING_AUDIT_DIR", help="The checkpoints; `audit` beside --kms.")]

_SAID = {
    None: "whole",
    "altered": "ALTERED at entry {n}",
    "missing": "MISSING: entry {n}",
    "truncated": "TRUNCATED: entry {n} and what came after is gone",
    "rewritten": "REWRITTEN: entry {n} is not what was signed",
    "checkpoint_forged": "FORGED: line {n} of the checkpoints was not signed by this key",
}


@app.callback()
def audit() -> None:
    """Who read or changed what about whom."""


@app.command("verify")
def verify_(
    tenant: Tenant = None, kms: Kms = _KMS, kept: Kept = None, mongo: Mongo = None, prefix: Prefix = ""
) -> None:
    """Walk every chain and name the first place that was altered, is missing or was cut; exit code 1 if any is."""
    if not kms.is_dir():
        raise stopped(f"There is no {kms}: say with --kms where the signing key lies.")
    checkpoints = Checkpoints(kept or kms.with_name("audit"), FileSigner(kms))
    found = [one for service in SERVICES for one in _of(service, checkpoints, tenant, mongo=mongo, prefix=prefix)]
    print_rows(("service", "tenant", "entries", "signed up to", "verdict"), [_row(one) for one in found])
    if any(one.fault for one in found):
        raise typer.Exit(1)


def _of(service: str, kept: Checkpoints, tenant: str | None, *, mongo: str | None, prefix: str) -> list[Verdict]:
    async def verdicts(database: AsyncDatabase[Json]) -> list[Verdict]:
        return [verdict async for verdict in verify_all(database, service, kept, tenant=tenant)]

    return ask(mongo, f"{prefix}{service}", verdicts)


def _row(one: Verdict) -> tuple[str, ...]:
    return one.service, one.tenant, str(one.count), str(one.signed_up_to), _SAID[one.fault].format(n=one.n)
