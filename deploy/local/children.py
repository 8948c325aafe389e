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


class Child:
    """One program, not started yet. It may be started, killed and started again; what never ran is easily stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, argv: Sequence[str], *, log: Path, inherit: Sequence[int] = (), env: Mapping[str, str] | None = None
    ) -> None:
        """Run `argv` in a session of its own, so that Ctrl-C reaches only us; an earlier run has ended.

        `inherit` are descriptors it keeps open.
        """
        self._close_pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, argv[0], *argv],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=inherit,
                env=env,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process group of the last run."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the last run ended; None before that."""
        return None if self._process is None else self._process.poll()

    def terminate(self) -> None:
        """Ask politely and do not wait."""
        if self._process is not None and self.is_running:
            os.killpg(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """kill -9, and return when it is gone (the `sh` reaps it, so its ports and files are free)."""
        if self._process is not None:
            self._close_pipe()
            self._process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # what it had started itself

    def stop(self, *, seconds: float = 8.0) -> None:
        """Ask politely, wait `seconds`, then kill -9."""
        if self._process is not None:
            self.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
            self._close_pipe()

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
