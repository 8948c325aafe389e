"""A week after they could get in touch, who has not said that the task is done is asked, once."""

from collections.abc import Iterable
from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.matching import ContactAgreed, ProposalDropped, TaskCompleted, TaskDone
from contracts.notifications import Details
from contracts.topics import MATCHING
from services.notifications.domain.message import TellOf, message
from services.notifications.domain.occasions import Notice

_SIDES = ("requester", "helper")
# (ours) Long enough for two people to find a time.
_AFTER = timedelta(days=7)
_WEEK = timedelta(days=7)


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    match recorded.event:
        case ContactAgreed() as agreed:
            for side, recipient_id in zip(_SIDES, (agreed.requester_id, agreed.helper_id), strict=True):
                about = {"recipient_id": recipient_id, "programme": agreed.programme, "proposal_id": agreed.proposal_id}
                yield SetTimer(f"{agreed.proposal_id}-{side}", agreed.agreed_at + _AFTER, about)
        case TaskDone(proposal_id=proposal_id, done_by=side):
            yield CancelTimer(f"{proposal_id}-{side}")
        case TaskCompleted(proposal_id=proposal_id) | ProposalDropped(proposal_id=proposal_id):
            for side in _SIDES:
                yield CancelTimer(f"{proposal_id}-{side}")
        case _:
            return


def remind_to_say_done(commands: CommandHandler, clock: Clock) -> TimerPlan:
    async def fire(fired: FiredTimer) -> None:
        about, now = fired.payload, clock.now()
        message_id = derive_id("message", about["proposal_id"], "say-done", about["recipient_id"])
        notice = Notice(
            about["recipient_id"], about["programme"], "say-done", now + _WEEK, Details(), about=about["proposal_id"]
        )
        command = TellOf.of(notice, message_id=message_id, cause_id=fired.causation_id, now=now)
        await commands.handle(message, StreamId(fired.tenant, "message", message_id), command, context=fired.context())

    return TimerPlan(
        name="remind-to-say-done",
        topics=(MATCHING,),
        handles=(ContactAgreed, TaskDone, TaskCompleted, ProposalDropped),
        plan=_plan,
        fire=fire,
    )
