"""What somebody had signed up for and took place, so that they can say how it was (S1.23)."""

from typing import Annotated

from fastapi import APIRouter

from chassis.auth import Principal
from chassis.http import MinPositionHeader, Page, Paging, Router, caller, paged
from chassis.read_models import ReadModels
from services.matching.gatherings import Gatherings
from services.matching.http.activity_views import HeldSessionView
from services.matching.projections.sessions import sessions_with


def own_sessions_router(reading: ReadModels, gatherings: Gatherings) -> APIRouter:
    router = Router(prefix="/v1", tags=["sessions"])

    @router.get("/own-sessions")
    async def been_to(
        who: Annotated[Principal, caller("matching:answer")],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
    ) -> Page[HeldSessionView]:
        """Those of the person of the token, the newest first; at most 200.

        Whether they came is known to nobody, nor whether they have said how it was.
        """
        if who.person_id is None:
            return paging.page([])
        found = await sessions_with(
            reading, who.tenant, who.person_id, state="held", limit=paging.limit, at_least=at_least
        )
        titles = await gatherings.titles(who.tenant, {one["activity_id"] for one in found})
        known = [one | {"title": titles[one["activity_id"]]} for one in found if one["activity_id"] in titles]
        return paging.page([HeldSessionView.model_validate(one) for one in known])

    return router
