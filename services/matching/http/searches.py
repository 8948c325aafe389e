"""The coordinators' side of finding: work list, candidates, pick, meeting."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Outcome
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
from services.matching.candidates import Candidates
from services.matching.domain.search import search
from services.matching.domain.search_commands import (
    ArrangeMeeting,
    Command,
    HoldMeeting,
    MissMeeting,
    ProposalNotFound,
    SearchNotFound,
)
from services.matching.domain.search_state import Search
from services.matching.http.views import (
    CandidateList,
    CandidateView,
    Done,
    ProposalView,
    SearchDetail,
    SearchView,
    TenderNow,
)
from services.matching.http.wishes import wishes_to_show
from services.matching.pairs import Pairs
from services.matching.picking import pick
from services.matching.policies import KnownPolicy, Policies
from services.matching.projections.proposals import proposal_for, proposals_for
from services.matching.projections.searches import searches, waiting_longest_first

Reader = Annotated[Principal, caller("matching:read", "matching:manage", by_programme=True)]
Manager = Annotated[Commanded, commanded_by("matching:manage")]
Status = Literal["open", "settled", "parked", "withdrawn", "met"]


class PickBody(CommandBody):
    """Picking a candidate is the decision (S2.30)."""

    helper_id: Id


class MeetingBody(CommandBody):
    meets_at: AwareDatetime


def searches_router(reading: ReadModels, commands: CommandHandler, candidates: Candidates) -> APIRouter:
    router = Router(prefix="/v1/searches", tags=["searches"])

    @router.get("")
    async def work_list(
        who: Reader,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        status: Annotated[Status, Query()] = "open",
        programme: Annotated[Id | None, Query()] = None,
        tender: Annotated[TenderNow | None, Query()] = None,
    ) -> Page[SearchView]:
        """Who waits, the longest first; nobody falls off (S2.31)."""
        found = await waiting_longest_first(
            reading,
            who.tenant,
            status=status,
            programme=programme,
            tender=tender,
            after=paging.after,
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        wished = await wishes_to_show(reading, candidates, who.tenant, shown)
        views = [SearchView.of(document, wishes) for document, wishes in zip(shown, wished, strict=True)]
        last = [shown[-1]["needed_since"], shown[-1]["request_id"]] if len(found) > len(shown) else None
        return paging.page(views, next_after=last)

    @router.get("/{request_id}")
    async def show(request_id: Id, who: Reader, at_least: MinPositionHeader, response: Response) -> SearchDetail:
        found = await reading.get(searches, who.tenant, request_id, min_position=at_least)
        if found is None:
            raise SearchNotFound()
        stream = StreamId(who.tenant, "search", request_id)
        versioned(response, Position(stream, found["_streams"][str(stream)]))
        proposed = await proposals_for(reading, who.tenant, request_id, at_least=at_least)
        [wishes] = await wishes_to_show(reading, candidates, who.tenant, [found])
        proposed_views = [ProposalView.of(one) for one in proposed]
        return SearchDetail.model_validate(found | {"wishes": wishes, "proposals": proposed_views})

    @router.get("/{request_id}/candidates")
    async def ranked(request_id: Id, who: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 20) -> CandidateList:
        """The best candidates with the reasons (S2.6, S2.12, S2.18)."""
        best = await candidates.best(who.tenant, await opened(who.tenant, request_id), limit=limit)
        return CandidateList(items=[CandidateView.of(one) for one in best])

    @router.get("/{request_id}/passed-over")
    async def passed_over(
        request_id: Id, who: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 100
    ) -> CandidateList:
        """Helpers who are not among the candidates, each with every rule that stands against them (S2.30)."""
        found = await candidates.passed_over(who.tenant, await opened(who.tenant, request_id), limit=limit)
        return CandidateList(items=[CandidateView.of(one) for one in found])

    @router.get("/{request_id}/candidates/{helper_id}")
    async def why_or_why_not(request_id: Id, helper_id: Id, who: Reader) -> CandidateView:
        """Any helper, with the reasons or with every rule that stands against them."""
        return CandidateView.of(await candidates.look_at(who.tenant, await opened(who.tenant, request_id), helper_id))

    async def opened(tenant: str, request_id: str) -> Search:
        found = await commands.state(search, StreamId(tenant, "search", request_id))
        if not found.version:
            raise SearchNotFound()
        return found.state

    return router


def proposing_router(
    commands: CommandHandler,
    reading: ReadModels,
    candidates: Candidates,
    *,
    pairs: Pairs,
    policies: Policies,
    clock: Clock,
) -> APIRouter:
    router = Router(prefix="/v1/searches/{request_id}/proposals", tags=["proposals"])

    @router.post("", status_code=201)
    async def propose(request_id: Id, body: PickBody, ask: Manager, response: Response) -> Done:
        """Reserves the helper's place and proposes them; 409 `no_free_slot`, `approval_outdated`, … (S2.27, S2.28)."""
        stream = StreamId(ask.principal.tenant, "search", request_id)
        found = await commands.state(search, stream)
        if not found.version:
            raise SearchNotFound()
        known = await policies.known(stream.tenant, found.state.programme)
        ranked = await candidates.look_at(stream.tenant, found.state, body.helper_id)
        proposal_id, outcome = await pick(
            commands, stream, ranked, pairs=pairs, known=known, context=ask.context, now=clock.now()
        )
        answer(response, outcome, location=f"/v1/searches/{request_id}/proposals/{proposal_id}")
        return Done(id=proposal_id, version=outcome.version)

    @router.get("/{proposal_id}")
    async def show(request_id: Id, proposal_id: Id, who: Reader, at_least: MinPositionHeader) -> ProposalView:
        found = await proposal_for(reading, who.tenant, request_id, proposal_id, at_least=at_least)
        if found is None:
            raise ProposalNotFound()
        return ProposalView.of(found)

    @router.post("/{proposal_id}/meeting")
    async def arrange(request_id: Id, proposal_id: Id, body: MeetingBody, ask: Manager, response: Response) -> Done:
        """Both are invited; 409 `programme_paused` in a pause (S2.28, S2.29)."""
        known, now = await policy_of(ask, request_id), clock.now()
        return await run(ask, request_id, ArrangeMeeting(proposal_id, body.meets_at, now, known.at(now)), response)

    @router.post("/{proposal_id}/meeting/held")
    async def held(request_id: Id, proposal_id: Id, ask: Manager, response: Response) -> Done:
        """Both came; now each may answer. 409 `programme_paused` in a pause."""
        known = await policy_of(ask, request_id)
        return await run(ask, request_id, HoldMeeting(proposal_id, clock.now(), known.pauses), response)

    @router.post("/{proposal_id}/meeting/missed")
    async def missed(request_id: Id, proposal_id: Id, ask: Manager, response: Response) -> Done:
        """It did not happen; nobody is asked why, and it can be arranged again."""
        known = await policy_of(ask, request_id)
        return await run(ask, request_id, MissMeeting(proposal_id, clock.now(), known.pauses), response)

    async def policy_of(ask: Commanded, request_id: str) -> KnownPolicy:
        tenant = ask.principal.tenant
        found = await commands.state(search, StreamId(tenant, "search", request_id))
        if not found.version:
            raise SearchNotFound()
        return await policies.known(tenant, found.state.programme)

    async def run(ask: Commanded, request_id: str, command: Command, response: Response) -> Done:
        stream = StreamId(ask.principal.tenant, "search", request_id)
        outcome: Outcome[Search] = await commands.handle(
            search, stream, command, context=ask.context, expected_version=ask.if_match
        )
        answer(response, outcome)
        return Done(id=request_id, version=outcome.version)

    return router
