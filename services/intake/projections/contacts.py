"""Which two may reach each other about a task, and until when? Who they are stays with their persons (S1.2)."""

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import ContactAgreed, ProposalDropped, SearchClosed, TaskCompleted
from contracts.topics import MATCHING


class ContactDocument(BaseModel):
    """`ended_at` is when the task was done by both, or the finding stopped before it was."""

    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    agreed_at: AwareDatetime
    ended_at: AwareDatetime | None = None

    def other_than(self, person_id: str | None) -> str | None:
        """The other of the two; None for everybody else."""
        others = {self.requester_id: self.helper_id, self.helper_id: self.requester_id}
        return None if person_id is None else others.get(person_id)


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event = recorded.event
    if isinstance(event, ContactAgreed):
        return ContactDocument.model_validate(event.model_dump(exclude={"category"})).model_dump(mode="json")
    if body is None:
        return None
    known = ContactDocument.model_validate(body)
    match event:
        case ProposalDropped(proposal_id=proposal_id) if proposal_id == known.proposal_id:
            return None
        case TaskCompleted(completed_at=at):
            known.ended_at = known.ended_at or at
        case SearchClosed():
            known.ended_at = known.ended_at or recorded.origin.occurred_at
        case _:
            pass
    return known.model_dump(mode="json")


contacts = Projection(
    name="contacts",
    version=1,
    topics=(MATCHING,),
    handles=(ContactAgreed, ProposalDropped, TaskCompleted, SearchClosed),
    keys=_keys,
    fold=_fold,
)


async def contact_of(
    reading: ReadModels, tenant: str, request_id: str, *, at_least: Position | None = None
) -> ContactDocument | None:
    found = await reading.get(contacts, tenant, request_id, min_position=at_least)
    return None if found is None else ContactDocument.model_validate(found)
