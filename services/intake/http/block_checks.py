"""A coordinator looks whether somebody who came is who another person blocked (S2.9).

Nobody else sees that there is anything to look at; nor does a coordinator who is one of the two.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, JsonValue

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import (
    CommandBody,
    Commanded,
    Id,
    MinPositionHeader,
    Page,
    Paging,
    Router,
    answer,
    caller,
    commanded_by,
    paged,
)
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.intake import BlockKind
from contracts.sealed import Redacted
from services.intake.domain.counterpart import AnswerCheck, counterparts
from services.intake.http.answers import Done
from services.intake.projections.block_checks import BlockCheck, Place, Standing, oldest_checks


class AnswerBody(CommandBody):
    """Recognised: it is who was meant, and they never meet. No reason is asked or kept."""

    answer: Literal["recognised", "not-the-same"]


class CheckView(BaseModel):
    """`person_id` blocked, `other_id` bears it: pseudonyms, and the kind of what was blocked, never what it was."""

    check_id: str
    kind: BlockKind
    person_id: str
    other_id: str
    suspected_at: AwareDatetime
    standing: Standing
    answered_by: str | None

    @classmethod
    def of(cls, check: BlockCheck, people: tuple[str, str]) -> "CheckView":
        person_id, other_id = people
        return cls(**check.model_dump(exclude={"people"}), person_id=person_id, other_id=other_id)


def block_checks_router(commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/block-checks", tags=["block-checks"])

    @router.get("")
    async def list_block_checks(
        who: Annotated[Principal, caller("people:write")],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        standing: Standing = "open",
    ) -> Page[CheckView]:
        """What has waited longest comes first."""
        found = await oldest_checks(
            reading,
            who.tenant,
            standing=standing,
            after=_place(paging),
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last: JsonValue = None
        if len(found) > len(shown):
            last = [*shown[-1].place]
        return paging.page(await views(who, shown), next_after=last)

    async def views(who: Principal, found: list[BlockCheck]) -> list[CheckView]:
        opened = await keyring.open_many(who.tenant, [check.people for check in found])
        return [
            CheckView.of(check, people)
            for check, people in zip(found, opened, strict=True)
            if not isinstance(people, Redacted) and who.person_id not in people
        ]

    @router.post("/{check_id}/answer")
    async def answer_block_check(
        check_id: Id, body: AnswerBody, ask: Annotated[Commanded, commanded_by("people:write")], response: Response
    ) -> Done:
        """Until somebody answers, the two are held apart; an answer may be changed."""
        pair, _, block_id = check_id.rpartition("_")
        stream = StreamId(ask.principal.tenant, "pair", pair)
        await check_not_one_of_them(stream, block_id, ask.principal)
        command = AnswerCheck(block_id, body.answer == "recognised", ask.context.actor, clock.now())
        outcome = await commands.handle(
            counterparts, stream, command, context=ask.context, expected_version=ask.if_match
        )
        answer(response, outcome)
        return Done(id=check_id, version=outcome.version)

    async def check_not_one_of_them(stream: StreamId, block_id: str, who: Principal) -> None:
        known = (await commands.state(counterparts, stream)).state.checks.get(block_id)
        if known is None or known.people is None:
            raise NotFound()
        people = await keyring.open(who.tenant, known.people)
        if isinstance(people, Redacted) or who.person_id in people:
            raise NotFound()

    return router


def _place(paging: Paging) -> Place | None:
    match paging.after:
        case [str(at), str(check_id)]:
            return at, check_id
        case _:
            return None
