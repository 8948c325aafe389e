"""Who is approved at intake is listed here; who is not any more is taken off the list (S2.27)."""

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from chassis.refusal import FactsTooOld
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import ApprovalLapsed, VolunteerApproved, VolunteerLeft, VolunteerSuspended
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import Command, ListHelper, UnlistHelper
from services.matching.policies import Policies


def on_volunteering(commands: CommandHandler, policies: Policies, clock: Clock) -> Reaction:
    """Safe to repeat: a listing that is the same already makes no event, and the ids are derived."""

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case VolunteerApproved() as approved:
                await ask(cause, approved.person_id, await _listing(cause.tenant, approved))
            case ApprovalLapsed(person_id=person_id, programme=programme):
                await ask(cause, person_id, UnlistHelper(programme, "lapsed"))
            case VolunteerSuspended(person_id=person_id, programme=programme):
                await ask(cause, person_id, UnlistHelper(programme, "suspended"))
            case VolunteerLeft(person_id=person_id, programme=programme):
                await ask(cause, person_id, UnlistHelper(programme, "left"))
            case _:
                return

    async def ask(cause: RecordedEvent, person_id: str, command: Command) -> None:
        stream = StreamId(cause.tenant, "helper", person_id)
        await commands.handle(helper, stream, command, context=Context.caused_by(cause, "listing"))

    async def _listing(tenant: str, approved: VolunteerApproved) -> ListHelper:
        known = await policies.known(tenant, approved.programme)
        if known.version < approved.policy_version:
            raise FactsTooOld("the policy the helper was approved under is not known here yet")
        now = clock.now()
        return ListHelper(
            person_id=approved.person_id,
            programme=approved.programme,
            roles=approved.roles,
            capacity=known.policy.capacity,
            approved_under=approved.policy_version,
            until=approved.valid_until,
            now=now,
            policy=known.at(now),
        )

    return Reaction(
        "list-helpers",
        topics=(topics.INTAKE,),
        handles=(VolunteerApproved, ApprovalLapsed, VolunteerSuspended, VolunteerLeft),
        react=react,
    )
