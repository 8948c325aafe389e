"""One stack per directory: a lock that can never be stale, and a note of where the running stack is."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.problem import StackProblem

_ORPHANS_GONE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class State:
    """Who runs the stack of a directory, and on which ports; kept after the end so that the next start is the same."""

    pid: int
    kafka_port: int
    controller_port: int
    mongo_port: int

    @property
    def kafka(self) -> str:
        return f"127.0.0.1:{self.kafka_port}"

    @property
    def mongo(self) -> str:
        return f"mongodb://127.0.0.1:{self.mongo_port}/?replicaSet=rs0"


class RootLock:
    """An flock on `<root>/lock` whose descriptor the engines inherit.

    The kernel frees it when the last of them is gone: a leftover file means nothing, and two Kafkas never share a
    directory, which would leave one of them spinning.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._descriptor = _open(root)
        deadline = time.monotonic() + _ORPHANS_GONE_SECONDS
        while not self._try():
            state = read_state(root)
            if state is not None and _is_alive(state.pid):
                os.close(self._descriptor)
                where = f"Kafka on {state.kafka}, MongoDB on {state.mongo}"
                raise StackProblem(f"The stack in {root} is already running (process {state.pid}): {where}.")
            if time.monotonic() > deadline:
                os.close(self._descriptor)
                raise StackProblem(f"Engines of an earlier stack still use {root}: `fuser {root}/lock` lists them.")
            time.sleep(0.05)

    def fileno(self) -> int:
        return self._descriptor

    def release(self) -> None:
        os.close(self._descriptor)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        return True


def read_state(root: Path) -> State | None:
    """What the last or running stack of `root` wrote; None when there was none or it cannot be read."""
    try:
        return State(**json.loads((root / "state.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_state(root: Path, state: State) -> None:
    draft = root / "state.json.new"
    draft.write_text(json.dumps(asdict(state), indent=1) + "\n")
    draft.replace(root / "state.json")


def _open(root: Path) -> int:
    try:
        root.mkdir(parents=True, exist_ok=True)
        return os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StackProblem(f"Cannot write in {root}: {error.strerror}.") from error


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
