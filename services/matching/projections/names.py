"""What is somebody called? A name stays sealed; it is kept to look for it in a tender's text (S1.14)."""

from collections.abc import Iterable

from chassis.projection import Projection
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import PersonRegistered


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(_document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    event = recorded.event
    if not isinstance(event, PersonRegistered):
        return None
    return {"name": {"subject": event.name.subject, "sealed": event.name.token}}


names = Projection(
    name="names", version=1, topics=(topics.INTAKE,), handles=(PersonRegistered,), keys=_keys, fold=_fold
)
