"""The audit trail in memory: for pure tests and for looking at a service from outside. Runs the same suite."""

from collections import defaultdict
from collections.abc import Sequence

from chassis.audit.entry import BEGINNING, Draft, Entry, chained, new_nonce


class MemoryTrail:
    def __init__(self, service: str = "sample") -> None:
        self._service = service
        self.entries: dict[str, list[Entry]] = defaultdict(list)

    async def record(self, draft: Draft) -> None:
        chain = self.entries[draft.tenant]
        previous = chain[-1].hash if chain else BEGINNING
        chain.append(chained(self._service, draft, n=len(chain) + 1, nonce=new_nonce(), previous=previous))

    async def about(self, tenant: str, person_id: str, *, before: int | None, limit: int) -> Sequence[Entry]:
        found = [one for one in reversed(self.entries[tenant]) if person_id in one.draft.subjects]
        return [one for one in found if before is None or one.n < before][:limit]
