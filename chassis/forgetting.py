"""Read models that drop for ever what they hold about somebody who leaves without a trace (S2.3)."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from chassis.projection import Projection
from contracts.base import Event
from contracts.envelope import RecordedEvent

Names = Callable[[Event], Iterable[str]]


def forgetting(
    projection: Projection, *, topics: tuple[str, ...], on: tuple[type[Event], ...], names: Names
) -> Projection:
    """The projection, dropping the documents `names` gives for each of the events `on`, which come on `topics`.

    `names` are the ids of documents without their tenant; it is pure, and total for these events.
    """

    def keys(recorded: RecordedEvent) -> Iterable[str]:
        return () if isinstance(recorded.event, on) else projection.keys(recorded)

    def forgets(recorded: RecordedEvent) -> Iterable[str]:
        if not isinstance(recorded.event, on):
            return ()
        return tuple(f"{recorded.tenant}/{name}" for name in names(recorded.event))

    return replace(
        projection,
        topics=tuple(dict.fromkeys((*projection.topics, *topics))),
        handles=(*projection.handles, *on),
        keys=keys,
        forgets=forgets,
    )
