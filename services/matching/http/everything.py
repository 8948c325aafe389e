"""What matching holds about a person, for that person to take along (S0.21)."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel

from chassis.auth import Principal
from chassis.http import MinPositionHeader, Router, caller
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from services.matching.catalogue import Catalogue
from services.matching.http.accompaniments import opened
from services.matching.http.match_views import OwnMatchView
from services.matching.http.matches import overlaid
from services.matching.http.offer_views import OfferView
from services.matching.http.views import OwnProposalView
from services.matching.policies import Policies
from services.matching.projections.matches import matches_of
from services.matching.projections.proposals import proposals_of


class HeldView(BaseModel):
    """Each as its own page shows it to the person; what the other of two said stays theirs."""

    matches: list[OwnMatchView]
    proposals: list[OwnProposalView]
    offers: list[OfferView]


def everything_router(reading: ReadModels, catalogue: Catalogue, keyring: Keyring, policies: Policies) -> APIRouter:
    router = Router(prefix="/v1/me", tags=["me"])

    @router.get("/everything")
    async def take_everything_along(
        who: Annotated[Principal, caller("matching:answer")], at_least: MinPositionHeader, response: Response
    ) -> HeldView:
        """A file to keep; what the person told intake stands at intake's /v1/persons/{id}/everything."""
        if who.person_id is None:
            raise NotFound()
        tenant, person_id = who.tenant, who.person_id
        made = await matches_of(reading, tenant, person_id, limit=0, at_least=at_least)
        shown = await overlaid(policies, tenant, made)
        response.headers["Content-Disposition"] = 'attachment; filename="kobling-matching.json"'
        return HeldView(
            matches=[
                OwnMatchView.of(one, person_id, await opened(keyring, tenant, one["accompaniments"])) for one in shown
            ],
            proposals=[
                OwnProposalView.of(one, person_id) for one in await proposals_of(reading, tenant, person_id, limit=0)
            ],
            offers=[OfferView.of(one) for one in await catalogue.of_person(tenant, person_id, limit=0)],
        )

    return router
