"""Whom a person never wants to meet, known here or not (S2.9). Nobody is shown whom it is about, not even they."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis.auth import Principal
from chassis.command_handler import CommandHandler
from chassis.http import Commanded, Id, Router, answer, caller, commanded_by
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from services.intake.domain.person import person
from services.intake.http.answers import Done
from services.intake.http.own import OWN_PERSON, check_own
from services.intake.http.person_bodies import BlockBody, BlockView
from services.intake.http.person_desk import PersonDesk


def person_blocks_router(desk: PersonDesk, commands: CommandHandler) -> APIRouter:
    router = Router(prefix="/v1/persons", tags=["blocks"])
    write = commanded_by("people:write", OWN_PERSON)

    @router.post("/{person_id}/blocks", status_code=201)
    async def block_counterpart(
        person_id: Id, body: BlockBody, ask: Annotated[Commanded, write], response: Response
    ) -> Done:
        """Holds at once, against whoever is known and whoever comes. What is written here is kept nowhere."""
        check_own(ask.principal, person_id, "people:write")
        block_id, outcome = await desk.block(person_id, body, ask)
        answer(response, outcome, location=f"/v1/persons/{person_id}/blocks/{block_id}")
        return Done(id=block_id, version=outcome.version)

    @router.post("/{person_id}/blocks/{block_id}/lifting")
    async def lift_block(person_id: Id, block_id: Id, ask: Annotated[Commanded, write], response: Response) -> Done:
        """What another block holds stays held."""
        check_own(ask.principal, person_id, "people:write")
        outcome = await desk.unblock(person_id, block_id, ask)
        answer(response, outcome)
        return Done(id=block_id, version=outcome.version)

    @router.get("/{person_id}/blocks")
    async def list_blocks(
        person_id: Id, who: Annotated[Principal, caller("people:write", OWN_PERSON)]
    ) -> list[BlockView]:
        """Those that are not lifted, as they stand now."""
        check_own(who, person_id, "people:write")
        known = (await commands.state(person, StreamId(who.tenant, "person", person_id))).state
        if known.registered is None:
            raise NotFound()
        return [
            BlockView(block_id=block.block_id, kind=block.kind, blocked_on=block.blocked_at.date())
            for block in known.live_blocks
        ]

    return router
