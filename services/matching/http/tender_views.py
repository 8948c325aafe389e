"""What is shown of a tender: to members the words and the day, to coordinators who offered and why each would suit."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from contracts.matching import Audience, Reason
from services.matching.ranking.explain import Ranked

TenderState = Literal["open", "chosen", "agreed", "done", "lapsed", "closed"]
Safeguard = Literal["money", "keys", "home"]


class OpenTenderView(BaseModel):
    """Never who asks, where, how near, or a time finer than a day (S1.14)."""

    tender_id: str
    programme: str
    category: str
    text: str
    closes_on: date
    you_offered: bool


class OfferTaken(BaseModel):
    """`offered` tells whether you are among those who would like to."""

    tender_id: str
    offered: bool


class OfferView(BaseModel):
    """One who offered. `never_chosen`: nobody has chosen them here yet (S1.16)."""

    helper_id: str
    state: Literal["live", "chosen", "over", "taken-back", "not-needed"]
    offered_at: datetime
    never_chosen: bool
    score: float
    reasons: list[Reason]
    why_not: list[str]

    @classmethod
    def of(cls, ranked: Ranked, *, state: str, offered_at: datetime, never_chosen: bool) -> "OfferView":
        return cls.model_validate(
            {
                "helper_id": ranked.helper_id,
                "state": state,
                "offered_at": offered_at,
                "never_chosen": never_chosen,
                "score": round(ranked.score, 4),
                "reasons": list(ranked.reasons),
                "why_not": list(ranked.why_not),
            }
        )


class TenderView(BaseModel):
    """The last tender of a search. `offers` are those to choose from, best first, then the others."""

    tender_id: str
    request_id: str
    category: str
    text: str
    audience: Audience
    opened_by: str
    opens_at: datetime
    closes_at: datetime
    state: TenderState
    offers: list[OfferView]


class ToChooseView(BaseModel):
    """A tender with somebody to choose."""

    tender_id: str
    request_id: str
    programme: str
    category: str
    closes_at: datetime
    live: int


class DeskTenderView(ToChooseView):
    """A tender as the desk lists it; `text` reads as redacted where it was erased."""

    text: str
    state: TenderState


class LookView(BaseModel):
    """Somebody looked; the receipt is a reference (S1.21)."""

    confirmed_by: str
    receipt: str | None


class SafeguardView(BaseModel):
    """`is_confirmed` once two different people have looked."""

    safeguard: Safeguard
    is_confirmed: bool
    looks: list[LookView]


class SafeguardList(BaseModel):
    items: list[SafeguardView]


class TaskTaken(BaseModel):
    """How far the task is: `done` once both have said so."""

    proposal_id: str
    state: Literal["in-touch", "done"]
    version: int
