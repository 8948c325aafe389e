"""Who has signed up for a gathering, and when does it begin? Read only to tell them that it is off."""

from pydantic import AwareDatetime, BaseModel, Field

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import Enrolled, EnrolmentWithdrawn, SessionHeld, SessionScheduled
from contracts.topics import MATCHING


class Gathering(BaseModel):
    begins_at: AwareDatetime | None = None
    people: list[str] = Field(default_factory=list)


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    known = Gathering.model_validate(body or {})
    match recorded.event:
        case SessionScheduled(begins_at=begins_at):
            known.begins_at = begins_at
        case Enrolled(person_id=person_id):
            known.people = sorted({*known.people, person_id})
        case EnrolmentWithdrawn(person_id=person_id):
            known.people = [one for one in known.people if one != person_id]
        case SessionHeld():
            # It took place: who had signed up is nobody's business here any more.
            return None
        case _:
            return body
    return known.model_dump()


gatherings = Projection(
    name="gatherings",
    version=1,
    topics=(MATCHING,),
    handles=(SessionScheduled, Enrolled, EnrolmentWithdrawn, SessionHeld),
    keys=_keys,
    fold=_fold,
)


async def gathering_of(reading: ReadModels, tenant: str, session_id: str) -> Gathering:
    found = await reading.get(gatherings, tenant, session_id)
    return Gathering() if found is None else Gathering.model_validate(found)
