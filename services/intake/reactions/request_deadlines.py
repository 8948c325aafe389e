"""Days in which somebody answers: a request that nobody took up, a hand-over that nobody took (S3.3)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.intake import (
    HandOverAccepted,
    HandOverAsked,
    HandOverBounced,
    ProgrammeResumed,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
)
from contracts.topics import INTAKE
from services.intake.domain.request import NoteOverdue, request
from services.intake.domain.request_hand_over import ExpireHandOver
from services.intake.facts import programme_in_force
from services.intake.projections.requests import longest_waiting, requests

_AT_ONCE = 200


class RequestDeadlines:
    """Safe to repeat: command ids are derived, and a deadline that was seen to changes nothing."""

    def __init__(self, commands: CommandHandler, reading: ReadModels, clock: Clock) -> None:
        self._commands = commands
        self._reading = reading
        self._clock = clock

    async def answer_is_due(self, fired: FiredTimer) -> None:
        programme = await programme_in_force(self._commands, fired.tenant, fired.payload["programme"])
        # The clock may stand a little before the due time that was rounded up to the millisecond.
        command = NoteOverdue(programme, max(self._clock.now(), fired.due_at))
        stream = StreamId(fired.tenant, "request", fired.key)
        await self._commands.handle(request, stream, command, context=fired.context())

    async def hand_over_is_due(self, fired: FiredTimer) -> None:
        programme = await programme_in_force(self._commands, fired.tenant, fired.payload["programme"])
        command = ExpireHandOver(programme, max(self._clock.now(), fired.due_at))
        stream = StreamId(fired.tenant, "request", fired.key)
        await self._commands.handle(request, stream, command, context=fired.context())

    async def react(self, cause: RecordedEvent) -> None:
        """What a programme on pause held back is looked at once when it goes on (domain.md, rule 8)."""
        event = cause.event
        assert isinstance(event, ProgrammeResumed)  # noqa: S101 - the only event that is handed over
        if await self._reading.facts_as_of(requests) < cause.origin.recorded_at:
            raise FactsTooOld()
        programme = await programme_in_force(self._commands, cause.tenant, event.programme)
        context = Context.caused_by(cause, "note-overdue")
        async for request_id in self._unanswered(cause.tenant, event.programme):
            await self._commands.handle(
                request,
                StreamId(cause.tenant, "request", request_id),
                NoteOverdue(programme, self._clock.now()),
                context=replace(context, command_id=derive_id(context.command_id, request_id)),
            )

    async def _unanswered(self, tenant: str, programme: str) -> AsyncIterator[str]:
        after = None
        while True:
            found = await longest_waiting(
                self._reading, tenant, status="posted", equal={"programme": programme}, after=after, limit=_AT_ONCE
            )
            for document in found:
                yield document.request_id
            if len(found) < _AT_ONCE:
                return
            after = found[-1].waiting_since.isoformat(), found[-1].request_id


def note_held_back(deadlines: RequestDeadlines) -> Reaction:
    return Reaction(name="note-held-back", topics=(INTAKE,), handles=(ProgrammeResumed,), react=deadlines.react)


def answers_are_due(deadlines: RequestDeadlines) -> TimerPlan:
    """At the end of the last working day, unless somebody took it up or its person waits."""

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case RequestPosted() | RequestResumed() as event if event.answer_until is not None:
                yield SetTimer(recorded.stream.id, event.answer_until, {"programme": event.programme})
            case RequestTakenUp() | RequestParked() | RequestWithdrawn() | RequestMet():
                yield CancelTimer(recorded.stream.id)
            case _:
                return

    handles = (RequestPosted, RequestResumed, RequestTakenUp, RequestParked, RequestWithdrawn, RequestMet)
    return TimerPlan("answers-are-due", (INTAKE,), handles, plan, deadlines.answer_is_due)


def hand_overs_bounce(deadlines: RequestDeadlines) -> TimerPlan:
    """Silence is an answer: the owner stays."""

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case HandOverAsked(until=until, programme=programme):
                yield SetTimer(recorded.stream.id, until, {"programme": programme})
            case HandOverAccepted() | HandOverBounced() | RequestWithdrawn() | RequestMet():
                yield CancelTimer(recorded.stream.id)
            case _:
                return

    handles = (HandOverAsked, HandOverAccepted, HandOverBounced, RequestWithdrawn, RequestMet)
    return TimerPlan("hand-overs-bounce", (INTAKE,), handles, plan, deadlines.hand_over_is_due)
