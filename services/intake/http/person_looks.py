"""Who looked at a person's data: told to that person, and to nobody else."""

from typing import Annotated

from fastapi import APIRouter, Request

from chassis.audit import Trail
from chassis.auth import Principal
from chassis.http import Id, Page, Paging, Router, caller, paged
from chassis.http.looked_at import Language, Look, page_of_looks
from services.intake.http.own import OWN_PERSON, check_own


def person_looks_router(trail: Trail) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["persons"])

    @router.get("/{person_id}/looked-at")
    async def who_looked(
        request: Request,
        person_id: Id,
        who: Annotated[Principal, caller(OWN_PERSON)],
        paging: Annotated[Paging, paged()],
        accept_language: Language = None,
    ) -> Page[Look]:
        """Newest first; by what they are here, not by name. What other services know stands at their /v1/me."""
        check_own(who, person_id)
        return await page_of_looks(trail, request, person_id, who.tenant, paging=paging, language=accept_language)

    return router
