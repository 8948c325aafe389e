"""The port of the audit trail. Its promise is the suite in tests/ports/test_audit_trail.py; every adapter runs it."""

from collections.abc import Sequence
from typing import Protocol

from chassis.audit.entry import Draft, Entry


class Trail(Protocol):
    async def record(self, draft: Draft) -> None:
        """Returns when the entry is durable and chained. Raises StoreUnavailable: then nothing may be shown."""

    async def about(self, tenant: str, person_id: str, *, before: int | None, limit: int) -> Sequence[Entry]:
        """What was read or changed about one person here, newest first, of entries before number `before`."""
