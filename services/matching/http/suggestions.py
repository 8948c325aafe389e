"""Coordinators ask for a suggestion for their waiting list, and see it explained pair by pair (S2.30)."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from chassis.auth import Principal
from chassis.http import CommandBody, Commanded, Id, Router, caller, commanded_by
from contracts.matching import Reason
from contracts.policy import Code
from services.matching.batch import AT_MOST, WhyNobody
from services.matching.suggestions import State, Suggestion, Suggestions

Reader = Annotated[Principal, caller("matching:read", "matching:manage")]
Manager = Annotated[Commanded, commanded_by("matching:manage")]


class SuggestionBody(CommandBody):
    """For these requests; null is the whole waiting list, at most a thousand, who has waited longest first."""

    request_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=AT_MOST)] | None = None


class PairView(BaseModel):
    """A helper who could be proposed for a request, picked like any candidate by POST /v1/searches/{id}/proposals."""

    request_id: str
    person_id: str
    needed_since: date
    helper_id: str
    score: float
    reasons: list[Reason]


class NobodyView(BaseModel):
    """A request without anybody. `needed_elsewhere`: who suits it is suggested for others, whom they suit better.

    Of one that is `not_waiting` nothing is told but that.
    """

    request_id: str
    person_id: str | None
    needed_since: date | None
    why: WhyNobody


class SuggestionView(BaseModel):
    """Software suggests and explains, a person decides. It is the best for all of these requests together."""

    id: str
    state: State
    asked_at: datetime
    made_at: datetime | None
    expires_at: datetime
    pairs: list[PairView]
    nobody: list[NobodyView]

    @classmethod
    def of(cls, found: Suggestion) -> "SuggestionView":
        return cls(
            id=found.suggestion_id,
            state=found.state,
            asked_at=found.asked_at,
            made_at=found.made_at,
            expires_at=found.expires_at,
            pairs=[
                PairView(
                    request_id=one.search.request_id,
                    person_id=one.search.person_id,
                    needed_since=one.search.needed_since,
                    helper_id=one.ranked.helper_id,
                    score=round(one.ranked.score, 4),
                    reasons=list(one.ranked.reasons),
                )
                for one in found.for_each
                if one.ranked is not None
            ],
            nobody=[
                NobodyView(
                    request_id=one.search.request_id,
                    person_id=one.search.person_id or None,
                    needed_since=one.search.needed_since if one.search.person_id else None,
                    why=one.why_nobody,
                )
                for one in found.for_each
                if one.why_nobody is not None
            ],
        )


class SuggestionAsked(BaseModel):
    """It is being made; ask for it by its id in a few seconds."""

    id: str
    programme: str
    state: Literal["in-the-making", "ready", "failed"]


def suggestions_router(suggestions: Suggestions) -> APIRouter:
    router = Router(prefix="/v1/programmes/{code}/suggestions", tags=["suggestions"])

    @router.post("", status_code=202)
    async def ask_for(code: Code, body: SuggestionBody, ask: Manager, response: Response) -> SuggestionAsked:
        """Nothing follows from a suggestion by itself. 409 `facts_too_old` where too little is known just now."""
        found = await suggestions.ask(
            ask.principal.tenant, code, suggestion_id=ask.new_id("suggestion"), request_ids=body.request_ids
        )
        response.headers["Location"] = f"/v1/programmes/{code}/suggestions/{found.suggestion_id}"
        return SuggestionAsked(id=found.suggestion_id, programme=code, state=found.state)

    @router.get("/{suggestion_id}")
    async def show(code: Code, suggestion_id: Id, who: Reader) -> SuggestionView:
        """Every request is in `pairs` or in `nobody` once it is ready. 404 after an hour."""
        return SuggestionView.of(await suggestions.get(who.tenant, code, suggestion_id))

    return router
