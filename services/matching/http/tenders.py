"""The members' side of tenders: what hangs on the board, and "I would like to" (S1.4, S1.14)."""

from typing import Annotated

from fastapi import APIRouter, Query

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Commanded, Id, MinPositionHeader, Page, Paging, Router, caller, commanded_by, paged
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import StreamId
from services.matching.board import Board
from services.matching.domain.search import search
from services.matching.domain.search_commands import SearchNotFound
from services.matching.domain.tender_commands import OfferHelp, TakeHelpBack, TenderNotFound
from services.matching.http.tender_views import (
    DeskTenderView,
    OfferTaken,
    OpenTenderView,
    TenderState,
    ToChooseView,
)
from services.matching.policies import Policies
from services.matching.projections.tenders import tender_called, tenders_in, to_choose
from services.matching.tender_texts import texts_of

Member = Annotated[Principal, caller("matching:answer")]
Answering = Annotated[Commanded, commanded_by("matching:answer")]
Reader = Annotated[Principal, caller("matching:read", "matching:manage", "board:read", by_programme=True)]


def tenders_router(
    commands: CommandHandler,
    reading: ReadModels,
    board: Board,
    *,
    keyring: Keyring,
    policies: Policies,
    clock: Clock,
) -> APIRouter:
    router = Router(prefix="/v1/tenders", tags=["tenders"])

    @router.get("")
    async def open_tenders(
        who: Member, paging: Annotated[Paging, paged()], at_least: MinPositionHeader
    ) -> Page[OpenTenderView]:
        """What the person of the token may answer now; in an order that tells nothing."""
        if who.person_id is None:
            return paging.page([])
        found = await board.open_for(
            who.tenant, who.person_id, after=paging.after, limit=paging.limit + 1, at_least=at_least
        )
        shown = found[: paging.limit]
        last = shown[-1]["tender_id"] if len(found) > len(shown) else None
        return paging.page(await views(shown, who.tenant, who.person_id), next_after=last)

    @router.get("/to-choose")
    async def waiting_for_a_choice(
        who: Reader, paging: Annotated[Paging, paged()], at_least: MinPositionHeader
    ) -> Page[ToChooseView]:
        """Tenders with somebody to choose, the first to close first."""
        found = await to_choose(reading, who.tenant, after=paging.after, limit=paging.limit + 1, at_least=at_least)
        shown = found[: paging.limit]
        last = [shown[-1]["closes_at"].isoformat(), shown[-1]["tender_id"]] if len(found) > len(shown) else None
        return paging.page([ToChooseView.model_validate(one) for one in shown], next_after=last)

    @router.get("/all")
    async def by_state(
        who: Reader,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        state: Annotated[TenderState, Query()] = "open",
    ) -> Page[DeskTenderView]:
        """The coordinators' list: the last tender of each search, the first to close first."""
        found = await tenders_in(
            reading, who.tenant, state, after=paging.after, limit=paging.limit + 1, at_least=at_least
        )
        shown = found[: paging.limit]
        last = [shown[-1]["closes_at"].isoformat(), shown[-1]["tender_id"]] if len(found) > len(shown) else None
        texts = await texts_of(keyring, who.tenant, shown)
        listed = [DeskTenderView.model_validate(one | {"text": text}) for one, text in zip(shown, texts, strict=True)]
        return paging.page(listed, next_after=last)

    @router.get("/{tender_id}")
    async def show(tender_id: Id, who: Member, at_least: MinPositionHeader) -> OpenTenderView:
        """404 for whoever may not answer it, as if there were none."""
        if who.person_id is None:
            raise TenderNotFound()
        found = await board.open_one(who.tenant, who.person_id, tender_id, at_least=at_least)
        [view] = await views([found], who.tenant, who.person_id)
        return view

    @router.post("/{tender_id}/offers", status_code=201)
    async def offer(tender_id: Id, ask: Answering) -> OfferTaken:
        """Twice is once; 409 `tender_closed` after the closing, or while somebody is asked."""
        tenant, person_id = ask.principal.tenant, ask.principal.person_id
        if person_id is None:
            raise TenderNotFound()
        found, known = await board.put_to(tenant, person_id, tender_id)
        stream = StreamId(tenant, "search", found["request_id"])
        command = OfferHelp(tender_id, person_id, clock.now(), known.pauses)
        # No ETag and no position: the version of the stream would tell whose it is, and how many have offered.
        await commands.handle(search, stream, command, context=ask.context)
        return OfferTaken(tender_id=tender_id, offered=True)

    @router.delete("/{tender_id}/offers")
    async def take_back(tender_id: Id, ask: Answering) -> OfferTaken:
        """At any time before being chosen, without a reason."""
        tenant, person_id = ask.principal.tenant, ask.principal.person_id
        if person_id is None:
            raise TenderNotFound()
        found = await tender_called(reading, tenant, tender_id)
        stream = StreamId(tenant, "search", tender_id if found is None else found["request_id"])
        try:
            await commands.handle(search, stream, TakeHelpBack(tender_id, person_id), context=ask.context)
        except SearchNotFound:
            raise TenderNotFound() from None
        return OfferTaken(tender_id=tender_id, offered=False)

    async def views(found: list[JsonObject], tenant: str, person_id: str) -> list[OpenTenderView]:
        texts = await texts_of(keyring, tenant, found)
        views = []
        for one, text in zip(found, texts, strict=True):
            known = await policies.known(tenant, one["programme"])
            closes_on = known.day_of(one["closes_at"])
            offered = one["offers"].get(person_id, {}).get("state") == "live"
            more = {"text": text, "closes_on": closes_on, "you_offered": offered}
            views.append(OpenTenderView.model_validate(one | more))
        return views

    return router
