"""A policy changed, somebody moved, a text or a certificate ran out: does each approval hold (S1.24, S2.24-S2.27)?"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.intake import (
    ApprovalLapsed,
    ConfidentialityDue,
    ProgrammeAdopted,
    ResidenceChanged,
    VolunteerApproved,
    VolunteerLeft,
)
from contracts.topics import INTAKE
from services.intake.domain.residence import resident_until
from services.intake.domain.volunteering import Reassess, volunteering
from services.intake.facts import lived, programme_in_force, registered_person
from services.intake.projections.volunteerings import Asked, volunteerings, volunteerings_after

_AT_ONCE = 200


class Reassessment:
    """Asks approvals against the policy in force. Safe to repeat: command ids are derived from the cause."""

    def __init__(self, commands: CommandHandler, reading: ReadModels, keyring: Keyring, clock: Clock) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._clock = clock

    async def one(self, tenant: str, volunteering_id: str, context: Context) -> None:
        person_id, _, code = volunteering_id.rpartition("_")
        programme = await programme_in_force(self._commands, tenant, code)
        somebody = await registered_person(self._commands, tenant, person_id)
        last_day = resident_until(programme.policy, await lived(self._keyring, tenant, somebody))
        await self._commands.handle(
            volunteering,
            StreamId(tenant, "volunteering", volunteering_id),
            Reassess(programme=programme, now=self._clock.now(), resident_until=last_day),
            context=replace(context, command_id=derive_id(context.command_id, volunteering_id)),
        )

    async def all_of(self, tenant: str, asked: Asked, context: Context) -> None:
        async for volunteering_id in self._found(tenant, asked):
            await self.one(tenant, volunteering_id, context)

    async def react(self, cause: RecordedEvent) -> None:
        """A new version asks everybody who is approved; who was approved against an older one at the same moment is
        asked when that approval comes by. Who moved is asked about every programme, also where an approval lapsed."""
        context = Context.caused_by(cause, "reassess-approvals")
        match cause.event:
            case ProgrammeAdopted(programme=code):
                await self._check_known(cause)
                await self.all_of(cause.tenant, Asked(programme=code, is_approved=True), context)
            case ResidenceChanged(person_id=person_id):
                await self._check_known(cause)
                await self.all_of(cause.tenant, Asked(person_id=person_id), context)
            case VolunteerApproved(programme=code, policy_version=version):
                programme = await programme_in_force(self._commands, cause.tenant, code)
                # Where only residents may help, somebody may have moved at the same moment.
                if programme.version > version or programme.policy.residence is not None:
                    await self.one(cause.tenant, cause.stream.id, context)
            case _:
                pass

    async def _check_known(self, cause: RecordedEvent) -> None:
        """Raises FactsTooOld while approvals from before may not be listed yet."""
        if await self._reading.facts_as_of(volunteerings) < cause.origin.recorded_at:
            raise FactsTooOld()

    async def fire(self, fired: FiredTimer) -> None:
        if "programme" in fired.payload:
            asked = Asked(programme=fired.payload["programme"], is_approved=True)
            await self.all_of(fired.tenant, asked, fired.context())
        else:
            await self.one(fired.tenant, fired.payload["volunteering_id"], fired.context())

    async def _found(self, tenant: str, asked: Asked) -> AsyncIterator[str]:
        after = ""
        while True:
            found = await volunteerings_after(self._reading, tenant, asked, after=after, limit=_AT_ONCE)
            for document in found:
                yield document.volunteering_id
            if len(found) < _AT_ONCE:
                return
            after = found[-1].volunteering_id


def reassess_approvals(reassessment: Reassessment) -> Reaction:
    return Reaction(
        name="reassess-approvals",
        topics=(INTAKE,),
        handles=(ProgrammeAdopted, ResidenceChanged, VolunteerApproved),
        react=reassessment.react,
    )


def lapse_when_due(reassessment: Reassessment) -> TimerPlan:
    """The days to show what a new policy asks are over, or to sign a new text, or the last day of an approval is."""
    return TimerPlan(
        name="lapse-when-due",
        topics=(INTAKE,),
        handles=(ProgrammeAdopted, VolunteerApproved, ConfidentialityDue, ApprovalLapsed, VolunteerLeft),
        plan=_plan,
        fire=reassessment.fire,
        version=2,
    )


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    match recorded.event:
        case ProgrammeAdopted(programme=programme, adopted_on=day, policy=policy):
            due = _on(day + timedelta(days=policy.resign_days + 1))
            return [SetTimer(recorded.stream.id, due, {"programme": programme})]
        case VolunteerApproved(valid_until=date() as last_day):
            due = _on(last_day + timedelta(days=1))
            return [SetTimer(recorded.stream.id, due, {"volunteering_id": recorded.stream.id})]
        case ConfidentialityDue(sign_by=last_day):
            due = _on(last_day + timedelta(days=1))
            return [SetTimer(_signing(recorded), due, {"volunteering_id": recorded.stream.id})]
        case VolunteerApproved():
            return [CancelTimer(recorded.stream.id)]
        case _:
            return [CancelTimer(recorded.stream.id), CancelTimer(_signing(recorded))]


def _signing(recorded: RecordedEvent) -> str:
    """Beside the timer for the last day of the approval: neither replaces the other."""
    return f"{recorded.stream.id}:text"


def _on(day: date) -> datetime:
    """Noon in UTC: by then it is that day everywhere between Nuuk and Kirkenes, and still is."""
    return datetime.combine(day, time(12), UTC)
