"""A reaction turns an event into commands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contracts.base import Event
from contracts.envelope import RecordedEvent


@dataclass(frozen=True, slots=True)
class Reaction:
    """Event → command, with a command id derived from the event (`Context.caused_by`): delivered twice, done once.

    Called in order per stream, streams beside each other. What `react` raises decides what follows: a fault that
    passes (retryable Refusal, an engine or server away, a timeout) is tried again, first in place, then by itself with
    a growing pause, and the stream waits meanwhile; any other Refusal or exception puts the event among the dead
    letters, and the later events of its stream behind it. A refusal that is expected is caught by `react` itself.
    """

    name: str
    topics: tuple[str, ...]
    handles: tuple[type[Event], ...]
    react: Callable[[RecordedEvent], Awaitable[None]]
