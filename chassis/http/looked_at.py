"""The person's own door to the audit trail: who looked at or changed what is about them, and when."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from pydantic import AwareDatetime, BaseModel

from chassis.audit import Entry, Trail
from chassis.auth import Principal
from chassis.http.reading import Page, Paging, paged
from chassis.http.routes import Router, caller
from chassis.http.sentences import Sentences, spoken_language
from chassis.http.state import state_of
from chassis.refusal import NotFound

Language = Annotated[str | None, Header(alias="Accept-Language")]


class Look(BaseModel):
    """One look or change. Who is told by what they are here, never by name; what they did in particular is not told:
    it could say something about somebody else, such as who asked to be kept apart from whom (S2.9)."""

    at: AwareDatetime
    by: str
    by_yourself: bool
    did: Literal["read", "changed"]


def looks(entries: Sequence[Entry], person_id: str, sentences: Sentences, language: str) -> list[Look]:
    """What the entries say to this person."""
    return [
        Look(
            at=entry.draft.at,
            by=sentences.code("looked_yourself" if by_self else f"looked_{entry.draft.role}", language),
            by_yourself=by_self,
            did=entry.draft.did,
        )
        for entry in entries
        for by_self in [entry.draft.actor == person_id]
    ]


async def page_of_looks(
    trail: Trail, request: Request, person_id: str, tenant: str, *, paging: Paging, language: str | None
) -> Page[Look]:
    """Newest first."""
    before = paging.after if isinstance(paging.after, int) else None
    found = await trail.about(tenant, person_id, before=before, limit=paging.limit + 1)
    shown = found[: paging.limit]
    said = looks(shown, person_id, state_of(request).sentences, spoken_language(language))
    return paging.page(said, next_after=shown[-1].n if len(found) > len(shown) else None)


def looked_at_router(trail: Trail, *scopes: str) -> APIRouter:
    """GET /v1/me/looked-at: what this service knows of it, for whoever logs in as a person."""
    router = Router(prefix="/v1/me", tags=["me"])

    @router.get("/looked-at")
    async def who_looked_at_me(
        request: Request,
        who: Annotated[Principal, caller(*scopes)],
        paging: Annotated[Paging, paged()],
        accept_language: Language = None,
    ) -> Page[Look]:
        """Who looked at or changed what is about me here, and when; newest first."""
        if who.person_id is None:
            raise NotFound()
        return await page_of_looks(trail, request, who.person_id, who.tenant, paging=paging, language=accept_language)

    return router
