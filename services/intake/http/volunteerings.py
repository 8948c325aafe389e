"""Volunteers over HTTP: applying, what they show, approval and its end (S2.10, S2.22-S2.27, S4.5, S4.19)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response

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
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.intake import Option
from services.intake.domain.programme import Programme
from services.intake.domain.showing import AttendTraining, HoldInterview, ShowCertificate, SignConfidentiality
from services.intake.domain.volunteering import (
    Apply,
    Approve,
    Command,
    Decline,
    Leave,
    Reinstate,
    Suspend,
    volunteering,
)
from services.intake.facts import PersonUnknown, ProgrammeUnknown, programme_in_force, registered_person
from services.intake.http.own import NotYourOwn, check_own
from services.intake.http.programmes import Code
from services.intake.http.volunteering_bodies import (
    ApplicationBody,
    ApprovalBody,
    CertificateBody,
    DeclineBody,
    InterviewBody,
    SignatureBody,
    TrainingBody,
    VolunteeringView,
)
from services.intake.projections.volunteerings import Standing, VolunteeringDocument, volunteerings_after
from services.intake.wording import Wording

_OWN, _MANAGE, _READ = "volunteering:apply", "volunteering:manage", "volunteering:read"


def volunteering_id_of(person_id: str, programme: str) -> str:
    """One person's way in one programme; a programme's code has no underscore."""
    return f"{person_id}_{programme}"


def person_and_programme(volunteering_id: str) -> tuple[str, str]:
    """Raises NotFound for what is no such id."""
    person_id, _, programme = volunteering_id.rpartition("_")
    if not person_id or not programme:
        raise NotFound()
    return person_id, programme


def volunteerings_router(commands: CommandHandler, reading: ReadModels, clock: Clock, wording: Wording) -> APIRouter:
    router = Router(prefix="/v1/volunteerings", tags=["volunteerings"])
    manage, own_or_manage = commanded_by(_MANAGE), commanded_by(_OWN, _MANAGE)

    async def run(
        volunteering_id: str, make: Callable[[str, Programme], Command], ask: Commanded, response: Response
    ) -> VolunteeringView:
        """Run the command that `make` makes of the person and the programme as it stands now."""
        person_id, code = person_and_programme(volunteering_id)
        try:
            programme = await programme_in_force(commands, ask.principal.tenant, code)
            await registered_person(commands, ask.principal.tenant, person_id)
        except (ProgrammeUnknown, PersonUnknown):
            raise NotFound() from None
        stream = StreamId(ask.principal.tenant, "volunteering", volunteering_id)
        outcome = await commands.handle(
            volunteering,
            stream,
            make(person_id, programme),
            context=ask.context,
            expected_version=ask.if_match,
        )
        answer(response, outcome, location=f"/v1/volunteerings/{volunteering_id}")
        today = programme.day(clock.now())
        return VolunteeringView.of(volunteering_id, outcome.state, programme.policy, today)

    @router.post("", status_code=201)
    async def apply(
        body: ApplicationBody, ask: Annotated[Commanded, own_or_manage], response: Response
    ) -> VolunteeringView:
        """Apply for oneself, or on somebody's behalf as a coordinator."""
        person_id = body.person_id or ask.principal.person_id
        if person_id is None:
            raise NotYourOwn()
        check_own(ask.principal, person_id, _MANAGE)
        await registered_person(commands, ask.principal.tenant, person_id)
        await programme_in_force(commands, ask.principal.tenant, body.programme)

        def make(person_id: str, programme: Programme) -> Command:
            return Apply(
                person_id=person_id,
                programme=programme,
                roles=body.roles,
                recruitment_source=body.recruitment_source,
                municipality=body.municipality,
                now=clock.now(),
            )

        return await run(volunteering_id_of(person_id, body.programme), make, ask, response)

    @router.post("/{volunteering_id}/training")
    async def attend_training(
        volunteering_id: Id, body: TrainingBody, ask: Annotated[Commanded, manage], response: Response
    ) -> VolunteeringView:
        """It counts although nobody applied (S4.23)."""

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return AttendTraining(
                person_id=person_id,
                programme=programme,
                session=body.session,
                hours=body.hours,
                modules=body.modules,
                attended_on=body.attended_on or programme.day(now),
                now=now,
            )

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/confidentiality")
    async def sign_confidentiality(
        volunteering_id: Id, body: SignatureBody, ask: Annotated[Commanded, own_or_manage], response: Response
    ) -> VolunteeringView:
        """The newest text of the programme (S2.24)."""
        check_own(ask.principal, person_and_programme(volunteering_id)[0], _MANAGE)

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return SignConfidentiality(
                person_id=person_id,
                programme=programme,
                text_version=body.text_version,
                signed_on=body.signed_on or programme.day(now),
                now=now,
            )

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/certificate")
    async def show_certificate(
        volunteering_id: Id, body: CertificateBody, ask: Annotated[Commanded, manage], response: Response
    ) -> VolunteeringView:
        """Seen by the caller, and never stored (S2.25)."""

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return ShowCertificate(
                person_id=person_id,
                programme=programme,
                kind=body.kind,
                purpose=body.purpose,
                seen_by=ask.context.actor,
                seen_on=body.seen_on or programme.day(now),
                valid_until=body.valid_until,
                now=now,
            )

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/interview")
    async def hold_interview(
        volunteering_id: Id, body: InterviewBody, ask: Annotated[Commanded, manage], response: Response
    ) -> VolunteeringView:
        """The caller held it (S2.26)."""

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return HoldInterview(
                person_id=person_id,
                programme=programme,
                held_by=ask.context.actor,
                held_on=body.held_on or programme.day(now),
                outcome=body.outcome,
                now=now,
            )

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/approval")
    async def approve(
        volunteering_id: Id, body: ApprovalBody, ask: Annotated[Commanded, manage], response: Response
    ) -> VolunteeringView:
        """409 requirements_missing says what is missing against the policy in force (S2.27)."""

        def make(_: str, programme: Programme) -> Command:
            return Approve(
                programme=programme,
                approved_by=ask.context.actor,
                roles=body.roles,
                approver_person_id=ask.principal.person_id,
                now=clock.now(),
            )

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/decline")
    async def decline(
        volunteering_id: Id, body: DeclineBody, ask: Annotated[Commanded, manage], response: Response
    ) -> VolunteeringView:
        """Who is declined gets at least two other ways (S3.19)."""

        def make(_: str, programme: Programme) -> Command:
            texts = wording.options("nb" if programme.policy.country == "NO" else "da")
            options = tuple(Option(code=code, text=texts.get(code, code.replace("-", " "))) for code in body.options)
            return Decline(rule=body.rule, options=options)

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/suspension")
    async def suspend(volunteering_id: Id, ask: Annotated[Commanded, manage], response: Response) -> VolunteeringView:
        return await run(volunteering_id, lambda _, __: Suspend(suspended_by=ask.context.actor), ask, response)

    @router.post("/{volunteering_id}/reinstatement")
    async def reinstate(volunteering_id: Id, ask: Annotated[Commanded, manage], response: Response) -> VolunteeringView:
        def make(_: str, programme: Programme) -> Command:
            return Reinstate(programme=programme, reinstated_by=ask.context.actor, now=clock.now())

        return await run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/leaving")
    async def leave(
        volunteering_id: Id, ask: Annotated[Commanded, own_or_manage], response: Response
    ) -> VolunteeringView:
        """It costs nothing and needs no reason."""
        check_own(ask.principal, person_and_programme(volunteering_id)[0], _MANAGE)
        return await run(volunteering_id, lambda _, programme: Leave(left_on=programme.day(clock.now())), ask, response)

    @router.get("/{volunteering_id}")
    async def show_volunteering(
        volunteering_id: Id, who: Annotated[Principal, caller(_READ, _MANAGE, _OWN)], response: Response
    ) -> VolunteeringView:
        """What is there and what is missing, against the policy in force today."""
        person_id, code = person_and_programme(volunteering_id)
        check_own(who, person_id, _READ, _MANAGE)
        found = await commands.state(volunteering, StreamId(who.tenant, "volunteering", volunteering_id))
        if found.version == 0:
            raise NotFound()
        programme = await programme_in_force(commands, who.tenant, code)
        versioned(response, Position(found.stream, found.version))
        return VolunteeringView.of(volunteering_id, found.state, programme.policy, programme.day(clock.now()))

    @router.get("")
    async def list_volunteerings(
        who: Annotated[Principal, caller(_READ, _MANAGE)],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        programme: Code | None = None,
        standing: Standing | None = None,
        is_approved: bool | None = None,
    ) -> Page[VolunteeringDocument]:
        found = await volunteerings_after(
            reading,
            who.tenant,
            programme=programme,
            standing=standing,
            is_approved=is_approved,
            after=str(paging.after or ""),
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        return paging.page(shown, next_after=shown[-1].volunteering_id if len(found) > len(shown) else None)

    return router
