"""What matching shows of a search: coordinators its candidates and proposals, the two only their own part."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import BaseModel

from contracts.base import JsonObject
from contracts.intake import Wishes
from contracts.matching import DropReason, Reason
from services.matching.domain.proposal import Phase
from services.matching.domain.search_state import Search
from services.matching.ranking.explain import Ranked

Answer = Literal["yes", "no"]
Side = Literal["requester", "helper"]
TenderNow = Literal["open", "chosen", "lapsed"]
OwnState = Literal["open", "agreed", "matched", "in-touch", "done", "over"]


class Done(BaseModel):
    """A command was done; `version` is its stream's, as in ETag."""

    id: str
    version: int


class MeetingView(BaseModel):
    """`meets_at` is when they meet, or met; null when the meeting was missed."""

    state: Literal["arranged", "held", "missed"]
    meets_at: datetime | None


class ProposalView(BaseModel):
    """`waits_for` names the rule by which a confirmation waits, though both said yes (S2.27).

    Not even a coordinator is told who said yes or no before both have answered. That two people are kept apart is told
    nobody here: it looks like a no (S2.9).
    """

    proposal_id: str
    helper_id: str
    state: Literal["live", "agreed", "dropped", "settled", "in-touch", "done"]
    proposed_by: str
    proposed_at: datetime
    until: datetime
    score: float
    reasons: list[Reason]
    policy_version: int
    needs_meeting: bool
    meeting: MeetingView | None
    answers: int
    waits_for: str | None
    dropped_for: DropReason | None
    match_id: str | None

    @classmethod
    def of(cls, document: JsonObject) -> Self:
        shown: JsonObject = {"answers": len(document["answers"])}
        if document["dropped_for"] == "block":
            shown["dropped_for"] = "no"
        return cls.model_validate(document | shown)


class ListedProposalView(ProposalView):
    """A proposal in the list of all that are under way."""

    request_id: str
    person_id: str
    programme: str


class SearchView(BaseModel):
    """A search in the work list. `proposal_id` is the live proposal; a `lapsed` tender is yours to open again."""

    request_id: str
    person_id: str
    programme: str
    category: str | None
    needed_since: date
    status: Literal["open", "settled", "parked", "withdrawn", "met"]
    wishes: Wishes
    proposal_id: str | None
    match_id: str | None
    tender: TenderNow | None

    @classmethod
    def of(cls, document: JsonObject, wishes: Wishes) -> "SearchView":
        return cls.model_validate(document | {"wishes": wishes})


class SearchDetail(SearchView):
    """With what was proposed so far, the newest first."""

    proposals: list[ProposalView]


class CandidateView(BaseModel):
    """`reasons` are codes with their part of the score. `why_not` names each hard rule that stands against it."""

    helper_id: str
    score: float
    reasons: list[Reason]
    why_not: list[str]

    @classmethod
    def of(cls, ranked: Ranked) -> "CandidateView":
        return cls(
            helper_id=ranked.helper_id,
            score=round(ranked.score, 4),
            reasons=list(ranked.reasons),
            why_not=list(ranked.why_not),
        )


class CandidateList(BaseModel):
    """Best first. Software ranks and explains, a person decides (S2.30)."""

    items: list[CandidateView]


class OwnProposalView(BaseModel):
    """A proposal as one of the two sees it. The other's answer is never shown, and an end has no reason (S2.28)."""

    proposal_id: str
    request_id: str
    programme: str
    you_are: Side
    state: OwnState
    needs_meeting: bool
    meeting: MeetingView | None
    your_answer: Answer | None
    until: datetime

    @classmethod
    def of(cls, document: JsonObject, person_id: str) -> "OwnProposalView":
        side = "requester" if document["person_id"] == person_id else "helper"
        own = {
            "you_are": side,
            "state": _STATES.get(document["state"], document["state"]),
            "your_answer": document["answers"].get(side),
        }
        return cls.model_validate(document | own)


_STATES = {"live": "open", "settled": "matched", "dropped": "over"}
_PHASES = {
    Phase.LIVE: "open",
    Phase.AGREED: "agreed",
    Phase.SECURED: "agreed",
    Phase.SETTLED: "matched",
    Phase.DROPPED: "over",
}


class AnswerTaken(BaseModel):
    """Your answer was taken down. `agreed`: both have said yes."""

    proposal_id: str
    state: OwnState
    version: int

    @classmethod
    def of(cls, proposal_id: str, search: Search, version: int) -> "AnswerTaken":
        state = _PHASES[search.proposals[proposal_id].phase]
        if state == "matched" and search.task is not None:
            state = "in-touch" if search.has_open_task else "done"
        return cls.model_validate({"proposal_id": proposal_id, "state": state, "version": version})
