"""Serving an ASGI application inside the stack's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from deploy.local.ports import HOST
from deploy.local.problem import StackProblem

_GRACEFUL_SECONDS = 1


class _Server(uvicorn.Server):
    """A server that leaves the signals to the stack, which stops things in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(port: int, *, what: str, host: str = HOST) -> socket.socket:
    """Take `port` (0: any). Raises StackProblem when somebody has it."""
    try:
        return socket.create_server((host, port), backlog=512)
    except OSError as error:
        raise StackProblem(
            f"Port {port} for {what} is taken ({error.strerror}): choose another with --port."
        ) from error


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on `listener` while the context lasts; open connections get a second to finish."""
    server = _Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_GRACEFUL_SECONDS
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task
