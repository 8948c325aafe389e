"""How far a plan may fire: not past what its consumer has read, or a timer cancelled in time would fire."""

import time
from datetime import datetime

from chassis.clock import Clock
from chassis.timers.timetable import Timetable


class Horizon:
    """Remembers when it first saw timers due. Once the consumer has read to the end after that, their cancellations
    are known, also by a clock that stands still."""

    def __init__(self, timetable: Timetable, clock: Clock) -> None:
        self._timetable = timetable
        self._clock = clock
        self._noticed: tuple[float, datetime] | None = None

    async def until(self, now: datetime) -> datetime:
        """Timers due by then may fire; at most `now`."""
        known_until = await self._timetable.known_until()
        read_at = time.monotonic() - (self._clock.now() - known_until).total_seconds()
        if self._noticed is None:
            self._noticed = (time.monotonic(), now)
        noticed_at, due_by = self._noticed
        if read_at < noticed_at:
            return min(known_until, now)
        self._noticed = None
        return min(max(known_until, due_by), now)
