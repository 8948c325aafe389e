"""People over HTTP: registered on their behalf by any channel, or by themselves (S1.8, S1.12, S3.32)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import Outcome
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
from chassis.http.refusals import UnknownField
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from services.intake.domain.person import Person
from services.intake.http.answers import Done
from services.intake.http.own import OWN_PERSON, NotYourOwn, check_own
from services.intake.http.person_bodies import (
    ConsentBody,
    ContactBody,
    PersonBody,
    PersonView,
    ProfileBody,
    ResidenceBody,
)
from services.intake.http.person_desk import PersonDesk
from services.intake.http.person_views import PersonViews
from services.intake.names import Names
from services.intake.projections.persons import person_of, persons_after


def persons_router(
    desk: PersonDesk, views: PersonViews, reading: ReadModels, *, names: Names, clock: Clock
) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["persons"])
    write = commanded_by("people:write", OWN_PERSON)
    welcome = commanded_by("people:write", OWN_PERSON, by_programme=True)

    def done(person_id: str, outcome: Outcome[Person], response: Response) -> Done:
        answer(response, outcome, location=f"/v1/persons/{person_id}")
        return Done(id=person_id, version=outcome.version)

    @router.post("", status_code=201)
    async def register_person(body: PersonBody, ask: Annotated[Commanded, welcome], response: Response) -> Done:
        """Staff register somebody under a new pseudonym; who logs in registers themselves under their own."""
        on_behalf = ask.principal.has("people:write")
        person_id = ask.new_id("person") if on_behalf else ask.principal.person_id
        if person_id is None:
            raise NotYourOwn()
        return done(person_id, await desk.register(person_id, body, ask), response)

    @router.post("/{person_id}/profile")
    async def describe_profile(
        person_id: Id, body: ProfileBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """What the person gives, wants and hopes for, on their own word; replaces the profile before."""
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.profile(person_id, body, ask), response)

    @router.post("/{person_id}/contact")
    async def give_contact(
        person_id: Id, body: ContactBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.contact(person_id, body, ask), response)

    @router.post("/{person_id}/residence")
    async def change_residence(
        person_id: Id, body: ResidenceBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """Where the person lives from a day on; another word about the same day corrects the one before (S1.24)."""
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.residence(person_id, body, ask), response)

    @router.post("/{person_id}/consents")
    async def give_consent(
        person_id: Id, body: ConsentBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """For one purpose and one controller (S2.3, S4.11)."""
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.consent(person_id, body, ask), response)

    @router.post("/{person_id}/consents/withdrawal")
    async def withdraw_consent(
        person_id: Id, body: ConsentBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        check_own(ask.principal, person_id, "people:write")
        return done(person_id, await desk.withdraw_consent(person_id, body, ask), response)

    @router.get("/{person_id}")
    async def show_person(
        person_id: Id,
        who: Annotated[Principal, caller("people:read", OWN_PERSON)],
        at_least: MinPositionHeader,
        response: Response,
    ) -> PersonView:
        check_own(who, person_id, "people:read")
        found = await person_of(reading, who.tenant, person_id, at_least=at_least)
        if found is None:
            raise NotFound()
        versioned(response, Position(StreamId(who.tenant, "person", person_id), found.version))
        [view] = await views.of(who.tenant, [found.document])
        if who.person_id == person_id:
            view.lived_experience = await views.told(who.tenant, found.document)
        return view

    @router.get("")
    async def list_persons(
        request: Request,
        who: Annotated[Principal, caller("people:read")],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        name: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    ) -> Page[PersonView]:
        """In the order of their ids, or those with that name. Nobody is searched by anything else (S0.3, S3.31)."""
        for asked in request.query_params.keys() - {"name", "limit", "cursor"}:
            raise UnknownField(f"query.{asked}")
        if name is not None:
            return paging.page(await views.of(who.tenant, await names.search(who.tenant, name, limit=paging.limit)))
        after = str(paging.after or "")
        found = await persons_after(reading, who.tenant, after=after, limit=paging.limit + 1, at_least=at_least)
        shown = found[: paging.limit]
        listed = await views.of(who.tenant, shown)
        return paging.page(listed, next_after=shown[-1].person_id if len(found) > len(shown) else None)

    return router
