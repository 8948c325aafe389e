"""The side of the two: what is proposed to me, and my yes or no. Nobody sees the other's answer (S2.28)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response

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
)
from chassis.read_models import ReadModels
from contracts.envelope import StreamId
from services.matching.domain.approval import why_unapproved
from services.matching.domain.helper import helper
from services.matching.domain.search import search
from services.matching.domain.search_commands import ProposalNotFound, SayNo, SayYes, SearchNotFound
from services.matching.http.views import AnswerTaken, OwnProposalView
from services.matching.policies import Policies
from services.matching.projections.proposals import proposals_of


class AnswerBody(CommandBody):
    """No cause is asked."""

    answer: Literal["yes", "no"]


def answers_router(commands: CommandHandler, reading: ReadModels, *, policies: Policies, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1", tags=["answers"])

    @router.get("/own-proposals")
    async def own_proposals(
        who: Annotated[Principal, caller("matching:answer")],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
    ) -> Page[OwnProposalView]:
        """What is or was proposed to the person of the token, the newest first; at most 200."""
        if who.person_id is None:
            return paging.page([])
        found = await proposals_of(reading, who.tenant, who.person_id, limit=paging.limit, at_least=at_least)
        return paging.page([OwnProposalView.of(document, who.person_id) for document in found])

    @router.post("/searches/{request_id}/proposals/{proposal_id}/answers")
    async def say(
        request_id: Id,
        proposal_id: Id,
        body: AnswerBody,
        ask: Annotated[Commanded, commanded_by("matching:answer")],
        response: Response,
    ) -> AnswerTaken:
        """A yes after the meeting, or a no at any time. For anybody but the two the proposal is absent (404).

        A helper whose approval does not hold under the rules in force hears so, 409 `approval_outdated`, and says yes
        again once it does (S2.27).
        """
        person_id = ask.principal.person_id
        if person_id is None:
            raise ProposalNotFound()
        stream = StreamId(ask.principal.tenant, "search", request_id)
        try:
            no = SayNo(proposal_id, person_id, clock.now())
            command = no if body.answer == "no" else await yes(stream, proposal_id, person_id)
            outcome = await commands.handle(search, stream, command, context=ask.context, expected_version=ask.if_match)
        except SearchNotFound:
            # One word for "no such search" and "not yours": nothing can be learnt by guessing.
            raise ProposalNotFound() from None
        answer(response, outcome)
        return AnswerTaken.of(proposal_id, outcome.state, outcome.version)

    async def yes(stream: StreamId, proposal_id: str, person_id: str) -> SayYes:
        found = await commands.state(search, stream)
        if not found.version:
            raise SearchNotFound()
        known, now = await policies.known(stream.tenant, found.state.programme), clock.now()
        ready = await commands.state(helper, StreamId(stream.tenant, "helper", person_id))
        listing = ready.state.listings.get(found.state.programme)
        return SayYes(proposal_id, person_id, now, known.pauses, why_unapproved(listing, known.at(now)))

    return router
