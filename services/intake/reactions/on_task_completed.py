"""Both say that the task is done: the request is met (domain.md, what passes between services; S1.3)."""

import structlog

from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import TaskCompleted
from contracts.topics import MATCHING
from services.intake.domain.request import MeetRequest, RequestIsOver, request

log = structlog.get_logger()


def on_task_completed(commands: CommandHandler) -> Reaction:
    """Safe to repeat: the command id is derived. Whoever referred hears of it as of every request that is met."""

    async def react(cause: RecordedEvent) -> None:
        event = cause.event
        assert isinstance(event, TaskCompleted)  # noqa: S101 - the only event that is handed over
        stream = StreamId(cause.tenant, "request", event.request_id)
        command = MeetRequest(how="by-task", now=event.completed_at)
        try:
            await commands.handle(request, stream, command, context=Context.caused_by(cause, "meet-request"))
        except RequestIsOver:
            log.info("task_completed_for_ended_request", tenant=cause.tenant, request_id=event.request_id)

    return Reaction(name="on-task-completed", topics=(MATCHING,), handles=(TaskCompleted,), react=react)
