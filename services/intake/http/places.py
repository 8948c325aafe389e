"""The directory over HTTP."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

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
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.policy import Zone
from services.intake.domain.calendar import day_in
from services.intake.domain.place import Command, DelistPlace, ListPlace, NamePlace, OpenPlace, place
from services.intake.http.answers import Done
from services.intake.projections.places import PlaceDocument, place_of, places_after

Kind = Literal["tenant", "centre", "partner", "school", "firm"]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class PlaceBody(CommandBody):
    """`place_id` is the word by which a programme's policy names it."""

    place_id: Id
    kind: Kind
    name: Name
    sector: Literal["municipal", "civil", "regional", "private"]
    country: Literal["NO", "DK"]
    zone: Zone
    organisation_number: Annotated[str, Field(max_length=20)] | None = None
    parent: Id | None = None
    postcode: Annotated[str, Field(max_length=10)] | None = None
    contact_role: Name = "coordinator"


class OpeningBody(CommandBody):
    opens_on: date


class NamingBody(CommandBody):
    """What one audience calls the place, and places like it together."""

    audience: Id
    name: Name
    collective: Name | None = None


def places_router(commands: CommandHandler, reading: ReadModels, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/places", tags=["places"])

    async def run(place_id: str, command: Command, ask: Commanded, response: Response) -> Done:
        stream = StreamId(ask.principal.tenant, "place", place_id)
        outcome = await commands.handle(place, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/places/{place_id}")
        return Done(id=place_id, version=outcome.version)

    @router.post("", status_code=201)
    async def list_place(
        body: PlaceBody, ask: Annotated[Commanded, commanded_by("programmes:manage")], response: Response
    ) -> Done:
        return await run(body.place_id, ListPlace(**body.model_dump(exclude={"place_id"})), ask, response)

    @router.post("/{place_id}/opening")
    async def open_place(
        place_id: Id,
        body: OpeningBody,
        ask: Annotated[Commanded, commanded_by("programmes:manage")],
        response: Response,
    ) -> Done:
        """Nothing is booked before that day (S0.1)."""
        known = await commands.state(place, StreamId(ask.principal.tenant, "place", place_id))
        if known.state.listed is None:
            raise NotFound()
        today = day_in(known.state.listed.zone, clock.now())
        return await run(place_id, OpenPlace(opens_on=body.opens_on, today=today), ask, response)

    @router.post("/{place_id}/names")
    async def name_place(
        place_id: Id,
        body: NamingBody,
        ask: Annotated[Commanded, commanded_by("programmes:manage")],
        response: Response,
    ) -> Done:
        return await run(place_id, NamePlace(**body.model_dump()), ask, response)

    @router.post("/{place_id}/delisting")
    async def delist_place(
        place_id: Id, ask: Annotated[Commanded, commanded_by("programmes:manage")], response: Response
    ) -> Done:
        return await run(place_id, DelistPlace(), ask, response)

    @router.get("/{place_id}")
    async def show_place(
        place_id: Id,
        who: Annotated[Principal, caller("programmes:read", "programmes:manage")],
        at_least: MinPositionHeader,
        response: Response,
    ) -> PlaceDocument:
        found = await place_of(reading, who.tenant, place_id, at_least=at_least)
        if found is None:
            raise NotFound()
        versioned(response, Position(StreamId(who.tenant, "place", place_id), found.version))
        return found.document

    @router.get("")
    async def places(
        who: Annotated[Principal, caller("programmes:read", "programmes:manage", by_programme=True)],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        kind: Kind | None = None,
    ) -> Page[PlaceDocument]:
        found = await places_after(
            reading, who.tenant, kind=kind, after=str(paging.after or ""), limit=paging.limit + 1, at_least=at_least
        )
        shown = found[: paging.limit]
        return paging.page(shown, next_after=shown[-1].place_id if len(found) > len(shown) else None)

    return router
