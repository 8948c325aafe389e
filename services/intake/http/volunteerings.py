"""Volunteers over HTTP: applying, where each stands, whose approval ends soon (S2.10, S2.27, S4.5, S4.18)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import Id, MinPositionHeader, Page, Paging, Router, caller, paged
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from services.intake.domain.programme import Programme
from services.intake.domain.volunteering import Apply, Command
from services.intake.http.own import OWN_PERSON, NotYourOwn, check_own
from services.intake.http.programmes import Code
from services.intake.http.volunteering_bodies import ApplicationBody, VolunteeringItem, VolunteeringView
from services.intake.http.volunteering_callers import MANAGE, READ, Own
from services.intake.http.volunteering_decisions import add_decisions, add_trust
from services.intake.http.volunteering_showing import add_showing
from services.intake.http.volunteerings_desk import VolunteeringsDesk, person_and_programme, volunteering_id_of
from services.intake.names import Names
from services.intake.projections.volunteerings import Asked, Standing, volunteerings_after
from services.intake.wording import Wording


def volunteerings_router(
    commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, clock: Clock, wording: Wording
) -> APIRouter:
    router = Router(prefix="/v1/volunteerings", tags=["volunteerings"])
    desk = VolunteeringsDesk(commands, keyring, Names(reading, keyring), clock=clock)
    _add_applying(router, desk, clock)
    add_showing(router, desk, keyring, clock)
    add_decisions(router, desk, clock, wording)
    add_trust(router, desk, clock)
    _add_reading(router, desk, reading)
    return router


def _add_applying(router: APIRouter, desk: VolunteeringsDesk, clock: Clock) -> None:
    @router.post("", status_code=201)
    async def apply(body: ApplicationBody, ask: Own, response: Response) -> VolunteeringView:
        """Apply for oneself, or on somebody's behalf as a coordinator."""
        person_id = body.person_id or ask.principal.person_id
        if person_id is None:
            raise NotYourOwn()
        check_own(ask.principal, person_id, MANAGE)
        await desk.check_known(ask.principal.tenant, person_id, body.programme)

        def make(person_id: str, programme: Programme) -> Command:
            return Apply(
                person_id=person_id,
                programme=programme,
                roles=body.roles,
                recruitment_source=body.recruitment_source,
                now=clock.now(),
            )

        return await desk.run(
            volunteering_id_of(person_id, body.programme), make, ask, response, municipality=body.municipality
        )


def _add_reading(router: APIRouter, desk: VolunteeringsDesk, reading: ReadModels) -> None:
    @router.get("/{volunteering_id}")
    async def show_volunteering(
        volunteering_id: Id, who: Annotated[Principal, caller(READ, MANAGE, OWN_PERSON)], response: Response
    ) -> VolunteeringView:
        """What is there and what is missing, against the policy in force today."""
        check_own(who, person_and_programme(volunteering_id)[0], READ, MANAGE)
        return await desk.view(volunteering_id, who, response)

    @router.get("")
    async def list_volunteerings(
        who: Annotated[Principal, caller(READ, MANAGE, by_programme=True)],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        programme: Code | None = None,
        person_id: Id | None = None,
        standing: Standing | None = None,
        is_approved: bool | None = None,
        ends_by: date | None = None,
    ) -> Page[VolunteeringItem]:
        """How far each is against the policy in force today.

        `ends_by` is for those whose approval ends by that day unless something is shown: the certificate runs out, or
        a newer text is to be signed (S2.24, S2.25).
        """
        found = await volunteerings_after(
            reading,
            who.tenant,
            Asked(programme, person_id, standing=standing, is_approved=is_approved, ends_by=ends_by),
            after=str(paging.after or ""),
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last = shown[-1].volunteering_id if len(found) > len(shown) else None
        return paging.page(await desk.items(who, shown), next_after=last)
