"""Requests over HTTP: posted for oneself or on behalf, owned, parked, ended (S1.3, S2.8, S2.31, S3.3, S3.17)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import JsonValue

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import (
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
from chassis.http.sentences import spoken_language
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.sealed import Redacted, Sealed
from services.intake.domain.eligibility import Wish
from services.intake.domain.request import (
    Command,
    ParkRequest,
    PostRequest,
    ResumeRequest,
    TakeUpRequest,
    WithdrawRequest,
    request,
)
from services.intake.facts import age_of, programme_in_force, registered_person
from services.intake.http.own import NotYourOwn, own_only
from services.intake.http.programmes import Code
from services.intake.http.request_bodies import ParkingBody, RequestBody, RequestItem, RequestStatus, RequestView
from services.intake.projections.requests import Place, Status, longest_waiting, request_of
from services.intake.sealing import sealed_text
from services.intake.wording import Wording

Language = Annotated[str | None, Header(alias="Accept-Language")]


def requests_router(
    commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, clock: Clock, wording: Wording
) -> APIRouter:
    router = Router(prefix="/v1/requests", tags=["requests"])
    write = commanded_by("requests:write")

    async def run(
        request_id: str, command: Command, ask: Commanded, response: Response, language: str
    ) -> RequestStatus:
        stream = StreamId(ask.principal.tenant, "request", request_id)
        if not isinstance(command, PostRequest):
            await _check_own(stream, ask.principal)
        outcome = await commands.handle(request, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/requests/{request_id}")
        return RequestStatus.of(outcome.state, wording, language)

    async def _check_own(stream: StreamId, who: Principal) -> None:
        own = own_only(who)
        if own is not None and (await commands.state(request, stream)).state.person_id != own:
            raise NotFound()

    @router.post("", status_code=201)
    async def post_request(
        body: RequestBody, ask: Annotated[Commanded, write], response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """Posted, or declined with the rule and the ways that stay open; both are kept (S2.31, S3.19)."""
        if own_only(ask.principal) not in (None, body.person_id):
            raise NotYourOwn()
        language = spoken_language(accept_language)
        request_id = ask.new_id("request")
        command = await _post_command(body, request_id, ask, language)
        return await run(request_id, command, ask, response, language)

    async def _post_command(body: RequestBody, request_id: str, ask: Commanded, language: str) -> PostRequest:
        tenant, now = ask.principal.tenant, clock.now()
        programme, somebody = await asyncio.gather(
            programme_in_force(commands, tenant, body.programme),
            registered_person(commands, tenant, body.person_id),
        )
        today = programme.day(now)
        wish = Wish(
            origin="self" if ask.principal.person_id == body.person_id else "staff",
            today=today,
            age=await age_of(keyring, tenant, somebody, on=today),
            municipality=body.municipality,
            category=body.category,
            expected_duration=body.expected_duration,
            latest_date=body.latest_date,
            gates=body.gates,
        )
        return PostRequest(
            request_id=request_id,
            person_id=body.person_id,
            programme=programme,
            wish=wish,
            what=await sealed_text(keyring, tenant, body.person_id, body.what),
            entered_by=ask.context.actor,
            now=now,
            wishes=body.wishes,
            needed_since=body.needed_since,
            wording=wording.options(language),
        )

    @router.post("/{request_id}/take-up")
    async def take_up(
        request_id: Id, ask: Annotated[Commanded, write], response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The caller becomes its owner (S3.3)."""
        if own_only(ask.principal) is not None:
            raise NotYourOwn()
        command = TakeUpRequest(owner=ask.context.actor, now=clock.now())
        return await run(request_id, command, ask, response, spoken_language(accept_language))

    @router.post("/{request_id}/parking")
    async def park(
        request_id: Id,
        body: ParkingBody,
        ask: Annotated[Commanded, write],
        response: Response,
        accept_language: Language = None,
    ) -> RequestStatus:
        """It waits for the person, without end (S3.17)."""
        command = ParkRequest(now=clock.now(), remind=body.remind)
        return await run(request_id, command, ask, response, spoken_language(accept_language))

    @router.post("/{request_id}/resumption")
    async def resume(
        request_id: Id, ask: Annotated[Commanded, write], response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """The person is ready."""
        return await run(request_id, ResumeRequest(now=clock.now()), ask, response, spoken_language(accept_language))

    @router.post("/{request_id}/withdrawal")
    async def withdraw(
        request_id: Id, ask: Annotated[Commanded, write], response: Response, accept_language: Language = None
    ) -> RequestStatus:
        """No reason is asked (S2.8)."""
        return await run(request_id, WithdrawRequest(now=clock.now()), ask, response, spoken_language(accept_language))

    @router.get("/{request_id}")
    async def show_request(
        request_id: Id,
        who: Annotated[Principal, caller("requests:read")],
        at_least: MinPositionHeader,
        response: Response,
        accept_language: Language = None,
    ) -> RequestView:
        """With where it stands in plain words (S3.75)."""
        found = await request_of(reading, who.tenant, request_id, at_least=at_least)
        if found is None or own_only(who) not in (None, found.document.person_id):
            raise NotFound()
        versioned(response, Position(StreamId(who.tenant, "request", request_id), found.version))
        text = wording.status(found.document.status, spoken_language(accept_language))
        what = await _opened(found.document.what, who)
        return RequestView.of_document(found.document, what=what, in_plain_words=text)

    async def _opened(what: Sealed[str] | None, who: Principal) -> str | None:
        if what is None:
            return None
        opened = await keyring.open(who.tenant, what)
        return None if isinstance(opened, Redacted) else opened

    @router.get("")
    async def list_requests(
        who: Annotated[Principal, caller("requests:read")],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        status: Status | None = None,
        programme: Code | None = None,
        owner: Id | None = None,
    ) -> Page[RequestItem]:
        """Who has waited longest comes first (S2.31); without a status, all that have not ended."""
        found = await longest_waiting(
            reading,
            who.tenant,
            status=status,
            programme=programme,
            owner=owner,
            person_id=own_only(who),
            after=_place(paging),
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last: JsonValue = None
        if len(found) > len(shown):
            last = [shown[-1].waiting_since.isoformat(), shown[-1].request_id]
        return paging.page([RequestItem.of(document) for document in shown], next_after=last)

    return router


def _place(paging: Paging) -> Place | None:
    match paging.after:
        case [str(day), str(request_id)]:
            return day, request_id
        case _:
            return None
