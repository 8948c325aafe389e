"""What matching holds about a person, for that person to take along (S0.21)."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import MinPositionHeader, Router, caller
from chassis.http.sentences import Sentences, spoken_language
from chassis.http.state import state_of
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from services.matching.catalogue import Catalogue
from services.matching.domain.approval import why_unapproved
from services.matching.domain.helper import helper
from services.matching.gatherings import Gatherings
from services.matching.http.accompaniments import opened
from services.matching.http.activity_views import OwnActivityView
from services.matching.http.held_views import (
    HeldAnswerView,
    HeldListingView,
    HeldProposalView,
    HeldSearchView,
    HeldView,
    listings_view,
    sign_ups_view,
)
from services.matching.http.match_views import OwnMatchView
from services.matching.http.matches import overlaid
from services.matching.http.offer_views import OfferView
from services.matching.policies import Policies
from services.matching.projections.activities import activities_led_by, activities_supported_by
from services.matching.projections.exchanges import given_and_received
from services.matching.projections.matches import matches_of
from services.matching.projections.proposals import proposals_of
from services.matching.projections.searches import searches_of
from services.matching.projections.sessions import sessions_with
from services.matching.projections.tenders import tenders_answered_by
from services.matching.tender_texts import texts_of


class Held:
    """Gathers it, part by part."""

    def __init__(
        self,
        commands: CommandHandler,
        reading: ReadModels,
        catalogue: Catalogue,
        *,
        gatherings: Gatherings,
        keyring: Keyring,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._catalogue = catalogue
        self._gatherings = gatherings
        self._keyring = keyring
        self._policies = policies
        self._clock = clock

    async def by(
        self, tenant: str, person_id: str, *, sentences: Sentences, language: str, at_least: Position | None
    ) -> HeldView:
        reading = self._reading
        given, received = await given_and_received(reading, tenant, person_id)
        proposed = await proposals_of(reading, tenant, person_id, limit=0)
        led = await activities_led_by(reading, tenant, person_id, limit=0)
        return HeldView(
            matches=await self._matches(tenant, person_id, at_least),
            proposals=[
                HeldProposalView.with_why(one, person_id, sentences=sentences, language=language) for one in proposed
            ],
            searches=[
                HeldSearchView.of(one, sentences=sentences, language=language)
                for one in await searches_of(reading, tenant, person_id)
            ],
            listings=await self._listings(tenant, person_id, sentences, language=language),
            offers=[OfferView.of(one) for one in await self._catalogue.of_person(tenant, person_id, limit=0)],
            answered_tenders=await self._answered(tenant, person_id),
            activities=[
                OwnActivityView.of(one, person_id) for one in await self._gatherings.of(tenant, led, only_coming=False)
            ],
            supported_activities=await self._supported(tenant, person_id),
            sign_ups=sign_ups_view(await sessions_with(reading, tenant, person_id)),
            given=given,
            received=received,
        )

    async def _matches(self, tenant: str, person_id: str, at_least: Position | None) -> list[OwnMatchView]:
        made = await matches_of(self._reading, tenant, person_id, limit=0, at_least=at_least)
        return [
            OwnMatchView.of(one, person_id, await opened(self._keyring, tenant, one["accompaniments"]))
            for one in await overlaid(self._policies, tenant, made)
        ]

    async def _answered(self, tenant: str, person_id: str) -> list[HeldAnswerView]:
        found = await tenders_answered_by(self._reading, tenant, person_id)
        texts = await texts_of(self._keyring, tenant, found)
        return [HeldAnswerView.of(one, text, person_id) for one, text in zip(found, texts, strict=True)]

    async def _listings(
        self, tenant: str, person_id: str, sentences: Sentences, *, language: str
    ) -> list[HeldListingView]:
        listings = (await self._commands.state(helper, StreamId(tenant, "helper", person_id))).state.listings
        now, why_not = self._clock.now(), {}
        for code, listing in listings.items():
            rule = why_unapproved(listing, (await self._policies.known(tenant, code)).at(now))
            why_not[code] = None if rule is None else sentences.rule(rule, language)
        return listings_view(listings, why_not)

    async def _supported(self, tenant: str, person_id: str) -> list[OwnActivityView]:
        """They stand beside whoever leads it, and know what is done there."""
        found = await activities_supported_by(self._reading, tenant, person_id)
        shown = await self._gatherings.of(tenant, found, only_coming=False)
        return [OwnActivityView.of(one, person_id) for one in shown]


def everything_router(held: Held) -> APIRouter:
    router = Router(prefix="/v1/me", tags=["me"])

    @router.get("/everything")
    async def take_everything_along(
        request: Request,
        who: Annotated[Principal, caller("matching:answer")],
        at_least: MinPositionHeader,
        response: Response,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HeldView:
        """A file to keep; what the person told intake stands at intake's /v1/persons/{id}/everything."""
        if who.person_id is None:
            raise NotFound()
        response.headers["Content-Disposition"] = 'attachment; filename="kobling-matching.json"'
        return await held.by(
            who.tenant,
            who.person_id,
            sentences=state_of(request).sentences,
            language=spoken_language(accept_language),
            at_least=at_least,
        )

    return router
