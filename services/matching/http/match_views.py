"""What is shown of a match: a coordinator sees how it goes, the two see what is theirs and what comes next."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.base import JsonObject

Side = Literal["requester", "helper"]
State = Literal["live", "paused", "ended"]
Need = Literal["unwell", "wants-talk", "visit-overdue", "review-due", "suspended", "block", "end-near"]
PauseReason = Literal["requester", "helper", "coordinator", "suspended", "block"]
Opened = Mapping[str, "AccompanimentView"]


class EndView(BaseModel):
    reason: Literal["length", "requester", "helper", "both", "withdrawn", "block", "erased"]
    closing_talk: bool
    ended_on: date


class NeedView(BaseModel):
    """Something that a coordinator looks at, since then."""

    kind: Need
    since: datetime


class VisitView(BaseModel):
    visit_id: str
    until: datetime
    is_overdue: bool


class AccompanimentView(BaseModel):
    """For the two and their coordinator only (S2.19)."""

    accompaniment_id: str
    when: datetime
    where: str


class CheckInView(BaseModel):
    check_in_id: str
    given_by: Side
    form: Literal["met", "out", "call", "message"]
    well: bool
    wants_talk: bool
    benefits: list[Literal["support", "pleasant"]]
    happened_on: date


class ReviewView(BaseModel):
    reviewed_on: date
    goes_on: bool


class MatchView(BaseModel):
    """A pairing; `ends_on` is its last possible day (S2.16), `number` its running number once it is counted (S2.1).

    `programme_paused` lies over every state: no new meetings, nothing asked, the last day as it was (S2.29).
    """

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    state: State
    programme_paused: bool
    starts_on: date
    ends_on: date | None = None
    needed_since: date
    number: int | None
    milestone: bool
    ended: EndView | None
    paused_for: list[PauseReason]
    needs: list[NeedView]
    support_forms: list[str]
    check_in_at: datetime | None
    check_in_asked_on: date | None
    review_at: datetime | None
    review_due_on: date | None
    visit: VisitView | None

    @classmethod
    def of(cls, document: JsonObject) -> "MatchView":
        return cls.model_validate(document)


class RestView(BaseModel):
    """They rested from it; `ended_at` is null for a rest that goes on, or went on to the end."""

    began_at: datetime
    ended_at: datetime | None


class MatchDetail(MatchView):
    """With what was followed up so far; empty when the match was let go (S2.17)."""

    check_ins: list[CheckInView]
    reviews: list[ReviewView]
    rests: list[RestView]
    accompaniments: list[AccompanimentView] = Field(description="Empty for who only reads")

    @classmethod
    def with_follow_up(cls, document: JsonObject, opened: list[AccompanimentView]) -> "MatchDetail":
        return cls.model_validate(document | {"accompaniments": opened})


class OwnMatchView(BaseModel):
    """A match as one of the two sees it: what is next, and nothing of what only the other one said (S2.15).

    Why a match rests is shown only where it was one's own wish.
    """

    match_id: str
    programme: str
    you_are: Side
    with_person: str
    state: State
    programme_paused: bool
    starts_on: date
    ends_on: date | None = None
    is_end_near: bool
    paused_by_you: bool
    support_forms: list[str]
    check_in_asked_on: date | None
    review_at: datetime | None
    visit: VisitView | None = Field(description="The helper's own; null for the requester")
    accompaniments: list[AccompanimentView]
    ended_on: date | None

    @classmethod
    def of(cls, document: JsonObject, person_id: str, opened: list[AccompanimentView]) -> "OwnMatchView":
        side: Side = "requester" if document["requester_id"] == person_id else "helper"
        other = document["helper_id" if side == "requester" else "requester_id"]
        own = {
            "you_are": side,
            "with_person": other,
            "paused_by_you": side in document["paused_for"],
            "visit": document["visit"] if side == "helper" else None,
            "accompaniments": opened,
            "ended_on": document["ended"] and document["ended"]["ended_on"],
        }
        return cls.model_validate(document | own)


class Milestone(BaseModel):
    number: int
    match_id: str


class TallyView(BaseModel):
    """How many matches a programme has made, each counted once; quality stands beside it in reporting (S2.30)."""

    programme: str
    number: int
    milestones: list[Milestone]
