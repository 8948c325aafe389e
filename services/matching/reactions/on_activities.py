"""When there is no more of an activity, its coming sessions are called off, and whoever had signed up is told."""

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import ActivityClosed, SessionScheduled
from services.matching.domain.activity import Stage, activity
from services.matching.domain.session import session
from services.matching.domain.session_commands import CallOff, SessionOver
from services.matching.projections.sessions import sessions, sessions_of


def on_activities(commands: CommandHandler, reading: ReadModels, clock: Clock) -> Reaction:
    """Safe to repeat: a session is called off once, and the ids are derived.

    A session may be scheduled while its activity is closed. Heard of before that, the list has it when the closing is
    heard of; heard of after, its own event finds the activity closed.
    """

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case ActivityClosed(activity_id=activity_id, closed_at=closed_at):
                if await reading.facts_as_of(sessions) < min(closed_at, clock.now()):
                    raise FactsTooOld("which sessions come")
                found = await sessions_of(reading, cause.tenant, [activity_id], coming_at=closed_at)
                for one in found[activity_id]:
                    if one["begins_at"] > closed_at:
                        await call_off(cause, one["session_id"])
            case SessionScheduled(activity_id=activity_id, session_id=session_id):
                stream = StreamId(cause.tenant, "activity", activity_id)
                if (await commands.state(activity, stream)).state.stage is Stage.CLOSED:
                    await call_off(cause, session_id)
            case _:
                return

    async def call_off(cause: RecordedEvent, session_id: str) -> None:
        stream = StreamId(cause.tenant, "session", session_id)
        try:
            await commands.handle(session, stream, CallOff(), context=Context.caused_by(cause, "call-off"))
        except SessionOver:
            return  # it was held

    return Reaction(
        "call-off-sessions", topics=(topics.MATCHING,), handles=(ActivityClosed, SessionScheduled), react=react
    )
