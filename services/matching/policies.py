"""The port through which decisions learn the policy in force; services/matching/projections/policies.py answers it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from contracts.policy import Category, Policy
from services.matching.domain.approval import PolicyNow
from services.matching.domain.pauses import NO_PAUSES, Pauses


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A programme's policy as this service has heard of it, up to the instant `as_of` (domain.md, rule 9)."""

    policy: Policy
    version: int
    paused: bool
    as_of: datetime
    pauses: Pauses = NO_PAUSES

    def day_of(self, instant: datetime) -> date:
        """The day at the programme's place."""
        return instant.astimezone(ZoneInfo(self.policy.zone)).date()

    def category(self, code: str | None) -> Category | None:
        """None for a code that the policy in force does not have."""
        return next((kind for kind in self.policy.categories if kind.code == code), None)

    def task(self, code: str | None) -> Category | None:
        """The category where it is a task: done once, without a meeting or a match (S1.20)."""
        kind = self.category(code)
        return kind if kind is not None and kind.by == "task" else None

    def at(self, now: datetime) -> PolicyNow:
        return PolicyNow(self.version, self.day_of(now), self.as_of, self.pauses)


class Policies(Protocol):
    async def known(self, tenant: str, programme: str) -> KnownPolicy:
        """Raises FactsTooOld, which is retryable, while no policy of the programme has been heard of."""
