"""A member says how to hear of tasks: at once, on the morning after, or not at all (S1.13)."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import CommandBody, Commanded, Id, MinPositionHeader, Router, answer, caller, commanded_by
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId, derive_id
from contracts.notifications import TenderNews
from services.notifications.domain.tender_news import UNTOLD, WantTenderNews, tender_news
from services.notifications.projections.members import memberships_of
from services.notifications.projections.programmes import known_programme

Asking = Annotated[Commanded, commanded_by("messages:own")]


class TenderNewsBody(CommandBody):
    how: TenderNews


class TenderNewsView(BaseModel):
    programme: str
    how: TenderNews


def tender_news_router(commands: CommandHandler, reading: ReadModels, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/tender-news", tags=["tender-news"])

    @router.get("")
    async def listing(
        who: Annotated[Principal, caller("messages:own")], at_least: MinPositionHeader
    ) -> list[TenderNewsView]:
        """The caller's own, by programme."""
        if who.person_id is None:
            return []
        found = await memberships_of(reading, who.tenant, who.person_id, at_least=at_least)
        return [TenderNewsView(programme=one.programme, how=one.how) for one in found]

    @router.post("/{programme}")
    async def want(programme: Id, body: TenderNewsBody, ask: Asking, response: Response) -> TenderNewsView:
        """From now on; what waits for the morning already still comes."""
        tenant, person_id = ask.principal.tenant, ask.principal.person_id
        if person_id is None or await known_programme(reading, tenant, programme) is None:
            raise NotFound()
        stream = StreamId(tenant, "tender-news", derive_id("tender-news", person_id, programme))
        command = WantTenderNews(clock.now(), person_id, programme, body.how)
        outcome = await commands.handle(
            tender_news, stream, command, context=ask.context, expected_version=ask.if_match
        )
        answer(response, outcome)
        return TenderNewsView(programme=programme, how=outcome.state.how or UNTOLD)

    return router
