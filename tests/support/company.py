"""The processes that run one suite side by side: the engines are shared among them."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.support.stack import Addresses, Given


class Company:
    """One process of those that run the suite; `directory` is the same for all of them and new for every run.

    The first that asks for engines starts them, and stops them when every other process has left. A lock that each
    holds from before the first test tells who is still there, also when one of them was killed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._presence = os.open(directory / "present", os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._presence, fcntl.LOCK_SH)
        self._hosted = ExitStack()

    def engines(self, running: Callable[[], AbstractContextManager[Addresses]]) -> Addresses:
        """Those of the process that asked first, which `running` starts for all."""
        note = self._directory / "engines.json"
        with _alone(self._directory / "starting"):
            if note.exists():
                return Given(**json.loads(note.read_text()))
            addresses = self._hosted.enter_context(running())
            self._hosted.callback(fcntl.flock, self._presence, fcntl.LOCK_EX)  # the others have left
            note.write_text(json.dumps({"kafka": addresses.kafka, "mongo": addresses.mongo}))
            return addresses

    def leave(self) -> None:
        """At the very end; what this process started for the others stays until they have left."""
        self._hosted.close()
        os.close(self._presence)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
