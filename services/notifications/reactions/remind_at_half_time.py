"""Half of a proposal's time has passed: who has not answered is told that it is still open, once (S2.28)."""

from collections.abc import Iterable
from datetime import datetime

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.matching import HelperProposed, NoSaid, ProposalDropped, ProposalRefused, SearchSettled, YesSaid
from contracts.notifications import Details
from contracts.topics import MATCHING
from services.notifications.domain.message import TellOf, message
from services.notifications.domain.occasions import Notice

_SIDES = ("requester", "helper")


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    match recorded.event:
        case HelperProposed() as proposed:
            half_time = proposed.proposed_at + (proposed.until - proposed.proposed_at) / 2
            for side, recipient_id in zip(_SIDES, (proposed.person_id, proposed.helper_id), strict=True):
                yield SetTimer(_key(proposed.proposal_id, side), half_time, _payload(proposed, recipient_id))
        case YesSaid(proposal_id=proposal_id, said_by=side) | NoSaid(proposal_id=proposal_id, said_by=side):
            yield CancelTimer(_key(proposal_id, side))
        case ProposalDropped() | ProposalRefused() | SearchSettled() as over:
            for side in _SIDES:
                yield CancelTimer(_key(over.proposal_id, side))
        case _:
            return


def _key(proposal_id: str, side: str) -> str:
    return f"{proposal_id}-{side}"


def _payload(proposed: HelperProposed, recipient_id: str) -> dict[str, str]:
    return {
        "recipient_id": recipient_id,
        "programme": proposed.programme,
        "proposal_id": proposed.proposal_id,
        "until": proposed.until.isoformat(),
    }


def remind_at_half_time(commands: CommandHandler, clock: Clock) -> TimerPlan:
    async def fire(fired: FiredTimer) -> None:
        about, until = fired.payload, datetime.fromisoformat(fired.payload["until"])
        message_id = derive_id("message", about["proposal_id"], "reminder", about["recipient_id"])
        notice = Notice(
            about["recipient_id"],
            about["programme"],
            "reminder",
            until,
            Details(until=until),
            about=about["proposal_id"],
        )
        command = TellOf.of(notice, message_id=message_id, cause_id=fired.causation_id, now=clock.now())
        stream = StreamId(fired.tenant, "message", message_id)
        await commands.handle(message, stream, command, context=fired.context())

    return TimerPlan(
        name="remind-at-half-time",
        topics=(MATCHING,),
        handles=(HelperProposed, YesSaid, NoSaid, ProposalDropped, ProposalRefused, SearchSettled),
        plan=_plan,
        fire=fire,
    )
