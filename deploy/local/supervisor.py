"""Keeps processes running: one that ends is started again after a pause, and said aloud."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.local.children import Child
from deploy.local.logs import begin_log, last_line
from deploy.local.problem import StackProblem

_POLL_SECONDS = 0.05
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0
_LIVED_WELL_SECONDS = 30.0
_HOPELESS_ENDS = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and where it says that it is ready (an URL that answers 200)."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    ready_url: str | None = None


@dataclass(slots=True)
class Supervisor:
    """Runs programs until `stop`. The pause before a restart: 0.5 s, doubling to 15 s, anew after half a minute."""

    say: Say
    _children: dict[str, Child] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _programs: list[Program] = field(default_factory=list)
    _ended: Counter[str] = field(default_factory=Counter)

    def start(self, program: Program) -> None:
        """Start at once; needs a running event loop."""
        begin_log(program.log)
        self._programs.append(program)
        child = self._children[program.name] = Child()
        _start(child, program)
        self._tasks.append(asyncio.create_task(self._keep_running(child, program)))

    def pid_of(self, name: str) -> int | None:
        """The process group of a program, for tests that kill it."""
        return self._children[name].pid

    async def wait_until_ready(self, *, seconds: float) -> None:
        """Return when every program has said so. Raises StackProblem about one that has not, or keeps ending."""
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            await asyncio.gather(*(self._wait_for(client, program, deadline) for program in self._programs))

    async def stop(self) -> None:
        """Ask all at once, and kill -9 what has not ended after some seconds."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            await asyncio.to_thread(child.stop)

    async def _keep_running(self, child: Child, program: Program) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            while child.is_running:  # noqa: ASYNC110 (a process has no event)
                await asyncio.sleep(_POLL_SECONDS)
            child.kill()  # whatever it had started itself
            if time.monotonic() - began > _LIVED_WELL_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            self._ended[program.name] += 1
            how = f"{program.name} ended (exit code {child.exit_code})"
            self.say(f"{how}; starting it again in {pause:.1f} s; see {program.log}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            _start(child, program)

    async def _wait_for(self, client: httpx.AsyncClient, program: Program, deadline: float) -> None:
        last = "it does not answer"
        while program.ready_url is not None:
            try:
                answer = await client.get(program.ready_url)
                if answer.status_code == httpx.codes.OK:
                    self._ended[program.name] = 0
                    return
                last = answer.text[:300]
            except httpx.TransportError:
                pass
            if self._ended[program.name] >= _HOPELESS_ENDS:
                raise StackProblem(f"{program.name} ends while starting: {last_line(program.log)} (see {program.log}).")
            if time.monotonic() > deadline:
                raise StackProblem(f"{program.name} is not ready: {last} (see {program.log}).")
            await asyncio.sleep(_POLL_SECONDS)


def _start(child: Child, program: Program) -> None:
    child.start(program.command, log=program.log, env=program.env)
