"""How much a caller and a tenant may ask of a process at once: token buckets, so that nobody slows another."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from chassis.http.refusals import TooManyRequests

_PRUNED_FROM = 10_000  # buckets; each is some hundred bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, and `per_second` more in every second after."""

    per_second: float
    burst: int

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError("a rate lets at least one request through")


@dataclass(slots=True)
class _Bucket:
    left: float
    seen_at: float


class Limits:
    """Counted in memory: a service in three processes lets three times as much through.

    A request that is refused takes nothing, so who asks too much cannot use up what the rest of the tenant has.
    """

    def __init__(self, *, caller: Rate, tenant: Rate, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._caller = caller
        self._tenant = tenant
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._prune_at = 0

    def take(self, tenant: str, subject: str) -> None:
        """Count a request. Raises TooManyRequests, which says when there is room again."""
        now = self._monotonic()
        asked = [
            (self._filled((tenant,), self._tenant, now), self._tenant),
            (self._filled((tenant, subject), self._caller, now), self._caller),
        ]
        wait = max((1 - bucket.left) / rate.per_second for bucket, rate in asked)
        if wait > 0:
            raise TooManyRequests(math.ceil(wait))
        for bucket, _ in asked:
            bucket.left -= 1

    def _filled(self, key: tuple[str, ...], rate: Rate, now: float) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            self._prune(now)
            bucket = self._buckets[key] = _Bucket(rate.burst, now)
        bucket.left = min(rate.burst, bucket.left + (now - bucket.seen_at) * rate.per_second)
        bucket.seen_at = now
        return bucket

    def _prune(self, now: float) -> None:
        """A bucket that would be full by now says nothing; those of a flood of callers do not stay."""
        if len(self._buckets) < self._prune_at:
            return
        seconds = max(rate.burst / rate.per_second for rate in (self._caller, self._tenant))
        self._buckets = {key: kept for key, kept in self._buckets.items() if now - kept.seen_at < seconds}
        self._prune_at = max(_PRUNED_FROM, 2 * len(self._buckets))
