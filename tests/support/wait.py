"""The one place in the tests that waits: for a condition, never for a time."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast, overload

Seen = TypeVar("Seen")


@overload
async def eventually(
    check: Callable[[], Awaitable[Seen]],
    *,
    timeout: float = 20,  # noqa: ASYNC109
    every: float = 0.02,
) -> Seen: ...
@overload
async def eventually(
    check: Callable[[], Seen],
    *,
    timeout: float = 20,  # noqa: ASYNC109
    every: float = 0.02,
) -> Seen: ...
async def eventually(
    check: Callable[[], Seen | Awaitable[Seen]],
    *,
    timeout: float = 20,  # noqa: ASYNC109 (a patience, told in the failure)
    every: float = 0.02,
) -> Seen:
    """Call `check` (plain or async) until it answers something true, and return that.

    An AssertionError, LookupError or OSError out of `check` means "not yet"; anything else is raised at once. After
    `timeout` seconds an AssertionError says how often it was asked and what was seen last.
    """
    deadline = time.monotonic() + timeout
    asked = 0
    while True:
        asked += 1
        failure: Exception | None = None
        seen: object = None
        try:
            answer = check()
            seen = await answer if inspect.isawaitable(answer) else answer
            if seen:
                return cast(Seen, seen)
        except (AssertionError, LookupError, OSError) as error:
            failure = error
        if time.monotonic() > deadline:
            last = repr(seen) if failure is None else f"{type(failure).__name__}: {failure}"
            raise AssertionError(f"not within {timeout} s, asked {asked} times; last: {last}") from failure
        await asyncio.sleep(every)


def wait_until(is_so: Callable[[], bool], *, what: str, seconds: float) -> None:
    """The same where there is no event loop. Raises TimeoutError that names `what`."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
