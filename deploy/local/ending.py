"""When a command that stays up is to end: a signal, or the program that started it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

_PARENT_WATCH_SECONDS = 0.5


async def run_until_told(work: Coroutine[Any, Any, int]) -> int:
    """Run `work` to its end, or cancel it when told to end; its exit code, 0 when it was told.

    `work` tidies up on cancellation. A second signal ends the process at once; its children notice by their pipes.
    """
    told = asyncio.create_task(_until_told())
    working = asyncio.create_task(work)
    await asyncio.wait([told, working], return_when=asyncio.FIRST_COMPLETED)
    if told.done():
        working.cancel()
    told.cancel()
    try:
        return await working
    except asyncio.CancelledError:
        return 0


async def _until_told() -> None:
    """Return on SIGINT, SIGTERM or SIGHUP, or when the parent is gone.

    Under nohup (SIGHUP ignored) neither a hang-up nor a lost parent counts: whoever started us wanted us to stay.
    """
    told = asyncio.Event()
    stays = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

    def tell() -> None:
        if told.is_set():
            os._exit(130)
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM, *(() if stays else (signal.SIGHUP,))):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    parent = os.getppid()
    while not told.is_set() and (stays or os.getppid() == parent):
        try:
            await asyncio.wait_for(told.wait(), _PARENT_WATCH_SECONDS)
        except TimeoutError:
            continue
