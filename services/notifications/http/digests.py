"""A coordinator says where to hear what waits in a programme: urgent things at once, the rest on working mornings."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, EmailStr

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import CommandBody, Commanded, Id, MinPositionHeader, Router, answer, caller, commanded_by
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound
from contracts.envelope import StreamId, derive_id
from contracts.intake import MessageLanguage
from services.notifications.domain.digest import Command, Digest, UnwantDigest, WantDigest, digest
from services.notifications.projections.programmes import known_programme
from services.notifications.projections.subscribers import subscriptions_of

Asking = Annotated[Commanded, commanded_by("messages:digest")]


class DigestBody(CommandBody):
    """An address at work; it is kept sealed under the coordinator's own key."""

    email: EmailStr
    language: MessageLanguage = "nb"


class DigestView(BaseModel):
    """`next_at` is the next morning on which is looked; None when it is not wanted."""

    programme: str
    language: MessageLanguage
    is_wanted: bool
    next_at: AwareDatetime | None


def digests_router(commands: CommandHandler, reading: ReadModels, keyring: Keyring, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/digests", tags=["digests"])

    async def run(programme: str, command: Command, ask: Commanded, response: Response) -> DigestView:
        stream_id = derive_id("digest", ask.context.actor, programme)
        stream = StreamId(ask.principal.tenant, "digest", stream_id)
        outcome = await commands.handle(digest, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return _view(outcome.state)

    @router.get("")
    async def listing(
        who: Annotated[Principal, caller("messages:digest", by_programme=True)], at_least: MinPositionHeader
    ) -> list[DigestView]:
        """The caller's own."""
        found = await subscriptions_of(reading, who.tenant, who.person_id or who.subject, at_least=at_least)
        return [
            DigestView(programme=one.programme, language=one.language, is_wanted=True, next_at=one.next_at)
            for one in found
        ]

    @router.post("/{programme}")
    async def want(programme: Id, body: DigestBody, ask: Asking, response: Response) -> DigestView:
        """From now on; again replaces address and language."""
        known = await known_programme(reading, ask.principal.tenant, programme)
        if known is None:
            raise NotFound()
        command = WantDigest(
            now=clock.now(),
            recipient_id=ask.context.actor,
            programme=programme,
            language=body.language,
            email=await keyring.seal(ask.principal.tenant, ask.context.actor, body.email),
            zone=known.zone,
            country=known.country,
        )
        return await run(programme, command, ask, response)

    @router.post("/{programme}/end")
    async def unwant(programme: Id, ask: Asking, response: Response) -> DigestView:
        """No more of it, and nothing urgent either."""
        return await run(programme, UnwantDigest(clock.now()), ask, response)

    return router


def _view(state: Digest) -> DigestView:
    if state.wanted is None:
        raise NotFound()
    return DigestView(
        programme=state.wanted.programme,
        language=state.wanted.language,
        is_wanted=state.is_wanted,
        next_at=state.next_at,
    )
