"""Child processes that never outlive us.

Each child runs under a `sh` that holds the reading end of a pipe. Whatever ends this process (kill -9 too) closes the
writing end, and the watcher kills the child. `PR_SET_PDEATHSIG` would spare the `sh`, but it exists on Linux only,
fires when the *thread* that started the child ends, and needs a `preexec_fn`, against which Python 3.12 warns.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_WATCHED = """
exec 9<&0 </dev/null
trap : TERM INT HUP
"$@" 9<&- & child=$!
(trap '' TERM INT HUP; read _ <&9; kill -9 $child) 2>/dev/null & watcher=$!
exec 9<&-
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
kill -9 $watcher 2>/dev/null
exit $code
"""

Child = subprocess.Popen[bytes]


def spawn(
    argv: Sequence[str], *, log: Path, inherit: Sequence[int] = (), env: Mapping[str, str] | None = None
) -> Child:
    """Start `argv` in a session of its own, so that Ctrl-C reaches only us. `inherit` are descriptors it keeps open."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            ["/bin/sh", "-c", _WATCHED, argv[0], *argv],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=inherit,
            env=env,
            start_new_session=True,
        )


def terminate(child: Child) -> None:
    """Ask politely and do not wait."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)


def kill(child: Child) -> None:
    """kill -9, and return when it is gone (the `sh` reaps it, so its ports and files are free)."""
    _close_pipe(child)
    child.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # what it had started itself


def stop(child: Child, *, seconds: float) -> None:
    """Ask politely, wait `seconds`, then kill -9."""
    terminate(child)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(child)
    _close_pipe(child)


def _close_pipe(child: Child) -> None:
    if child.stdin is not None:
        child.stdin.close()
