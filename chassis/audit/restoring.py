"""An older backup was brought back: said once, with the signing key, so that what is gone is known to be gone."""

from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoints, Restored, RestoredChain
from chassis.audit.entry import BEGINNING
from chassis.audit.mongo import AUDIT


async def own_up(
    database: AsyncDatabase[dict[str, Any]], service: str, kept: Checkpoints, *, by: str, taken_at: datetime
) -> list[Restored]:
    """Sign, for every chain of a service just restored, where it goes on from, before the service starts.

    A chain that the backup did not know goes on from the beginning. Raises OSError and KeyUnavailable.
    """
    said = []
    for tenant in kept.tenants(service):
        of_tenant = {"_id": {"$gt": f"{tenant}/", "$lt": f"{tenant}0"}}
        newest = await database[AUDIT].find_one(of_tenant, sort=[("_id", DESCENDING)])
        n, digest = (newest["n"], newest["hash"]) if newest else (0, BEGINNING)
        chain = RestoredChain(service, tenant, n=n, hash=digest, by=by, taken_at=taken_at.isoformat())
        found = kept.add_restored(chain)
        said += [found] if found else []
    return said
