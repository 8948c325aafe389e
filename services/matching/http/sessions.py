"""Sessions of an activity: scheduled and counted by coordinators; people sign up, and say afterwards how it was."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field, StringConstraints

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.http import (
    CommandBody,
    Commanded,
    Id,
    MinPositionHeader,
    Router,
    answer,
    caller,
    commanded_by,
    versioned,
)
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from contracts.envelope import StreamId
from services.matching.domain.activity import ActivityNotFound, Stage
from services.matching.domain.session import session
from services.matching.domain.session_commands import (
    CallOff,
    Command,
    GiveFeedback,
    HoldSession,
    ScheduleSession,
    SessionNotFound,
    SignUp,
    WithdrawSignUp,
)
from services.matching.gatherings import Gatherings
from services.matching.http.activity_views import StaffedSessionView
from services.matching.http.offers import whose
from services.matching.http.views import Done
from services.matching.projections.sessions import sessions

Reader = Annotated[Principal, caller("matching:read", "matching:manage")]
Manager = Annotated[Commanded, commanded_by("matching:manage")]
MemberOrManager = Annotated[Commanded, commanded_by("matching:answer", "matching:manage")]
# Whoever says how it was is not named in the envelope either (S1.23).
_SOMEBODY = "participant"


class ScheduleBody(CommandBody):
    """`places`: how many may sign up; without it, as many as like to."""

    begins_at: AwareDatetime
    ends_at: AwareDatetime
    room: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = None
    places: Annotated[int, Field(ge=1, le=10_000)] | None = None


class SignUpBody(CommandBody):
    """`person_id`: whom a coordinator signs up who asked for it."""

    person_id: Id | None = None


class HeadsBody(CommandBody):
    """A number and nothing else: names have no place here (S3.16)."""

    heads: Annotated[int, Field(ge=0, le=100_000)]


class FeedbackBody(CommandBody):
    was_good: bool
    would_come_again: bool


def sessions_router(
    commands: CommandHandler, reading: ReadModels, gatherings: Gatherings, *, keyring: Keyring, clock: Clock
) -> APIRouter:
    router = Router(prefix="/v1", tags=["sessions"])

    @router.post("/activities/{activity_id}/sessions", status_code=201)
    async def schedule(activity_id: Id, body: ScheduleBody, ask: Manager, response: Response) -> Done:
        """Of a published activity; 422 `ends_before_it_begins`."""
        found = await gatherings.activity(ask.principal.tenant, activity_id)
        if not found.activity_id:
            raise ActivityNotFound()
        session_id = ask.new_id("session")
        command = ScheduleSession(
            session_id=session_id,
            activity_id=activity_id,
            programme=found.programme,
            begins_at=body.begins_at,
            ends_at=body.ends_at,
            room=body.room,
            places=body.places,
            is_published=found.stage is Stage.PUBLISHED,
            now=clock.now(),
        )
        return await run(session_id, command, ask, response, location=f"/v1/sessions/{session_id}")

    @router.get("/sessions/{session_id}")
    async def show(session_id: Id, who: Reader, at_least: MinPositionHeader, response: Response) -> StaffedSessionView:
        found = await reading.get(sessions, who.tenant, session_id, min_position=at_least)
        if found is None:
            raise SessionNotFound()
        stream = StreamId(who.tenant, "session", session_id)
        versioned(response, Position(stream, found["_streams"][str(stream)]))
        return StaffedSessionView.model_validate(found)

    @router.post("/sessions/{session_id}/sign-ups", status_code=201)
    async def sign_up(session_id: Id, body: SignUpBody, ask: MemberOrManager, response: Response) -> Done:
        """Until it begins; 409 `full` when all places are taken, with other ways."""
        person_id = whose(ask, body.person_id)
        await gatherings.open_to(ask.principal.tenant, person_id, session_id)
        return await run(session_id, SignUp(person_id, clock.now()), ask, response)

    @router.delete("/sessions/{session_id}/sign-ups")
    async def withdraw(
        session_id: Id, ask: MemberOrManager, response: Response, person_id: Annotated[Id | None, Query()] = None
    ) -> Done:
        """Not after all: no reason is asked, and it is no no-show (S3.69)."""
        return await run(session_id, WithdrawSignUp(whose(ask, person_id)), ask, response)

    @router.post("/sessions/{session_id}/held")
    async def held(session_id: Id, body: HeadsBody, ask: Manager, response: Response) -> Done:
        """It took place with so many heads, also more than had signed up."""
        return await run(session_id, HoldSession(body.heads, clock.now()), ask, response)

    @router.post("/sessions/{session_id}/call-off")
    async def call_off(session_id: Id, ask: Manager, response: Response) -> Done:
        """It does not take place; whoever had signed up is told."""
        return await run(session_id, CallOff(), ask, response)

    @router.post("/sessions/{session_id}/feedback")
    async def feedback(session_id: Id, body: FeedbackBody, ask: MemberOrManager, response: Response) -> Done:
        """Two answers, once, if one likes. Whose they are is kept nowhere (S1.23)."""
        person_id = None if ask.principal.has("matching:manage") else whose(ask, None)
        feedback_id = ask.new_id("feedback")
        if person_id is not None:
            await gatherings.open_to(ask.principal.tenant, person_id, session_id)
            feedback_id = keyring.fingerprint(ask.principal.tenant, "feedback", f"{session_id}/{person_id}")
        command = GiveFeedback(feedback_id, person_id, body.was_good, body.would_come_again)
        return await run(session_id, command, ask, response, context=replace(ask.context, actor=_SOMEBODY))

    async def run(
        session_id: str,
        command: Command,
        ask: Commanded,
        response: Response,
        *,
        location: str | None = None,
        context: Context | None = None,
    ) -> Done:
        stream = StreamId(ask.principal.tenant, "session", session_id)
        outcome = await commands.handle(
            session, stream, command, context=context or ask.context, expected_version=ask.if_match
        )
        answer(response, outcome, location=location)
        return Done(id=session_id, version=outcome.version)

    return router
