"""Commits that the store of this process hands over, and which of them may be sent without reading the outbox."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from chassis.event_store.documents import CommitDocument, last_position

_MOST_WAITING = 4_000


class FreshCommits:
    """A commit may be sent unread when everything before it in its stream was sent by us.

    That holds for the first commit of a stream, and for one that follows directly on the last we relayed. For any
    other, some process may have appended what we have not seen: the outbox must be read.
    """

    def __init__(self, *, capacity: int = 16_384) -> None:
        self._capacity = capacity
        self._relayed: OrderedDict[str, int] = OrderedDict()
        self._waiting: list[CommitDocument] = []
        self._has_gap = True

    def offer(self, documents: Sequence[CommitDocument]) -> None:
        """Documents that a majority has, in the order of their streams."""
        if len(self._waiting) + len(documents) > _MOST_WAITING:
            self._waiting.clear()
            self._has_gap = True
        if not self._has_gap:
            self._waiting.extend(documents)

    def take(self) -> list[CommitDocument] | None:
        """What may be sent now, in order; None when the outbox must be read."""
        if self._has_gap:
            return None
        offered, self._waiting = self._waiting, []
        ahead: dict[str, int] = {}
        sendable = []
        for document in offered:
            stream = document["s"]
            relayed = ahead.get(stream) or self._relayed.get(stream, 0)
            if last_position(document) <= relayed:
                continue
            if document["v"] != relayed + 1:
                return None
            ahead[stream] = last_position(document)
            sendable.append(document)
        return sendable

    def begin_reading(self) -> None:
        """Whatever was dropped so far is in what will be read; what was kept is passed over once it was relayed."""
        self._has_gap = False

    def note_relayed(self, documents: Iterable[CommitDocument]) -> None:
        """These were acknowledged, in this order."""
        for document in documents:
            stream = document["s"]
            self._relayed[stream] = max(last_position(document), self._relayed.pop(stream, 0))
            if len(self._relayed) > self._capacity:
                self._relayed.popitem(last=False)

    def forget(self) -> None:
        """After an error, or a time without the lease: nothing is sent before the outbox was read."""
        self._relayed.clear()
        self._waiting.clear()
        self._has_gap = True
