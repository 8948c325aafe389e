"""Matches and their running number."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import (
    CommandBody,
    Commanded,
    Id,
    MinPositionHeader,
    Page,
    Paging,
    Router,
    answer,
    caller,
    commanded_by,
    paged,
    versioned,
)
from chassis.position import Position
from chassis.read_models import ReadModels
from contracts.envelope import StreamId
from services.matching.domain.pairing import EndMatch, MatchNotFound, pairing
from services.matching.http.views import Done, MatchView, Milestone, TallyView
from services.matching.policies import Policies
from services.matching.projections.matches import counted, matches, oldest_first

Reader = Annotated[Principal, caller("matching:read", "matching:manage")]


class EndBody(CommandBody):
    """Who wished the end, no more; and whether the closing talk was held (S2.17)."""

    reason: Literal["requester", "helper", "both"]
    closing_talk: bool


def matches_router(commands: CommandHandler, reading: ReadModels, *, policies: Policies, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1", tags=["matches"])

    @router.get("/matches")
    async def listing(
        who: Reader,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        state: Annotated[Literal["live", "ended"] | None, Query()] = None,
        programme: Annotated[Id | None, Query()] = None,
    ) -> Page[MatchView]:
        """By the day they began."""
        found = await oldest_first(
            reading,
            who.tenant,
            states=["live", "ended"] if state is None else [state],
            programme=programme,
            after=paging.after,
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last = [shown[-1]["starts_on"], shown[-1]["match_id"]] if len(found) > len(shown) else None
        return paging.page([MatchView.of(document) for document in shown], next_after=last)

    @router.get("/matches/{match_id}")
    async def show(match_id: Id, who: Reader, at_least: MinPositionHeader, response: Response) -> MatchView:
        found = await reading.get(matches, who.tenant, match_id, min_position=at_least)
        stream = StreamId(who.tenant, "match", match_id)
        if found is None or str(stream) not in found["_streams"]:
            raise MatchNotFound()
        versioned(response, Position(stream, found["_streams"][str(stream)]))
        return MatchView.of(found)

    @router.post("/matches/{match_id}/end")
    async def end(
        match_id: Id, body: EndBody, ask: Annotated[Commanded, commanded_by("matching:manage")], response: Response
    ) -> Done:
        """Both are free again; ending early is no failure (S2.8, S2.17)."""
        stream = StreamId(ask.principal.tenant, "match", match_id)
        made = (await commands.state(pairing, stream)).state.made
        if made is None:
            raise MatchNotFound()
        known = await policies.known(stream.tenant, made.programme)
        command = EndMatch(body.reason, body.closing_talk, known.day_of(clock.now()))
        outcome = await commands.handle(pairing, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return Done(id=match_id, version=outcome.version)

    @router.get("/tallies/{programme}")
    async def tally(programme: Id, who: Reader, at_least: MinPositionHeader) -> TallyView:
        """The running number of a programme's matches (S2.1); 0 where it has made none."""
        number, milestones = await counted(reading, who.tenant, programme, at_least=at_least)
        reached = [Milestone(number=one["number"], match_id=one["match_id"]) for one in milestones]
        return TallyView(programme=programme, number=number, milestones=reached)

    return router
