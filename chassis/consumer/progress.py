"""How far this process has read each stream, for queries that wait for what they wrote."""

import asyncio
from collections.abc import Mapping

_REMEMBERED_STREAMS = 10_000


class Progress:
    """The last position worked off per stream, also of events that the read model does not handle.

    Only the streams read last are remembered: a query waits for what was just written.
    """

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}
        self._waiting: dict[str, list[tuple[int, asyncio.Future[None]]]] = {}

    def note(self, positions: Mapping[str, int]) -> None:
        """The streams are worked off up to there, durably."""
        for stream, position in positions.items():
            self._advance(stream, position)
        while len(self._positions) > _REMEMBERED_STREAMS:
            del self._positions[next(iter(self._positions))]

    async def reached(self, stream: str, position: int) -> None:
        """Returns when the stream is worked off up to the position: at once, when it is, and never, when it is not."""
        if self._positions.get(stream, 0) >= position:
            return
        future = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(stream, [])
        waiting.append((position, future))
        try:
            await future
        finally:
            waiting.remove((position, future))
            if not waiting:
                self._waiting.pop(stream, None)

    def _advance(self, stream: str, position: int) -> None:
        reached = max(self._positions.pop(stream, 0), position)
        self._positions[stream] = reached
        for wanted, future in self._waiting.get(stream, ()):
            if wanted <= reached and not future.done():
                future.set_result(None)
