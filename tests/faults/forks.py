"""Processes that are forked from one that has loaded everything: a life costs no import."""

import multiprocessing
import os
import signal
from multiprocessing.connection import wait
from threading import Thread

# There is one server of forks for all tests of a process, whoever starts it first.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [f"tests.faults.{name}" for name in ("consumer_process", "relay_process", "mortal_service")]
)


def die_with_the_tests() -> None:
    """From now on this process ends when the one that asked for it ends."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os.kill(os.getpid(), signal.SIGKILL)

    Thread(target=watch, daemon=True).start()
