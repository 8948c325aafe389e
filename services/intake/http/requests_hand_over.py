"""A request changes hands over HTTP: asked by its owner, answered by the one who was asked (S3.3)."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from chassis.clock import Clock
from chassis.http import Commanded, Id, commanded_by
from services.intake.domain.request_hand_over import AcceptHandOver, AskHandOver, DeclineHandOver
from services.intake.http.own import NotYourOwn, own_only
from services.intake.http.request_bodies import HandOverBody, RequestStatus
from services.intake.http.requests_desk import RequestsDesk

Language = Annotated[str | None, Header(alias="Accept-Language")]
Writing = Annotated[Commanded, commanded_by("requests:write")]


def add_hand_over(router: APIRouter, desk: RequestsDesk, clock: Clock) -> None:
    @router.post("/{request_id}/hand-over")
    async def ask_hand_over(
        request_id: Id, body: HandOverBody, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The caller, who owns it, asks somebody else; until that one says yes the caller stays the owner."""
        actor, now = _staff(ask), clock.now()
        return await desk.run_under_rules(
            request_id,
            lambda programme: AskHandOver(programme=programme, asked_by=actor, to=body.to, now=now),
            ask,
            response,
            accept_language,
        )

    @router.post("/{request_id}/hand-over/acceptance")
    async def accept_hand_over(
        request_id: Id, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The caller, who was asked, is the owner from now on."""
        command = AcceptHandOver(accepted_by=_staff(ask), now=clock.now())
        return await desk.run(request_id, command, ask, response, accept_language)

    @router.post("/{request_id}/hand-over/decline")
    async def decline_hand_over(
        request_id: Id, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The owner stays; too many in a row of nobody's yes, and it goes up."""
        actor, now = _staff(ask), clock.now()
        return await desk.run_under_rules(
            request_id,
            lambda programme: DeclineHandOver(programme=programme, declined_by=actor, now=now),
            ask,
            response,
            accept_language,
        )


def _staff(ask: Commanded) -> str:
    """Who acts. Raises NotYourOwn for people who meet only what is theirs."""
    if own_only(ask.principal) is not None:
        raise NotYourOwn()
    return ask.context.actor
