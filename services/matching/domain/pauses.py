"""Pauses of a programme, laid over a deadline when it is read: it rests while nothing goes on, and keeps what is left.

No event is sent to any stream for it (domain.md, rule 8): who knows the pauses knows the deadline (S2.29).
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pauses:
    """When the programme was paused, from and to, in order; no end: it still is."""

    spans: tuple[tuple[datetime, datetime | None], ...] = ()

    @property
    def are_on(self) -> bool:
        return bool(self.spans) and self.spans[-1][1] is None

    def moved(self, begun_at: datetime, until: datetime) -> datetime | None:
        """The deadline of what began then, later by the paused time since; None while a pause holds it."""
        for paused_at, resumed_at in self.spans:
            if resumed_at is None:
                return None if paused_at < until else until
            if begun_at < resumed_at and paused_at < until:
                until += resumed_at - max(paused_at, begun_at)
        return until

    def have_let_pass(self, begun_at: datetime, until: datetime, now: datetime) -> bool:
        """Whether the deadline is over."""
        moved = self.moved(begun_at, until)
        return moved is not None and moved <= now


NO_PAUSES = Pauses()
