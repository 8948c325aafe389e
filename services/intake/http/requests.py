"""Requests over HTTP: posted for oneself or on behalf, owned, amended, parked, ended (S1.3, S2.8, S2.31, S3.3)."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import JsonValue

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Commanded, Id, MinPositionHeader, Page, Paging, Router, caller, commanded_by, paged, versioned
from chassis.http.sentences import spoken_language
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from services.intake.domain.request import ParkRequest, ResumeRequest, TakeUpRequest, WithdrawRequest
from services.intake.http.own import NotYourOwn, own_only
from services.intake.http.programmes import Code
from services.intake.http.request_bodies import (
    AmendmentBody,
    ParkingBody,
    RequestBody,
    RequestItem,
    RequestStatus,
    RequestView,
)
from services.intake.http.request_opening import opened_requests
from services.intake.http.requests_contact import ContactDesk, add_contact
from services.intake.http.requests_desk import RequestsDesk
from services.intake.http.requests_hand_over import add_hand_over
from services.intake.names import Names
from services.intake.projections.requests import Place, Status, Waiting, longest_waiting, request_of
from services.intake.wording import Wording

Language = Annotated[str | None, Header(alias="Accept-Language")]
Writing = Annotated[Commanded, commanded_by("requests:write")]
Reading = Annotated[Principal, caller("requests:read", by_programme=True)]


def requests_router(
    commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, clock: Clock, wording: Wording
) -> APIRouter:
    router = Router(prefix="/v1/requests", tags=["requests"])
    desk = RequestsDesk(commands, keyring, clock, wording)
    _add_steps(router, desk, clock)
    add_hand_over(router, desk, clock)
    add_contact(router, ContactDesk(commands, reading, keyring=keyring, clock=clock), reading)
    _add_reading(router, reading, keyring, wording)
    return router


def _add_steps(router: APIRouter, desk: RequestsDesk, clock: Clock) -> None:
    @router.post("", status_code=201)
    async def post_request(
        body: RequestBody, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """Posted, or declined with the rule and the ways that stay open; both are kept (S2.31, S3.19)."""
        return await desk.post(body, ask, response, accept_language)

    @router.post("/{request_id}/amendment")
    async def amend(
        request_id: Id, body: AmendmentBody, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """Needs change; who waits keeps the waiting date (S2.20, S2.31)."""
        return await desk.amend(request_id, body, ask, response, accept_language)

    @router.post("/{request_id}/take-up")
    async def take_up(
        request_id: Id, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The caller becomes its owner (S3.3)."""
        if own_only(ask.principal) is not None:
            raise NotYourOwn()
        command = TakeUpRequest(owner=ask.context.actor, now=clock.now())
        return await desk.run(request_id, command, ask, response, accept_language)

    @router.post("/{request_id}/parking")
    async def park(
        request_id: Id, body: ParkingBody, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """It waits for the person, without end (S3.17)."""
        command = ParkRequest(now=clock.now(), remind=body.remind)
        return await desk.run(request_id, command, ask, response, accept_language)

    @router.post("/{request_id}/resumption")
    async def resume(
        request_id: Id, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The person is ready; the days for an answer begin anew."""
        now = clock.now()
        return await desk.run_under_rules(
            request_id, lambda programme: ResumeRequest(programme, now), ask, response, accept_language
        )

    @router.post("/{request_id}/withdrawal")
    async def withdraw(
        request_id: Id, ask: Writing, response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """No reason is asked (S2.8)."""
        return await desk.run(request_id, WithdrawRequest(now=clock.now()), ask, response, accept_language)


def _add_reading(router: APIRouter, reading: ReadModels, keyring: Keyring, wording: Wording) -> None:
    names = Names(reading, keyring)

    @router.get("/{request_id}")
    async def show_request(
        request_id: Id,
        who: Reading,
        at_least: MinPositionHeader,
        response: Response,
        accept_language: Language = None,
    ) -> RequestView:
        """With where it stands in plain words (S3.75)."""
        found = await request_of(reading, who.tenant, request_id, at_least=at_least)
        if found is None or own_only(who) not in (None, found.document.person_id):
            raise NotFound()
        versioned(response, Position(StreamId(who.tenant, "request", request_id), found.version))
        [opened] = await opened_requests(keyring, reading, who.tenant, [found.document])
        shown = found.document if own_only(who) is None else found.document.as_its_person_sees_it()
        name = (await names.of(who, [shown.person_id])).get(shown.person_id)
        return RequestView.of_document(shown, opened, wording, spoken_language(accept_language), name=name)

    @router.get("")
    async def list_requests(
        who: Reading,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        status: Status | None = None,
        programme: Code | None = None,
        person_id: Id | None = None,
        owner: Id | None = None,
        is_owned: bool | None = None,
        waiting_for: Waiting | None = None,
        hand_over_to: Id | None = None,
    ) -> Page[RequestItem]:
        """Who has waited longest comes first (S2.31); without a status, all that have not ended.

        `is_owned=false` is what nobody has taken up, `waiting_for` what a coordinator has to see to, `hand_over_to`
        what somebody is asked to take over (S3.3).
        """
        own = own_only(who)
        if own is not None and (waiting_for or hand_over_to):
            raise NotYourOwn()
        found = await longest_waiting(
            reading,
            who.tenant,
            status=status,
            is_owned=is_owned,
            equal={
                "programme": programme,
                "owner": owner,
                "person_id": own or person_id,
                "waiting_for": waiting_for,
                "hand_over_to": hand_over_to,
            },
            after=_place(paging),
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last: JsonValue = None
        if len(found) > len(shown):
            last = [shown[-1].waiting_since.isoformat(), shown[-1].request_id]
        called = await names.of(who, {document.person_id for document in shown})
        seen = shown if own is None else [document.as_its_person_sees_it() for document in shown]
        return paging.page([RequestItem.of(document, called) for document in seen], next_after=last)


def _place(paging: Paging) -> Place | None:
    match paging.after:
        case [str(day), str(request_id)]:
            return day, request_id
        case _:
            return None
