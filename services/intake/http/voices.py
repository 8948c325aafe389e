"""What a person answers when asked, by themselves or by staff on their behalf; shown to the person alone (S2.5)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import CommandBody, Commanded, Id, Router, answer, caller, commanded_by
from chassis.keyring import Keyring
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.intake import AnswersGiven, Moment
from contracts.sealed import Redacted
from services.intake.domain.person import person
from services.intake.domain.voice import GiveAnswers, RedactVoice, voice
from services.intake.facts import programme_in_force
from services.intake.http.answers import Done
from services.intake.http.own import OWN_PERSON, check_own
from services.intake.instruments import scales_of
from services.intake.sealing import sealed


class AnswersBody(CommandBody):
    """Answers to one instrument, at the start or later; a second time on one day replaces the first.

    `items` are the answers in the order of the questions; `answered_on` is today where it is left out.
    """

    programme: Id
    instrument: Id
    instrument_version: Id
    moment: Moment
    items: Annotated[tuple[Annotated[int, Field(ge=0, le=100)], ...], Field(min_length=1, max_length=50)]
    own_words: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    answered_on: date | None = None


class AnswersView(BaseModel):
    """What the person said, as it counts now."""

    answer_id: str
    programme: str
    instrument: str
    instrument_version: str
    moment: Moment
    items: list[int]
    least: int
    most: int
    own_words: str | None
    answered_on: date


def voices_router(commands: CommandHandler, keyring: Keyring, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["voices"])
    write = commanded_by("people:write", OWN_PERSON)

    async def known(tenant: str, person_id: str) -> StreamId:
        """The person's stream. Raises NotFound before anything is sealed."""
        if (await commands.state(person, StreamId(tenant, "person", person_id))).state.registered is None:
            raise NotFound()
        return StreamId(tenant, "voice", person_id)

    @router.post("/{person_id}/answers", status_code=201)
    async def give_answers(
        person_id: Id, body: AnswersBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """Nobody has to, and nothing depends on it (S0.4)."""
        check_own(ask.principal, person_id, "people:write")
        tenant = ask.principal.tenant
        stream, programme = await known(tenant, person_id), await programme_in_force(commands, tenant, body.programme)
        today = programme.day(clock.now())
        [own_words] = await sealed(keyring, tenant, person_id, body.own_words)
        command = GiveAnswers(
            person_id=person_id,
            **body.model_dump(exclude={"answered_on", "own_words"}),
            answered_on=body.answered_on or today,
            sealed_items=await keyring.seal(tenant, person_id, [*body.items]),
            own_words=own_words,
            in_use=programme.policy.instruments,
            scales=scales_of(body.instrument),
            today=today,
        )
        outcome = await commands.handle(voice, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/persons/{person_id}/answers")
        return Done(id=command.answer_id, version=outcome.version)

    @router.post("/{person_id}/answers/{answer_id}/redaction")
    async def redact_answers(
        person_id: Id, answer_id: Id, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """Taken back: shown to nobody and counted no longer, from now on."""
        check_own(ask.principal, person_id, "people:write")
        stream, command = await known(ask.principal.tenant, person_id), RedactVoice(person_id, answer_id, clock.now())
        outcome = await commands.handle(voice, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return Done(id=answer_id, version=outcome.version)

    @router.get("/{person_id}/answers")
    async def own_answers(person_id: Id, who: Annotated[Principal, caller(OWN_PERSON)]) -> list[AnswersView]:
        """Oldest first, as they stand now; what was taken back is not there."""
        check_own(who, person_id)
        state = (await commands.state(voice, await known(who.tenant, person_id))).state
        given = sorted(state.answers.values(), key=lambda one: one.answered_on)
        return [view for view in [await answers_view(keyring, who.tenant, one) for one in given] if view is not None]

    return router


async def answers_view(keyring: Keyring, tenant: str, given: AnswersGiven) -> AnswersView | None:
    items, *words = await keyring.open_many(tenant, [given.items, *([given.own_words] if given.own_words else [])])
    if isinstance(items, Redacted):
        return None
    return AnswersView(
        **given.model_dump(exclude={"person_id", "items", "own_words"}),
        items=items,
        own_words=words[0] if words else None,
    )
