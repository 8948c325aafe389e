"""The steps of leaving without a trace, each caused by the one before; a timer sees that they do not stop (S2.3)."""

from collections.abc import Iterable

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.reaction import Reaction
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts import matching, notifications, reporting
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import (
    AnswersGiven,
    ErasureAsked,
    PersonErased,
    PersonPurged,
    RequestPosted,
    VolunteerApplied,
)
from contracts.topics import INTAKE, MATCHING, NOTIFICATIONS, REPORTING
from services.intake.domain.person import person
from services.intake.domain.person_commands import NoteErasureOverdue
from services.intake.leaving import Leaving

_RECEIPTS = (
    PersonPurged,
    matching.PersonPurged,
    notifications.PersonPurged,
    reporting.PersonPurged,
)
_LATE = (RequestPosted, VolunteerApplied, AnswersGiven)


def people_leave(leaving: Leaving) -> Reaction:
    """Safe to repeat: every step is, and its command id is derived. Matching begins: live matches end first."""

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case matching.PersonReleased(person_id=person_id):
                await leaving.destroy_key(cause, person_id)
            case PersonPurged(person_id=person_id):
                await leaving.receive(cause, person_id, "intake")
            case matching.PersonPurged(person_id=person_id):
                await leaving.receive(cause, person_id, "matching")
            case notifications.PersonPurged(person_id=person_id):
                await leaving.receive(cause, person_id, "notifications")
            case reporting.PersonPurged(person_id=person_id):
                await leaving.receive(cause, person_id, "reporting")
            case _:
                await leaving.come_too_late(cause)

    return Reaction(
        name="people-leave",
        topics=(INTAKE, MATCHING, NOTIFICATIONS, REPORTING),
        handles=(matching.PersonReleased, *_RECEIPTS, *_LATE),
        react=react,
    )


def erasures_are_due(commands: CommandHandler, clock: Clock) -> TimerPlan:
    """After seven days a coordinator or operator sees who has not answered; what is late goes on all the same."""

    async def fire(fired: FiredTimer) -> None:
        stream = StreamId(fired.tenant, "person", fired.key)
        await commands.handle(person, stream, NoteErasureOverdue(clock.now()), context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case ErasureAsked(person_id=person_id, overdue_at=overdue_at):
                yield SetTimer(person_id, overdue_at, {})
            case PersonErased(person_id=person_id):
                yield CancelTimer(person_id)
            case _:
                return

    handles = (ErasureAsked, PersonErased)
    return TimerPlan("erasures-are-due", topics=(INTAKE,), handles=handles, plan=plan, fire=fire)
