"""The supervisor: what ends is started again, and said; what never gets ready is named."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.problem import StackProblem
from deploy.local.supervisor import Program, Supervisor
from tests.support.wait import eventually

SERVE = "import http.server, sys; http.server.HTTPServer(('127.0.0.1', {port}), http.server.SimpleHTTPRequestHandler)"


@asynccontextmanager
async def supervised(tmp_path: Path, code: str) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    port = free_port()
    command = (sys.executable, "-I", "-S", "-c", code.format(port=port))
    ready_url = f"http://127.0.0.1:{port}/"
    env = dict(os.environ)
    supervisor.start(Program("thing", command, env, tmp_path / "thing.log", ready_url))
    try:
        yield supervisor, said
    finally:
        await supervisor.stop()


async def test_a_program_that_was_killed_is_running_again_shortly_after(tmp_path: Path) -> None:
    async with supervised(tmp_path, f"{SERVE}.serve_forever()") as (supervisor, said):
        await supervisor.wait_until_ready(seconds=10)
        first = supervisor.pid_of("thing")
        assert first is not None
        os.killpg(first, 9)
        await eventually(lambda: supervisor.pid_of("thing") != first)
        await supervisor.wait_until_ready(seconds=10)
    assert [sentence.split(";")[0] for sentence in said] == ["thing ended (exit code -9)"]


async def test_a_program_that_ends_again_and_again_is_named_with_what_it_said_last(tmp_path: Path) -> None:
    async with supervised(tmp_path, "raise SystemExit('no engine there')") as (supervisor, said):
        with pytest.raises(StackProblem, match=r"thing ends while starting: no engine there \(see .*thing\.log\)"):
            await supervisor.wait_until_ready(seconds=10)
    assert [sentence.split("; ")[1] for sentence in said] == [
        "starting it again in 0.5 s",
        "starting it again in 1.0 s",
        "starting it again in 2.0 s",
    ]


async def test_a_program_that_never_says_that_it_is_ready_is_named(tmp_path: Path) -> None:
    async with supervised(tmp_path, "import threading; threading.Event().wait()") as (supervisor, _):
        with pytest.raises(StackProblem, match="thing is not ready: it does not answer"):
            await supervisor.wait_until_ready(seconds=0.2)
