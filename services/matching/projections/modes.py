"""Who wishes to be left in peace? (S3.30)"""

from collections.abc import Iterable
from datetime import timedelta

from chassis.clock import Clock
from chassis.projection import Projection
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ModeChosen

# Mode may be a minute old (domain.md, rule 9).
_FRESH_FOR = timedelta(seconds=60)


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(_document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    event = recorded.event
    return {"mode": event.mode} if isinstance(event, ModeChosen) else None


modes = Projection(name="modes", version=1, topics=(topics.INTAKE,), handles=(ModeChosen,), keys=_keys, fold=_fold)


class StoredModes:
    def __init__(self, reading: ReadModels, clock: Clock) -> None:
        self._reading = reading
        self._clock = clock

    async def any_in_peace(self, tenant: str, *person_ids: str) -> bool:
        """Whether one of them is in fristed. Raises FactsTooOld, which is retryable: fail closed."""
        as_of = await self._reading.facts_as_of(modes)
        if self._clock.now() - as_of > _FRESH_FOR:
            raise FactsTooOld("who is in fristed")
        names = [f"{tenant}/{person_id}" for person_id in person_ids]
        return bool(await self._reading.count(modes, tenant, {"_id": {"$in": names}, "mode": "fristed"}))
