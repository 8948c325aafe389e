"""Readiness: what this process needs, whether it has it, and since when. Says no address and no secret."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from chassis.clock import Clock, SystemClock

Check = Callable[[], Awaitable[str | None]]

_TIMEOUT_SECONDS = 2.0
_FRESH_SECONDS = 1.0  # /readyz is open to all: asking it often must not mean asking the engines often

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Checked:
    """`what` in plain words; `fault` a fixed word, None when well; `since` the moment this state began, in UTC.

    Where `is_needed` is false the process answers well without it: operators see the fault, callers are not sent away.
    """

    name: str
    what: str
    fault: str | None
    since: datetime
    is_needed: bool = True


@dataclass(slots=True)
class _Registered:
    what: str
    check: Check
    is_needed: bool
    fault: str | None = None
    since: datetime | None = None


@dataclass(slots=True)
class Health:
    """Checks register here; `report` runs them all at once, at most once a second."""

    clock: Clock = field(default_factory=SystemClock)
    monotonic: Callable[[], float] = time.monotonic
    _checks: dict[str, _Registered] = field(default_factory=dict)
    _reported_at: float = float("-inf")
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def register(self, name: str, what: str, check: Check, *, is_needed: bool = True) -> None:
        """`check` gives None when well, else a fixed word; raising reads as `unreachable`, two seconds as `slow`."""
        if name in self._checks:
            raise ValueError(f"a health check {name} is registered already")
        self._checks[name] = _Registered(what, check, is_needed)

    async def report(self) -> list[Checked]:
        async with self._turn:
            if self.monotonic() - self._reported_at >= _FRESH_SECONDS:
                await asyncio.gather(*(self._run(name, entry) for name, entry in self._checks.items()))
                self._reported_at = self.monotonic()
            return [
                Checked(name, entry.what, entry.fault, entry.since or self.clock.now(), entry.is_needed)
                for name, entry in self._checks.items()
            ]

    async def _run(self, name: str, entry: _Registered) -> None:
        fault = await _fault_of(entry.check)
        if fault != entry.fault or entry.since is None:
            log.info("health_changed", check=name, fault=fault)
            entry.fault, entry.since = fault, self.clock.now()


async def _fault_of(check: Check) -> str | None:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            return await check()
    except TimeoutError:
        return "slow"
    except Exception as fault:  # noqa: BLE001 - whatever a driver raises, the answer is that we are not ready
        log.warning("health_check_raised", error=type(fault).__name__)
        return "unreachable"
