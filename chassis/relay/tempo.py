"""When the relay works and when it rests."""

import asyncio
import time

import structlog

_SHORTEST_POLL_SECONDS, _LONGEST_POLL_SECONDS = 0.01, 0.5
_LEASE_POLL_SECONDS = 0.5
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 0.5

log = structlog.get_logger()


class Tempo:
    """The outbox is read more and more often, up to every 10 ms, while reading finds something, and more and more
    seldom while it does not.

    Between reads the relay sleeps until it is woken. While an engine is away nothing wakes it before its pause is over.
    """

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._poll_seconds = _SHORTEST_POLL_SECONDS
        self._read_at = 0.0
        self._pause_seconds = 0.0
        self._waits_for_lease = False

    @property
    def should_read(self) -> bool:
        return time.monotonic() >= self._read_at

    def wake(self) -> None:
        """Somebody in this process tells of appends: reading is only for those of other processes."""
        self._woken.set()

    def read_now(self) -> None:
        self._read_at = 0.0

    def has_read(self, *, found: bool, is_full: bool) -> None:
        poll_seconds = self._poll_seconds / 2 if found else self._poll_seconds * 2
        self._poll_seconds = min(max(_SHORTEST_POLL_SECONDS, poll_seconds), _LONGEST_POLL_SECONDS)
        self._read_at = 0.0 if is_full else time.monotonic() + self._poll_seconds

    def wait_for_lease(self) -> None:
        self._waits_for_lease = True

    def stalls(self, service: str, fault: Exception) -> None:
        """Something is away: pause, longer each time. Logged when it begins."""
        if not self._pause_seconds:
            log.warning("relay_stalled", service=service, fault=type(fault).__name__, detail=str(fault))
        self._pause_seconds = min(max(_FIRST_PAUSE_SECONDS, 2 * self._pause_seconds), _LONGEST_PAUSE_SECONDS)

    def flows(self, service: str) -> None:
        if self._pause_seconds:
            log.info("relay_flows", service=service)
        self._pause_seconds = 0.0

    async def rest(self) -> None:
        """Until there is something to do."""
        if self._pause_seconds:
            await asyncio.sleep(self._pause_seconds)
        elif self._waits_for_lease:
            self._waits_for_lease = False
            await asyncio.sleep(_LEASE_POLL_SECONDS)
        else:
            await self._until_woken(self._read_at - time.monotonic())

    async def _until_woken(self, seconds: float) -> None:
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                pass
        self._woken.clear()
