"""Commits chained into the trail: also what no request made, but a reaction, a timer or a message, cannot be changed.

The relay seals what it takes out of the outbox, before it does: a crash seals again, and never leaves out. The store
that appends does not know of it.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from chassis.audit.entry import CommitSeal, Draft
from chassis.audit.port import Trail
from chassis.clock import Clock
from chassis.event_store.documents import CommitDocument

_MOST_IN_AN_ENTRY = 500
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=repr).encode


class CommitSealer:
    """Writes one entry for at most 500 commits of a tenant. The relay's `seal`."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock

    async def __call__(self, documents: Sequence[CommitDocument]) -> None:
        """Durable and chained when it returns, in the order given. Raises StoreUnavailable."""
        by_tenant: defaultdict[str, list[CommitDocument]] = defaultdict(list)
        for document in documents:
            by_tenant[document["s"].partition("/")[0]].append(document)
        for tenant, commits in by_tenant.items():
            for start in range(0, len(commits), _MOST_IN_AN_ENTRY):
                await self._trail.record(self._entry(tenant, commits[start : start + _MOST_IN_AN_ENTRY]))

    def _entry(self, tenant: str, commits: Sequence[CommitDocument]) -> Draft:
        return Draft(
            tenant=tenant,
            at=self._clock.now().isoformat(),
            actor="relay",
            role="system",
            action="commits-sealed",
            did="changed",
            subjects=(),
            outcome="done",
            correlation_id="",
            commits=tuple(seal_of(commit) for commit in commits),
        )


def seal_of(commit: Mapping[str, Any]) -> CommitSeal:
    """Of everything the stored document says, except whether it waits in the outbox."""
    lasting = _encode({name: value for name, value in commit.items() if name != "o"})
    return CommitSeal(commit["s"], commit["v"], commit["n"], hashlib.sha256(lasting.encode()).hexdigest())
