"""What coordinators decide about volunteers over HTTP: approval, trust, suspension (S2.27, S3.19, S3.52)."""

from fastapi import APIRouter, Response

from chassis.clock import Clock
from chassis.http import Id
from contracts.intake import Option
from services.intake.domain.programme import Programme
from services.intake.domain.volunteering import Command, Leave, Reinstate, Suspend
from services.intake.domain.volunteering_approving import Approve, Decline
from services.intake.domain.volunteering_trust import GiveTrust, TakeBackTrust
from services.intake.facts import language_there
from services.intake.http.own import check_own
from services.intake.http.volunteering_bodies import ApprovalBody, DeclineBody, TrustBody, VolunteeringView
from services.intake.http.volunteering_callers import MANAGE, Managing, Own
from services.intake.http.volunteerings_desk import VolunteeringsDesk, person_and_programme
from services.intake.wording import Wording


def add_decisions(router: APIRouter, desk: VolunteeringsDesk, clock: Clock, wording: Wording) -> None:
    @router.post("/{volunteering_id}/approval")
    async def approve(volunteering_id: Id, body: ApprovalBody, ask: Managing, response: Response) -> VolunteeringView:
        """409 requirements_missing says what is missing against the policy in force (S2.27)."""

        def make(_: str, programme: Programme) -> Command:
            return Approve(
                programme=programme,
                approved_by=ask.context.actor,
                roles=body.roles,
                approver_person_id=ask.principal.person_id,
                now=clock.now(),
            )

        return await desk.run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/decline")
    async def decline(volunteering_id: Id, body: DeclineBody, ask: Managing, response: Response) -> VolunteeringView:
        """Who is declined gets at least two other ways (S3.19)."""

        def make(_: str, programme: Programme) -> Command:
            texts = wording.options(language_there(programme.policy))
            options = tuple(Option(code=code, text=texts.get(code, code.replace("-", " "))) for code in body.options)
            return Decline(rule=body.rule, options=options)

        return await desk.run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/suspension")
    async def suspend(volunteering_id: Id, ask: Managing, response: Response) -> VolunteeringView:
        return await desk.run(volunteering_id, lambda _, __: Suspend(suspended_by=ask.context.actor), ask, response)

    @router.post("/{volunteering_id}/reinstatement")
    async def reinstate(volunteering_id: Id, ask: Managing, response: Response) -> VolunteeringView:
        def make(_: str, programme: Programme) -> Command:
            return Reinstate(programme=programme, reinstated_by=ask.context.actor, now=clock.now())

        return await desk.run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/leaving")
    async def leave(volunteering_id: Id, ask: Own, response: Response) -> VolunteeringView:
        """It costs nothing and needs no reason."""
        check_own(ask.principal, person_and_programme(volunteering_id)[0], MANAGE)
        return await desk.run(
            volunteering_id, lambda _, programme: Leave(left_on=programme.day(clock.now())), ask, response
        )


def add_trust(router: APIRouter, desk: VolunteeringsDesk, clock: Clock) -> None:
    @router.post("/{volunteering_id}/trust")
    async def give_trust(volunteering_id: Id, body: TrustBody, ask: Managing, response: Response) -> VolunteeringView:
        """This level and those below it; nobody gives it to themselves (S3.52)."""

        def make(_: str, programme: Programme) -> Command:
            return GiveTrust(
                programme=programme,
                level=body.level,
                given_by=ask.context.actor,
                giver_person_id=ask.principal.person_id,
                now=clock.now(),
            )

        return await desk.run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/trust/taking-back")
    async def take_back_trust(
        volunteering_id: Id, body: TrustBody, ask: Managing, response: Response
    ) -> VolunteeringView:
        """This level and those above it; the approval is untouched."""

        def make(_: str, programme: Programme) -> Command:
            return TakeBackTrust(
                programme=programme, level=body.level, taken_back_by=ask.context.actor, now=clock.now()
            )

        return await desk.run(volunteering_id, make, ask, response)
