"""When something is due in a match by the policy in force: days at the programme's place, instants of its zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from contracts.period import Period, after
from contracts.policy import Policy

# Nobody is asked or warned at midnight.
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What of a policy a match goes by (S2.16, S2.17, S3.29, S3.65)."""

    zone: str = "Europe/Oslo"
    max_length: Period | None = None
    warn_days: int = 30
    review: Period = "P3M"
    least_rhythm: Period = "P1M"
    retain_after_end: Period = "P0D"

    @classmethod
    def of(cls, policy: Policy) -> Self:
        return cls(
            zone=policy.zone,
            max_length=policy.max_length,
            warn_days=policy.warn_days,
            review=policy.review,
            least_rhythm=policy.least_rhythm,
            retain_after_end=policy.retain_after_end,
        )

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def last_day(self, starts_on: date) -> date | None:
        """A year is a calendar year: from 29 February to 28 February (S2.16)."""
        return None if self.max_length is None else after(starts_on, self.max_length)

    def warn_at(self, starts_on: date, ends_on: date) -> datetime:
        """So many days before the last one; in a match too short for that, at half time."""
        half_time = starts_on + (ends_on - starts_on) // 2
        return self._morning_of(max(ends_on - timedelta(days=self.warn_days), half_time))

    def check_in_at(self, counted_from: date) -> datetime:
        return self._morning_of(after(counted_from, self.least_rhythm))

    def review_at(self, counted_from: date) -> datetime:
        return self._morning_of(after(counted_from, self.review))

    def let_go_at(self, ended_on: date, now: datetime) -> datetime:
        """At once where the policy keeps nothing, else when the last day of keeping is over."""
        kept_until = after(ended_on, self.retain_after_end)
        return now if kept_until == ended_on else day_is_over(kept_until, self.zone)

    def _morning_of(self, day: date) -> datetime:
        return _utc(datetime.combine(day, _MORNING, tzinfo=ZoneInfo(self.zone)))


def day_is_over(day: date, zone: str) -> datetime:
    """The instant, in UTC, at which the next day begins at the place: right also when its clocks change."""
    return _utc(datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone)))


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo("UTC"))
