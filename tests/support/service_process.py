"""The real services as processes, `python -m services.<name>`, that can be frozen, looked at, and killed.

Freezing (SIGSTOP) makes a point in the middle of the work hold still: what a process has done so far is looked up in
the store and in Kafka; it is killed if it is where it should die, else it goes on. Production code knows nothing of it.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from chassis.service import Role
from deploy.local.children import Child
from deploy.local.ports import HOST, free_port
from tests.support.service import Place
from tests.support.wait import eventually

_READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Part:
    """A service, and which of its roles a process plays (none: all)."""

    service: str
    roles: tuple[Role, ...] = ()

    @property
    def name(self) -> str:
        return "-".join([self.service, *self.roles])


@dataclass(slots=True)
class ServiceProcess:
    """One process. It keeps its port over restarts, so that clients find it again."""

    part: Part
    env: Mapping[str, str]
    logs: Path
    port: int = field(default_factory=free_port)
    kills: int = 0
    _child: Child = field(default_factory=Child)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        roles = [argument for role in self.part.roles for argument in ("--role", role.value)]
        env = {**self.env, "KOBLING_PORT": str(self.port), "KOBLING_HOST": HOST}
        self._child.start(
            (sys.executable, "-m", f"services.{self.part.service}", *roles),
            log=self.logs / f"{self.part.name}.log",
            env=env,
        )

    async def until_ready(self) -> None:
        """Everything it does, it does: its consumers have their partitions."""

        async def is_ready() -> bool:
            assert self._child.is_running, f"{self.part.name} ended: {self._last_words()}"
            async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
                try:
                    return (await client.get(f"{self.url}/readyz")).is_success
                except httpx.TransportError:
                    return False

        await eventually(is_ready, timeout=_READY_SECONDS, every=0.1)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9, frozen or not."""
        self.kills += 1
        self._child.kill()

    def stop(self) -> None:
        """Ask it to end; whatever it does not finish in some seconds is killed."""
        if self._child.is_running:
            self.thaw()
            self._child.stop()

    def memory_bytes(self) -> int:
        """What it holds in memory now."""
        return self._python().memory_info().rss

    def cpu_seconds(self) -> float:
        """What it has used since it started."""
        times = self._python().cpu_times()
        return times.user + times.system

    def _python(self) -> psutil.Process:
        """The service itself; a shell watches over it."""
        assert self._child.pid is not None
        [python] = [child for child in psutil.Process(self._child.pid).children() if "python" in child.name()]
        return python

    def _signal(self, number: signal.Signals) -> None:
        self._python().send_signal(number)

    def _last_words(self) -> str:
        log = self.logs / f"{self.part.name}.log"
        return log.read_text()[-500:] if log.exists() else ""


def environment(place: Place, **changes: Any) -> dict[str, str]:
    """Ours without the settings of the outside, and those of the place with these changes."""
    settings = place.settings(**changes).model_dump(exclude_none=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOBLING_")}
    return {**kept, **{f"KOBLING_{name.upper()}": str(value) for name, value in settings.items()}}


def started(parts: Sequence[Part], env: Mapping[str, str], logs: Path) -> list[ServiceProcess]:
    """A process for each, on its way up."""
    processes = [ServiceProcess(part, env, logs) for part in parts]
    for process in processes:
        process.start()
    return processes
