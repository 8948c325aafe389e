"""Group commit: writes that arrive while one is under way share the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_LARGEST_GROUP = 1_000


class GroupCommit(Generic[Item, Result]):
    """One flush is in flight at a time, and none lingers: alone, a write is as quick as without a group.

    `flush` answers for each item, in order, with a result or an exception for that caller. It runs in a task of its
    own: a caller that is cancelled takes nobody along.
    """

    def __init__(self, flush: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]) -> None:
        self._flush = flush
        self._waiting: deque[tuple[Item, asyncio.Future[Result | Exception]]] = deque()
        self._flusher: asyncio.Task[None] | None = None

    async def write(self, item: Item) -> Result:
        """The result that the flush had for this item; raises its exception."""
        result = await self.submit(item)
        if isinstance(result, Exception):
            raise result
        return result

    def submit(self, item: Item) -> "asyncio.Future[Result | Exception]":
        """The same for those who do not wait here; an exception is the future's result."""
        answer: asyncio.Future[Result | Exception] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._run(), name="group-commit")
        return answer

    async def drain(self) -> None:
        """Wait until everything that was handed in has its answer."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])

    async def _run(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_GROUP))]
                await self._settle(group)
        finally:
            self._flusher = None
            for _, answer in self._waiting:
                answer.cancel()
            self._waiting.clear()

    async def _settle(self, group: Sequence[tuple[Item, asyncio.Future[Result | Exception]]]) -> None:
        try:
            results = await self._flush([item for item, _ in group])
        except Exception as fault:  # noqa: BLE001 - whatever it is, every caller is told
            results = [fault] * len(group)
        except asyncio.CancelledError:
            for _, answer in group:
                answer.cancel()
            raise
        for (_, answer), result in zip(group, results, strict=True):
            if not answer.done():
                answer.set_result(result)
