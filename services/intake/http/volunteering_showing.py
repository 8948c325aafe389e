"""What volunteers show, and the guidance they get, over HTTP (S2.21-S2.26)."""

from fastapi import APIRouter, Response

from chassis.clock import Clock
from chassis.http import Id
from chassis.keyring import Keyring
from services.intake.domain.programme import Programme
from services.intake.domain.showing import (
    AttendTraining,
    HoldInterview,
    ReceiveGuidance,
    ShowCertificate,
    SignConfidentiality,
)
from services.intake.domain.volunteering import Command
from services.intake.http.certificates import CertificateRoute
from services.intake.http.own import check_own
from services.intake.http.volunteering_bodies import (
    CertificateBody,
    GuidanceBody,
    InterviewBody,
    SignatureBody,
    TrainingBody,
    VolunteeringView,
)
from services.intake.http.volunteering_callers import MANAGE, Managing, Own, Training
from services.intake.http.volunteerings_desk import VolunteeringsDesk, person_and_programme
from services.intake.sealing import sealed_text


def add_showing(router: APIRouter, desk: VolunteeringsDesk, keyring: Keyring, clock: Clock) -> None:
    @router.post("/{volunteering_id}/training")
    async def attend_training(
        volunteering_id: Id, body: TrainingBody, ask: Training, response: Response
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

        return await desk.run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/confidentiality")
    async def sign_confidentiality(
        volunteering_id: Id, body: SignatureBody, ask: Own, response: Response
    ) -> VolunteeringView:
        """The newest text of the programme (S2.24)."""
        check_own(ask.principal, person_and_programme(volunteering_id)[0], MANAGE)

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return SignConfidentiality(
                person_id=person_id,
                programme=programme,
                text_version=body.text_version,
                signed_on=body.signed_on or programme.day(now),
                now=now,
            )

        return await desk.run(volunteering_id, make, ask, response)

    async def show_certificate(
        volunteering_id: Id, body: CertificateBody, ask: Managing, response: Response
    ) -> VolunteeringView:
        """Seen by the caller, and never stored (S2.25)."""
        person_id, _ = person_and_programme(volunteering_id)
        purpose = await sealed_text(keyring, ask.principal.tenant, person_id, body.purpose)

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return ShowCertificate(
                person_id=person_id,
                programme=programme,
                kind=body.kind,
                purpose=purpose,
                seen_by=ask.context.actor,
                seen_on=body.seen_on or programme.day(now),
                valid_until=body.valid_until,
                now=now,
            )

        return await desk.run(volunteering_id, make, ask, response)

    router.add_api_route(
        "/{volunteering_id}/certificate",
        show_certificate,
        methods=["POST"],
        route_class_override=CertificateRoute,
    )

    @router.post("/{volunteering_id}/interview")
    async def hold_interview(
        volunteering_id: Id, body: InterviewBody, ask: Managing, response: Response
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

        return await desk.run(volunteering_id, make, ask, response)

    @router.post("/{volunteering_id}/guidance")
    async def receive_guidance(
        volunteering_id: Id, body: GuidanceBody, ask: Training, response: Response
    ) -> VolunteeringView:
        """The caller gave it; how long, and no word of what was said (S2.21)."""

        def make(person_id: str, programme: Programme) -> Command:
            now = clock.now()
            return ReceiveGuidance(
                person_id=person_id,
                programme=programme,
                session=body.session,
                hours=body.hours,
                given_by=ask.context.actor,
                given_on=body.given_on or programme.day(now),
                now=now,
            )

        return await desk.run(volunteering_id, make, ask, response)
