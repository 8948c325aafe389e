"""How often has somebody given and received help? Shown to that person alone; no debt, no balance (S1.15)."""

from collections.abc import Iterable

from chassis.position import Position
from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import TaskCompleted


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    event = recorded.event
    if isinstance(event, TaskCompleted):
        yield f"{recorded.tenant}/{event.requester_id}"
        yield f"{recorded.tenant}/{event.helper_id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    body: JsonObject = document or {"given": 0, "received": 0}
    event = recorded.event
    if isinstance(event, TaskCompleted):
        gave = key == f"{recorded.tenant}/{event.helper_id}"
        body["given" if gave else "received"] += 1
    return body


exchanges = Projection(
    name="exchanges", version=1, topics=(topics.MATCHING,), handles=(TaskCompleted,), keys=_keys, fold=_fold
)


async def given_and_received(
    reading: ReadModels, tenant: str, person_id: str, *, at_least: Position | None = None
) -> tuple[int, int]:
    found = await reading.get(exchanges, tenant, person_id, min_position=at_least)
    return (0, 0) if found is None else (found["given"], found["received"])
