"""Matches and their running number."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from chassis.auth import Principal
from chassis.http import (
    Id,
    MinPositionHeader,
    Page,
    Paging,
    Router,
    caller,
    paged,
    versioned,
)
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import StreamId
from services.matching.domain.match_commands import MatchNotFound
from services.matching.http.accompaniments import opened
from services.matching.http.match_views import (
    MatchDetail,
    MatchView,
    Milestone,
    Need,
    OwnMatchView,
    State,
    TallyView,
)
from services.matching.policies import Policies
from services.matching.projections.matches import counted, matches, matches_of, oldest_first

Reader = Annotated[Principal, caller("matching:read", "matching:manage", by_programme=True)]
OneOfTheTwo = Annotated[Principal, caller("matching:answer")]
_STATES: list[State] = ["live", "paused", "ended"]


def matches_router(reading: ReadModels, keyring: Keyring, policies: Policies) -> APIRouter:
    router = Router(prefix="/v1", tags=["matches"])

    @router.get("/matches")
    async def listing(
        who: Reader,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        state: Annotated[State | None, Query()] = None,
        programme: Annotated[Id | None, Query()] = None,
        needs: Annotated[Need | Literal["any"] | None, Query()] = None,
        ends_by: Annotated[date | None, Query()] = None,
    ) -> Page[MatchView]:
        """By the day they began; `needs` gives those that need a coordinator, `ends_by` those that end until then."""
        found = await oldest_first(
            reading,
            who.tenant,
            states=[*_STATES] if state is None else [state],
            programme=programme,
            needs=needs,
            ends_by=ends_by,
            after=paging.after,
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = await overlaid(policies, who.tenant, found[: paging.limit])
        last = [shown[-1]["starts_on"], shown[-1]["match_id"]] if len(found) > len(shown) else None
        return paging.page([MatchView.of(document) for document in shown], next_after=last)

    @router.get("/matches/{match_id}")
    async def show(match_id: Id, who: Reader, at_least: MinPositionHeader, response: Response) -> MatchDetail:
        """Where and when they go together is opened for who may manage matches (S2.19)."""
        found = await _made(reading, who.tenant, match_id, at_least)
        stream = StreamId(who.tenant, "match", match_id)
        versioned(response, Position(stream, found["_streams"][str(stream)]))
        kept = found["accompaniments"] if who.has("matching:manage") else []
        [shown] = await overlaid(policies, who.tenant, [found])
        return MatchDetail.with_follow_up(shown, await opened(keyring, who.tenant, kept))

    @router.get("/tallies/{programme}")
    async def tally(programme: Id, who: Reader, at_least: MinPositionHeader) -> TallyView:
        """The running number of a programme's matches (S2.1); 0 where it has made none."""
        number, milestones = await counted(reading, who.tenant, programme, at_least=at_least)
        reached = [Milestone(number=one["number"], match_id=one["match_id"]) for one in milestones]
        return TallyView(programme=programme, number=number, milestones=reached)

    return router


def own_matches_router(reading: ReadModels, keyring: Keyring, policies: Policies) -> APIRouter:
    router = Router(prefix="/v1/own-matches", tags=["matches"])

    @router.get("")
    async def own(
        who: OneOfTheTwo, paging: Annotated[Paging, paged()], at_least: MinPositionHeader
    ) -> Page[OwnMatchView]:
        """The matches of the person of the token, the newest first; at most 200."""
        if who.person_id is None:
            return paging.page([])
        found = await matches_of(reading, who.tenant, who.person_id, limit=paging.limit, at_least=at_least)
        shown = await overlaid(policies, who.tenant, found)
        return paging.page([await view(document, who.tenant, who.person_id) for document in shown])

    @router.get("/{match_id}")
    async def show_own(match_id: Id, who: OneOfTheTwo, at_least: MinPositionHeader) -> OwnMatchView:
        """For anybody but the two it is absent."""
        found = await _made(reading, who.tenant, match_id, at_least)
        if who.person_id is None or who.person_id not in (found["requester_id"], found["helper_id"]):
            raise MatchNotFound()
        [shown] = await overlaid(policies, who.tenant, [found])
        return await view(shown, who.tenant, who.person_id)

    async def view(document: JsonObject, tenant: str, person_id: str) -> OwnMatchView:
        return OwnMatchView.of(document, person_id, await opened(keyring, tenant, document["accompaniments"]))

    return router


async def _made(reading: ReadModels, tenant: str, match_id: str, at_least: Position | None) -> JsonObject:
    found = await reading.get(matches, tenant, match_id, min_position=at_least)
    # A number may be heard of before the match itself.
    if found is None or "starts_on" not in found:
        raise MatchNotFound()
    return found


async def overlaid(policies: Policies, tenant: str, found: Sequence[JsonObject]) -> list[JsonObject]:
    """With whether the programme is paused, which no match's own events tell (S2.29)."""
    programmes = {document["programme"] for document in found}
    paused = {programme: (await policies.known(tenant, programme)).paused for programme in programmes}
    return [document | {"programme_paused": paused[document["programme"]]} for document in found]
