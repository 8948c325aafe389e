"""Who helps in a programme now?"""

from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import HelperListed, HelperUnlisted
from contracts.topics import MATCHING


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case HelperListed(person_id=person_id, programme=programme):
            return (f"{recorded.tenant}/{person_id}_{programme}",)
        case HelperUnlisted(person_id=person_id, programme=programme):
            return (f"{recorded.tenant}/{person_id}_{programme}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case HelperListed(person_id=person_id, programme=programme):
            return {"person_id": person_id, "programme": programme}
        case HelperUnlisted():
            return None
        case _:
            return body


helpers = Projection(
    name="helpers",
    version=1,
    topics=(MATCHING,),
    handles=(HelperListed, HelperUnlisted),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "person_id")),),
)


async def helpers_of(reading: ReadModels, tenant: str, programme: str) -> list[str]:
    """All of them: a programme has hundreds, not millions."""
    found = await reading.find(helpers, tenant, {"programme": programme}, sort=(("person_id", 1),), limit=0)
    return [document["person_id"] for document in found]
