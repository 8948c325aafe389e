"""Whether a listing is good now: asked when a slot is reserved and again when it is confirmed (S2.27)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from chassis.refusal import FactsTooOld, Refusal
from services.matching.domain.pauses import NO_PAUSES, Pauses

# Mandate, pause and policy may be five minutes old; older facts refuse the decision (domain.md, rule 9).
POLICY_IS_FRESH_FOR = timedelta(minutes=5)
# Blocks, consent and mode may be a minute old.
PEOPLE_ARE_FRESH_FOR = timedelta(seconds=60)


class NotListed(Refusal):
    rule, sentence = "not_listed", "This helper is not ready to be proposed in this programme."


class ProgrammePaused(Refusal):
    rule, sentence = "programme_paused", "The programme is paused: no new meetings until it goes on."


class ApprovalExpired(Refusal):
    rule, sentence = "approval_expired", "The helper's approval has run out. It can be renewed."


class ApprovalOutdated(Refusal):
    rule, sentence = "approval_outdated", "The rules have changed since the approval. Show or sign what is new first."


@dataclass(frozen=True, slots=True)
class Listing:
    """What a helper is approved for in one programme. `away` tells why it does not count now; None: it does."""

    roles: tuple[str, ...]
    capacity: int
    policy_version: int
    until: date | None
    away: Literal["lapsed", "suspended", "left"] | None = None


@dataclass(frozen=True, slots=True)
class PolicyNow:
    """The policy a decision stands on: version in force, the day at the programme's place, how fresh it is."""

    version: int
    today: date
    as_of: datetime
    pauses: Pauses = NO_PAUSES

    def require_fresh(self, now: datetime) -> None:
        """Raises FactsTooOld, which is retryable: fail closed."""
        if now - self.as_of > POLICY_IS_FRESH_FOR:
            raise FactsTooOld("the programme's policy")


def why_unapproved(listing: Listing | None, policy: PolicyNow) -> type[Refusal] | None:
    """The first rule by which this listing is not good now, or None when it is."""
    if listing is None or listing.away is not None:
        return NotListed
    if listing.until is not None and listing.until < policy.today:
        return ApprovalExpired
    if listing.policy_version < policy.version:
        return ApprovalOutdated
    return None
