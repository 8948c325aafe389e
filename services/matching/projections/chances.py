"""Who offers their help and is never chosen? Everybody is to have a chance to make a difference (S1.16).

Chosen is who got a task or a match: a choice that came to nothing takes nobody's turn.
"""

from collections.abc import Iterable

from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import HelpOffered, HelpTakenBack, SlotConfirmed


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    match recorded.event:
        case (
            HelpOffered(helper_id=helper_id, programme=programme)
            | HelpTakenBack(helper_id=helper_id, programme=programme)
        ):
            yield f"{recorded.tenant}/{helper_id}/{programme}"
        case SlotConfirmed(person_id=person_id, programme=programme):
            yield f"{recorded.tenant}/{person_id}/{programme}"
        case _:
            return


def _fold(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    _, helper_id, programme = key.split("/", 2)
    body: JsonObject = document or {
        "helper_id": helper_id,
        "programme": programme,
        "tenders": {},
        "offered": 0,
        "first_offered_at": None,
        "chosen": 0,
    }
    match recorded.event:
        case HelpOffered(tender_id=tender_id, offered_at=offered_at):
            body["tenders"][tender_id] = offered_at
        case HelpTakenBack(tender_id=tender_id):
            body["tenders"].pop(tender_id, None)
        case SlotConfirmed():
            body["chosen"] += 1
        case _:
            pass
    return body | {
        "offered": len(body["tenders"]),
        "first_offered_at": min(body["tenders"].values(), default=None),
    }


chances = Projection(
    name="chances",
    version=1,
    topics=(topics.MATCHING,),
    handles=(HelpOffered, HelpTakenBack, SlotConfirmed),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("chosen", "first_offered_at", "helper_id")),),
)


async def never_chosen(reading: ReadModels, tenant: str, programme: str | None, *, limit: int) -> list[JsonObject]:
    """Who offered on tenders and was never chosen, who has waited longest first."""
    query: JsonObject = {"chosen": 0, "offered": {"$gt": 0}} | ({} if programme is None else {"programme": programme})
    order = (("first_offered_at", 1), ("helper_id", 1))
    return await reading.find(chances, tenant, query, sort=order, limit=limit)
