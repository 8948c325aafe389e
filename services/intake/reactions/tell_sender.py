"""Somebody referred this request: their system hears how it goes, until its final status (S2.3, S2.4)."""

from datetime import datetime
from typing import Literal

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.reaction import Reaction
from contracts.base import Event
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import RequestMet, RequestParked, RequestResumed, RequestTakenUp, RequestWithdrawn
from contracts.referral import ReferralStatus
from contracts.sealed import Redacted
from contracts.topics import INTAKE
from services.intake.domain.request import request
from services.intake.domain.request_state import Request
from services.intake.referral_answers import ReferralAnswers

Stage = Literal["posted", "taken-up", "parked", "matched", "met", "withdrawn"]


class Senders:
    """Tells whoever referred a request. The same stage at the same instant is the same bytes."""

    def __init__(self, keyring: Keyring, answers: ReferralAnswers) -> None:
        self._keyring = keyring
        self._answers = answers

    async def tell(self, tenant: str, known: Request, stage: Stage, at: datetime) -> None:
        """Nothing where nobody referred, or where the person was erased and with them the sender's number."""
        if known.referral_id is None:
            return
        referral_id = await self._keyring.open(tenant, known.referral_id)
        if isinstance(referral_id, Redacted):
            return
        status = ReferralStatus(
            referral_id=referral_id,
            request_id=known.request_id,
            status=stage,
            final=stage in ("met", "withdrawn"),
            at=at,
        )
        await self._answers.send(tenant, status)


def tell_sender(commands: CommandHandler, senders: Senders) -> Reaction:
    """Safe to repeat. How a referral was answered at first is told where it is decided."""

    async def react(cause: RecordedEvent) -> None:
        known = (await commands.state(request, StreamId(cause.tenant, "request", cause.stream.id))).state
        told = _stage(cause.event, has_owner=known.owner is not None)
        if told is not None:
            stage, at = told
            await senders.tell(cause.tenant, known, stage, at)

    return Reaction(
        name="tell-sender",
        topics=(INTAKE,),
        handles=(RequestTakenUp, RequestParked, RequestResumed, RequestWithdrawn, RequestMet),
        react=react,
    )


def _stage(event: Event, *, has_owner: bool) -> tuple[Stage, datetime] | None:
    match event:
        case RequestTakenUp(taken_up_at=at):
            return "taken-up", at
        case RequestParked(parked_at=at):
            return "parked", at
        case RequestResumed(resumed_at=at):
            return ("taken-up" if has_owner else "posted"), at
        case RequestWithdrawn(withdrawn_at=at):
            return "withdrawn", at
        case RequestMet(met_at=at):
            return "met", at
        case _:
            return None
