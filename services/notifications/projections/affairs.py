"""Is this proposal, match or visit still open, and who has answered? What is over is told nobody as if it were not."""

from pydantic import AwareDatetime, BaseModel, Field

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.matching import (
    HelperProposed,
    LoneVisitEnded,
    MatchEnded,
    MatchReviewed,
    MeetingArranged,
    MeetingMissed,
    NoSaid,
    ProposalDropped,
    ProposalRefused,
    SearchSettled,
    TaskCompleted,
    TaskDone,
    YesSaid,
)
from contracts.notifications import MessageDue
from contracts.topics import MATCHING
from services.notifications.projections.tenders import is_any_open, is_still_open

_OF_A_PROPOSAL = (
    HelperProposed,
    MeetingArranged,
    MeetingMissed,
    YesSaid,
    NoSaid,
    ProposalDropped,
    ProposalRefused,
    SearchSettled,
    TaskDone,
    TaskCompleted,
)
_OF_A_MATCH = (MatchEnded, MatchReviewed)
_ENDING = (ProposalDropped, ProposalRefused, SearchSettled, TaskCompleted, MatchEnded, LoneVisitEnded)


class Affair(BaseModel):
    """A proposal, a match or a lone visit by its id. `sides` are person ids, `answered` those who said yes or no.

    `done` are those who said that the task is.

    It is read where a message is sent and nowhere else: an answer stays hidden from the other (S2.28).
    """

    sides: dict[str, str] = Field(default_factory=dict)
    answered: list[str] = Field(default_factory=list)
    done: list[str] = Field(default_factory=list)
    meets_at: AwareDatetime | None = None
    reviewed_at: AwareDatetime | None = None
    is_over: bool = False

    def is_over_for(self, due: MessageDue) -> bool:
        """Whether the words of the message have become untrue."""
        match due.occasion:
            case "invited" | "proposed" | "reminder":
                return self.is_over or due.recipient_id in self.answered
            case "meeting-arranged":
                return self.is_over or self.meets_at != due.details.meets_at
            case "review":
                return self.is_over or (self.reviewed_at is not None and self.reviewed_at > due.due_at)
            case "say-done":
                return self.is_over or due.recipient_id in self.done
            case "check-in" | "end-near" | "lone-visit-overdue" | "chosen" | "contact-agreed":
                return self.is_over
            case _:
                return False


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    event = recorded.event
    if isinstance(event, _OF_A_PROPOSAL):
        return (f"{recorded.tenant}/{event.proposal_id}",)
    if isinstance(event, _OF_A_MATCH):
        return (f"{recorded.tenant}/{event.match_id}",)
    if isinstance(event, LoneVisitEnded):
        return (f"{recorded.tenant}/{event.visit_id}",)
    return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    known = Affair.model_validate(body or {})
    match recorded.event:
        case HelperProposed(person_id=requester, helper_id=helper):
            known.sides = {"requester": requester, "helper": helper}
        case MeetingArranged(meets_at=meets_at):
            known.meets_at = meets_at
        case MeetingMissed():
            known.meets_at = None
        case YesSaid(said_by=side) | NoSaid(said_by=side):
            known.answered = sorted({*known.answered, *filter(None, [known.sides.get(side)])})
        case TaskDone(done_by=side):
            known.done = sorted({*known.done, *filter(None, [known.sides.get(side)])})
        case event if isinstance(event, _ENDING):
            known.is_over = True
        case MatchReviewed():
            known.reviewed_at = recorded.origin.occurred_at
        case _:
            return body
    return known.model_dump(mode="json")


affairs = Projection(
    name="affairs",
    version=2,
    topics=(MATCHING,),
    handles=(*_OF_A_PROPOSAL, *_OF_A_MATCH, LoneVisitEnded),
    keys=_keys,
    fold=_fold,
)


async def is_over(reading: ReadModels, tenant: str, due: MessageDue) -> bool:
    """Whether what the message is about has ended or was answered; what nobody heard the end of goes on."""
    if due.occasion == "tender-open":
        return due.about is None or not await is_still_open(reading, tenant, due.about)
    if due.occasion == "tender-news":
        return not await is_any_open(reading, tenant, due.programme, at=due.due_at)
    found = None if due.about is None else await reading.get(affairs, tenant, due.about)
    return found is not None and Affair.model_validate(found).is_over_for(due)
