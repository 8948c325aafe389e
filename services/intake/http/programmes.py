"""Programmes and their policies over HTTP."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import (
    CommandBody,
    Commanded,
    MinPositionHeader,
    Page,
    Paging,
    Router,
    answer,
    caller,
    commanded_by,
    paged,
    versioned,
)
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId
from contracts.policy import Category, Mandate, Policy
from contracts.template import ProgrammeTemplate, template_of
from services.intake.domain.calendar import day_in
from services.intake.domain.programme import (
    AddCategory,
    AdoptPolicy,
    CloseProgramme,
    Command,
    MakePermanent,
    PauseProgramme,
    Programme,
    RenewMandate,
    ResumeProgramme,
    programme,
)
from services.intake.http.answers import Done
from services.intake.projections.programmes import ProgrammeDocument, programme_of, programmes_after

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
Line = Annotated[str, Field(min_length=1, max_length=200)]


class AdoptionBody(CommandBody):
    """`adopted_by` is the body that decided; the policy's own `approved.by` where it is left out."""

    policy: Policy
    adopted_by: Line | None = None
    adopted_on: date | None = None


class RenewalBody(CommandBody):
    mandate: Mandate
    renewed_by: Line


class CategoryBody(CommandBody):
    """One more kind of request: a task, a pairing, or a matter with an authority, and what is entrusted with it."""

    code: Annotated[str, StringConstraints(pattern=r"^\w[\w .+-]{0,59}$")]
    by: Literal["task", "pairing", "authority"] = "task"
    safeguards: Annotated[tuple[Literal["money", "keys", "home"], ...], Field(max_length=3)] = ()


class PermanenceBody(CommandBody):
    permanent_on: date | None = None


class ClosureBody(CommandBody):
    reason: Line
    closed_on: date | None = None


def programmes_router(commands: CommandHandler, reading: ReadModels, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/programmes", tags=["programmes"])
    manage = commanded_by("programmes:manage")

    async def run(code: str, command: Command, ask: Commanded, response: Response) -> Done:
        stream = StreamId(ask.principal.tenant, "programme", code)
        outcome = await commands.handle(programme, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/programmes/{code}")
        return Done(id=code, version=outcome.version)

    async def in_force(code: str, ask: Commanded) -> Programme:
        return (await commands.state(programme, StreamId(ask.principal.tenant, "programme", code))).state

    @router.post("/{code}/policy")
    async def adopt_policy(
        code: Code, body: AdoptionBody, ask: Annotated[Commanded, manage], response: Response
    ) -> Done:
        """The next version, in force at once; the same policy again changes nothing (S0.30, S1.5)."""
        policy, today = body.policy, day_in(body.policy.zone, clock.now())
        approved_by = policy.approved.by if policy.approved else ask.context.actor
        command = AdoptPolicy(
            programme=code,
            policy=policy,
            adopted_by=body.adopted_by or approved_by,
            adopted_on=body.adopted_on or today,
            today=today,
        )
        return await run(code, command, ask, response)

    @router.post("/{code}/mandate")
    async def renew_mandate(
        code: Code, body: RenewalBody, ask: Annotated[Commanded, manage], response: Response
    ) -> Done:
        return await run(code, RenewMandate(mandate=body.mandate, renewed_by=body.renewed_by), ask, response)

    @router.post("/{code}/categories")
    async def add_category(
        code: Code, body: CategoryBody, ask: Annotated[Commanded, manage], response: Response
    ) -> Done:
        """The list is open, "osv.": requests of that kind are taken from now on; again changes nothing (S1.18)."""
        category = Category(code=body.code, by=body.by, safeguards=body.safeguards)
        return await run(code, AddCategory(category=category, added_by=ask.context.actor), ask, response)

    @router.post("/{code}/pause")
    async def pause_programme(code: Code, ask: Annotated[Commanded, manage], response: Response) -> Done:
        return await run(code, PauseProgramme(now=clock.now()), ask, response)

    @router.post("/{code}/resumption")
    async def resume_programme(code: Code, ask: Annotated[Commanded, manage], response: Response) -> Done:
        return await run(code, ResumeProgramme(now=clock.now()), ask, response)

    @router.post("/{code}/permanence")
    async def make_permanent(
        code: Code, body: PermanenceBody, ask: Annotated[Commanded, manage], response: Response
    ) -> Done:
        """Pilot no longer; ids, history and counts go on (S0.25, S2.2)."""
        day = body.permanent_on or (await in_force(code, ask)).day(clock.now())
        return await run(code, MakePermanent(permanent_on=day), ask, response)

    @router.post("/{code}/closure")
    async def close_programme(
        code: Code, body: ClosureBody, ask: Annotated[Commanded, manage], response: Response
    ) -> Done:
        day = body.closed_on or (await in_force(code, ask)).day(clock.now())
        return await run(code, CloseProgramme(closed_on=day, reason=body.reason), ask, response)

    @router.get("/{code}")
    async def show_programme(
        code: Code,
        who: Annotated[Principal, caller("programmes:read", "programmes:manage")],
        at_least: MinPositionHeader,
        response: Response,
    ) -> ProgrammeDocument:
        found = await programme_of(reading, who.tenant, code, at_least=at_least)
        if found is None:
            raise NotFound()
        versioned(response, Position(StreamId(who.tenant, "programme", code), found.version))
        return found.document

    @router.get("/{code}/template")
    async def show_template(
        code: Code, who: Annotated[Principal, caller("programmes:read", "programmes:manage")]
    ) -> ProgrammeTemplate:
        """What another tenant may adopt: terms and categories, also those added since; nothing of ours (S1.25)."""
        found = await commands.state(programme, StreamId(who.tenant, "programme", code))
        return template_of(code, found.state.policy)

    @router.get("")
    async def list_programmes(
        who: Annotated[Principal, caller("programmes:read", "programmes:manage", by_programme=True)],
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
    ) -> Page[ProgrammeDocument]:
        found = await programmes_after(
            reading, who.tenant, after=str(paging.after or ""), limit=paging.limit + 1, at_least=at_least
        )
        shown = found[: paging.limit]
        return paging.page(shown, next_after=shown[-1].programme if len(found) > len(shown) else None)

    return router
