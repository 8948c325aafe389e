"""The port through which decisions learn the policy in force; services/matching/projections/policies.py answers it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from contracts.policy import Policy
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

    def at(self, now: datetime) -> PolicyNow:
        return PolicyNow(self.version, self.day_of(now), self.as_of, self.pauses)


class Policies(Protocol):
    async def known(self, tenant: str, programme: str) -> KnownPolicy:
        """Raises FactsTooOld, which is retryable, while no policy of the programme has been heard of."""
