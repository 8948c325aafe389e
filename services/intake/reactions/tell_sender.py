"""Somebody referred this request: their system hears how it goes, until its final status (S2.3, S2.4)."""

from datetime import datetime
from typing import Any, Literal

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.reaction import Reaction
from contracts.base import Event
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import RequestMet, RequestParked, RequestResumed, RequestTakenUp, RequestWithdrawn
from contracts.referral import ReferralStatus
from contracts.sealed import Redacted
from contracts.topics import INTAKE
from services.intake.domain.person import person
from services.intake.domain.request import request
from services.intake.domain.request_state import Request
from services.intake.facts import language_of, programme_in_force
from services.intake.referral_answers import ReferralAnswers
from services.intake.wording import Wording

Stage = Literal["posted", "taken-up", "parked", "matched", "met", "withdrawn"]


class Senders:
    """Tells whoever referred a request. The same stage at the same instant is the same bytes."""

    def __init__(
        self, commands: CommandHandler, keyring: Keyring, *, answers: ReferralAnswers, wording: Wording
    ) -> None:
        self._commands = commands
        self._keyring = keyring
        self._answers = answers
        self._wording = wording

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
            **(await self._why(tenant, known) if stage == "withdrawn" and known.rule is not None else {}),
        )
        await self._answers.send(tenant, status)

    async def _why(self, tenant: str, known: Request) -> dict[str, Any]:
        """As for one that was declined: every referral ends with a reason (S1.24, S3.19)."""
        somebody = (await self._commands.state(person, StreamId(tenant, "person", known.person_id))).state
        programme = await programme_in_force(self._commands, tenant, known.programme)
        reason = self._wording.reason(known.rule, language_of(somebody, programme.policy))
        return {"rule": known.rule, "reason": reason, "options": known.options}


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
