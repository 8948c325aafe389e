"""Which versions are known to end a commit."""

from collections import OrderedDict


class Boundaries:
    """A bounded memory of (stream, version) pairs in which a commit ended.

    Streams only grow, so what ended a commit once does so for ever, and forgetting costs a read, never the truth.
    Feed it with what a majority has: a rolled back version must not stay in here.
    """

    def __init__(self, *, capacity: int = 16_384) -> None:
        self._capacity = capacity
        self._known: OrderedDict[tuple[str, int], None] = OrderedDict()

    def remember(self, stream: str, version: int) -> None:
        self._known[stream, version] = None
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def has(self, stream: str, version: int) -> bool:
        """Version 0, before the first commit, is always one."""
        return version == 0 or (stream, version) in self._known
