"""What happened, when, and when did we know? A row per counted thing; figures are asked of these rows alone."""

from chassis.projection import IndexSpec, Projection
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.topics import INTAKE, MATCHING
from services.reporting.telling import COUNTED, facts_of


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return tuple(f"{recorded.tenant}/{recorded.event_id}{part}" for part in facts_of(recorded))


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    part = key.removeprefix(f"{recorded.tenant}/{recorded.event_id}")
    return facts_of(recorded)[part].model_dump(exclude_none=True)


facts = Projection(
    name="facts",
    version=3,
    topics=(INTAKE, MATCHING),
    handles=COUNTED,
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "kind", "happened_at")),),
)
