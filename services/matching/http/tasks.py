"""A task on its way: two people look at money, keys and homes, and both say when it is done (S1.21)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import CommandBody, Commanded, Id, MinPositionHeader, Router, answer, caller, commanded_by
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import StreamId
from services.matching.domain.search import search
from services.matching.domain.search_commands import ProposalNotFound, SearchNotFound
from services.matching.domain.search_state import Search
from services.matching.domain.tender_commands import (
    PEOPLE_WHO_LOOK,
    ConfirmSafeguard,
    SayDone,
    SecondPersonNeeded,
)
from services.matching.http.tender_views import LookView, SafeguardList, SafeguardView, TaskTaken
from services.matching.http.views import Done
from services.matching.policies import Policies
from services.matching.projections.proposals import proposal_for
from services.matching.tender_texts import opened

Looking = Annotated[Commanded, commanded_by("matching:manage", "matching:answer")]
OneOfTheTwo = Annotated[Commanded, commanded_by("matching:answer")]
Manager = Annotated[Principal, caller("matching:manage")]


class SafeguardBody(CommandBody):
    """`receipt` is a reference, such as a number on a slip; it is sealed under the key of who asks."""

    safeguard: Literal["money", "keys", "home"]
    receipt: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


def tasks_router(
    commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, policies: Policies, clock: Clock
) -> APIRouter:
    router = Router(prefix="/v1/searches/{request_id}/proposals/{proposal_id}", tags=["tasks"])

    @router.post("/safeguards", status_code=201)
    async def confirm(request_id: Id, proposal_id: Id, body: SafeguardBody, ask: Looking, response: Response) -> Done:
        """By staff or by who asks; the same person twice is 409 `second_person_needed`."""
        stream = StreamId(ask.principal.tenant, "search", request_id)
        found = await looked_for(stream, proposal_id, ask.principal)
        known = await policies.known(stream.tenant, found.programme)
        kind = known.task(found.category)
        receipt = None if body.receipt is None else await keyring.seal(stream.tenant, found.person_id, body.receipt)
        command = ConfirmSafeguard(
            proposal_id=proposal_id,
            safeguard=body.safeguard,
            confirmed_by=ask.context.actor,
            receipt=receipt,
            safeguards=() if kind is None else kind.safeguards,
            now=clock.now(),
            pauses=known.pauses,
        )
        outcome = await commands.handle(search, stream, command, context=ask.context, expected_version=ask.if_match)
        count = outcome.state.proposals[proposal_id].count_of(body.safeguard)
        if not outcome.events and count < PEOPLE_WHO_LOOK:
            # To the stream it is nothing new; who asks must hear that it takes somebody else.
            raise SecondPersonNeeded()
        answer(response, outcome)
        return Done(id=proposal_id, version=outcome.version)

    @router.get("/safeguards")
    async def looks(request_id: Id, proposal_id: Id, who: Manager, at_least: MinPositionHeader) -> SafeguardList:
        """Who looked at what, with the receipts."""
        found = await proposal_for(reading, who.tenant, request_id, proposal_id, at_least=at_least)
        if found is None:
            raise ProposalNotFound()
        kinds = list(dict.fromkeys(look["safeguard"] for look in found["looks"]))
        return SafeguardList(items=[await view(who.tenant, kind, found["looks"]) for kind in kinds])

    @router.post("/done")
    async def done(request_id: Id, proposal_id: Id, ask: OneOfTheTwo, response: Response) -> TaskTaken:
        """Said by each of the two; both make the wish met. 409 `safeguards_open` before contact."""
        person_id = ask.principal.person_id
        if person_id is None:
            raise ProposalNotFound()
        stream = StreamId(ask.principal.tenant, "search", request_id)
        try:
            command = SayDone(proposal_id, person_id, clock.now())
            outcome = await commands.handle(search, stream, command, context=ask.context, expected_version=ask.if_match)
        except SearchNotFound:
            raise ProposalNotFound() from None
        answer(response, outcome)
        state = outcome.state
        return TaskTaken.model_validate(
            {
                "proposal_id": proposal_id,
                "state": "in-touch" if state.has_open_task else "done",
                "version": outcome.version,
            }
        )

    async def looked_for(stream: StreamId, proposal_id: str, who: Principal) -> Search:
        """Staff find every proposal, people only one in which they are one of the two."""
        found = (await commands.state(search, stream)).state
        if proposal_id not in found.proposals:
            raise ProposalNotFound()
        if not who.has("matching:manage"):
            found.addressed(proposal_id, who.person_id or "")
        return found

    async def view(tenant: str, kind: str, looks: list[JsonObject]) -> SafeguardView:
        those = [look for look in looks if look["safeguard"] == kind]
        kept = [look["receipt"] for look in those if look["receipt"] is not None]
        texts = iter(await opened(keyring, tenant, kept))
        views = [
            LookView(
                confirmed_by=look["confirmed_by"],
                receipt=None if look["receipt"] is None else str(next(texts)),
            )
            for look in those
        ]
        is_confirmed = len({look["confirmed_by"] for look in those}) >= PEOPLE_WHO_LOOK
        return SafeguardView.model_validate({"safeguard": kind, "is_confirmed": is_confirmed, "looks": views})

    return router
