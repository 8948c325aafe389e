"""Two ways to wait for work that must not be left half done."""

import asyncio
from collections.abc import Awaitable, Iterable

from chassis.transient import is_transient


async def all_of(works: Iterable[Awaitable[None]]) -> None:
    """Await every one, whatever happens to the others; then raise the fault that does not pass by itself, or any."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    faults = [outcome for outcome in outcomes if outcome is not None]
    if faults:
        raise min(faults, key=is_transient)


async def to_the_end(work: Awaitable[None], *, seconds: float) -> None:
    """Let the work end even when we are cancelled, unless that takes longer than `seconds`."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=seconds)
        task.cancel()
        await asyncio.wait([task])
        raise
