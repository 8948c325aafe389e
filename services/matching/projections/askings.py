"""Who was ever asked for which kind of help? From it one sees which offers nobody has used yet (S1.10)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import HelperProposed, SearchOpened


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    yield f"{recorded.tenant}/{recorded.stream.id}"


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    body: JsonObject = document or {"asked": []}
    match recorded.event:
        case SearchOpened(programme=programme, category=category):
            body |= {"programme": programme, "category": category}
        case HelperProposed(helper_id=helper_id, proposed_at=proposed_at):
            body["asked"].append({"helper_id": helper_id, "at": proposed_at})
        case _:
            pass
    return body


askings = Projection(
    name="askings",
    version=1,
    topics=(topics.MATCHING,),
    handles=(SearchOpened, HelperProposed),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("asked.helper_id",)),),
)


async def times_asked(
    reading: ReadModels, tenant: str, helper_ids: Sequence[str]
) -> dict[tuple[str, str, str], list[datetime]]:
    """When each of these was asked: by programme, helper and category."""
    found = await reading.find(askings, tenant, {"asked.helper_id": {"$in": list(helper_ids)}}, limit=0)
    asked: dict[tuple[str, str, str], list[datetime]] = {}
    for document in found:
        for one in document["asked"]:
            name = (document["programme"], one["helper_id"], document["category"])
            asked.setdefault(name, []).append(one["at"])
    return asked
