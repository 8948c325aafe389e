"""A referral over HTTP: the same rules and the same answer as on Kafka."""

from typing import Annotated

from fastapi import APIRouter

from chassis.http import Commanded, Router, commanded_by
from contracts.referral import Referral, ReferralStatus
from services.intake.referral_desk import Arrival, ReferralDesk


def referrals_router(desk: ReferralDesk) -> APIRouter:
    router = Router(prefix="/v1/referrals", tags=["referrals"])

    @router.post("")
    async def refer(body: Referral, ask: Annotated[Commanded, commanded_by("referrals:write")]) -> ReferralStatus:
        """Posted or declined, with reason and options; the same referral again is answered with what became of it.

        Later statuses come on the topic `referral-status.<tenant>`.
        """
        arrival = Arrival(
            tenant=ask.principal.tenant,
            sender=ask.principal.subject,
            correlation_id=ask.context.correlation_id,
            traceparent=ask.context.traceparent,
        )
        return await desk.handle(body, arrival)

    return router
