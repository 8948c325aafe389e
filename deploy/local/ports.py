"""Ports on the loopback interface."""

from __future__ import annotations

import random
import socket

from deploy.local.problem import StackProblem

HOST = "127.0.0.1"
_BELOW_EPHEMERAL = range(20_000, 32_000)  # the kernel hands out ports from 32768 for outgoing connections


def is_free(port: int) -> bool:
    """Whether a server can listen on `port` now; a port that merely lingers after a restart counts as free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on, below those the kernel gives to outgoing connections."""
    for _ in range(200):
        port = random.choice(_BELOW_EPHEMERAL)  # noqa: S311 (spreading, not secrecy)
        if is_free(port):
            return port
    raise StackProblem(f"No free port between {_BELOW_EPHEMERAL[0]} and {_BELOW_EPHEMERAL[-1]} on {HOST}.")


def choose(wanted: int | None, *, remembered: int | None, what: str) -> int:
    """The wanted port (taken: StackProblem), else the one of last time when it is free, else any free one."""
    if wanted is not None:
        require_free(wanted, what=what)
        return wanted
    if remembered is not None and is_free(remembered):
        return remembered
    return free_port()


def require_free(port: int, *, what: str) -> None:
    """Raise StackProblem when somebody listens on `port` already."""
    if not is_free(port):
        raise StackProblem(f"Port {port} for {what} is taken: stop the program that uses it or choose another port.")
