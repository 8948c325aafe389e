"""A helper who is alone in somebody's home says so, and says when it is over (S4.13)."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime

from chassis.http import CommandBody, Commanded, Id, Router, answer, commanded_by
from services.matching.domain.match_commands import BeginVisit, Command, EndVisit, MatchNotFound
from services.matching.http.match_steps import asker_in
from services.matching.http.views import Done
from services.matching.made_matches import MadeMatch, MadeMatches


class VisitBody(CommandBody):
    """By when the helper will be out again: within 24 hours."""

    until: AwareDatetime


def lone_visits_router(made_matches: MadeMatches) -> APIRouter:
    router = Router(prefix="/v1/matches/{match_id}/visits", tags=["lone visits"])

    @router.post("", status_code=201)
    async def begin(
        match_id: Id, body: VisitBody, ask: Annotated[Commanded, commanded_by("matching:answer")], response: Response
    ) -> Done:
        """Only the helper; one at a time. A coordinator is told when `until` passes without a word."""
        found = await made_matches.find(ask.principal.tenant, match_id)
        if asker_in(found.made, ask.principal) != "helper":
            raise MatchNotFound()
        visit_id = ask.new_id("visit")
        command = BeginVisit(visit_id, body.until, found.now, found.programme_paused())
        return await run(found, command, visit_id, ask, response)

    @router.post("/{visit_id}/end")
    async def end(
        match_id: Id,
        visit_id: Id,
        ask: Annotated[Commanded, commanded_by("matching:answer", "matching:manage")],
        response: Response,
    ) -> Done:
        """The helper is out, late or not; a coordinator who has reached them may say so."""
        found = await made_matches.find(ask.principal.tenant, match_id)
        if asker_in(found.made, ask.principal) == "requester":
            raise MatchNotFound()
        return await run(found, EndVisit(visit_id, found.now), visit_id, ask, response)

    async def run(found: MadeMatch, command: Command, visit_id: str, ask: Commanded, response: Response) -> Done:
        outcome = await made_matches.ask(found, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return Done(id=visit_id, version=outcome.version)

    return router
