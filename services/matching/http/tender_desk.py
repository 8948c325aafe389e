"""The coordinators' side of a tender: open it, see who offered, choose, close it (S1.13, S1.16)."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, StringConstraints

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import CommandBody, Commanded, Id, MinPositionHeader, Router, answer, caller, commanded_by
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import StreamId, derive_id
from contracts.matching import Audience
from services.matching.candidates import Candidates
from services.matching.domain.search import search
from services.matching.domain.search_commands import SearchNotFound
from services.matching.domain.search_state import Search
from services.matching.domain.tender_commands import CloseTender, NoTender, NotOffered, OpenTender, TenderNotFound
from services.matching.http.tender_views import OfferView, TenderView
from services.matching.http.views import Done
from services.matching.pairs import Pairs
from services.matching.picking import pick
from services.matching.policies import KnownPolicy, Policies
from services.matching.projections.candidates import protected_among
from services.matching.projections.tenders import tenders
from services.matching.tender_ranking import chances
from services.matching.tender_texts import texts_of, what_identifies

Reader = Annotated[Principal, caller("matching:read", "matching:manage")]
Manager = Annotated[Commanded, commanded_by("matching:manage")]
Opener = Annotated[Commanded, commanded_by("matching:manage", "tenders:open")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
_IDS = "tender"


class TenderBody(CommandBody):
    """What is asked for, in words that say nothing of who asks; an empty audience is every member."""

    text: Text
    closes_at: AwareDatetime
    audience: Audience = Audience()


class ChoiceBody(CommandBody):
    """One of those who offered (S2.30)."""

    helper_id: Id


def tender_desk_router(
    commands: CommandHandler,
    reading: ReadModels,
    candidates: Candidates,
    *,
    pairs: Pairs,
    keyring: Keyring,
    policies: Policies,
    clock: Clock,
) -> APIRouter:
    router = Router(prefix="/v1/searches/{request_id}/tender", tags=["tenders"])

    @router.post("", status_code=201)
    async def open_tender(request_id: Id, body: TenderBody, ask: Opener, response: Response) -> Done:
        """409 `needs_pairing` for company over time, `identifies` where the text would tell who asks (S1.14, S1.20),
        `area_protected` where the areas would tell where they live (S2.9)."""
        stream, found, known = await asked_for(ask.principal.tenant, request_id)
        now, kind, asker_id = clock.now(), known.category(found.category), found.person_id
        command = OpenTender(
            # Not to be guessed from anything that somebody else may know.
            tender_id=keyring.fingerprint(stream.tenant, _IDS, ask.new_id("tender"))[:32],
            text=await keyring.seal(stream.tenant, asker_id, body.text),
            identifies=await what_identifies(keyring, reading, stream.tenant, asker_id=asker_id, text=body.text),
            audience=body.audience,
            by=None if kind is None else kind.by,
            opened_by=ask.context.actor,
            closes_at=body.closes_at,
            now=now,
            policy=known.at(now),
            is_protected=bool(await protected_among(reading, stream.tenant, [asker_id])),
        )
        outcome = await commands.handle(search, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/searches/{request_id}/tender")
        return Done(id=command.tender_id, version=outcome.version)

    @router.get("")
    async def show_last(request_id: Id, who: Reader, at_least: MinPositionHeader) -> TenderView:
        """The last tender, with who offered: those to choose from best first, with reasons (S1.16, S2.30)."""
        found = await reading.get(tenders, who.tenant, request_id, min_position=at_least)
        if found is None:
            raise TenderNotFound()
        [text] = await texts_of(keyring, who.tenant, [found])
        return TenderView.model_validate(found | {"text": text, "offers": await offers(who.tenant, found)})

    @router.post("/choices", status_code=201)
    async def choose(request_id: Id, body: ChoiceBody, ask: Manager, response: Response) -> Done:
        """Reserves their place and puts them to the requester; their offer is their yes (S1.2)."""
        stream, found, known = await asked_for(ask.principal.tenant, request_id)
        is_repeated = derive_id(ask.context.command_id, "proposal") in found.proposals
        if found.tender is None and not is_repeated:
            raise NoTender()
        if found.tender is not None and body.helper_id not in found.tender.live and not is_repeated:
            raise NotOffered()
        ranked = await candidates.look_at(stream.tenant, found, body.helper_id)
        proposal_id, outcome = await pick(
            commands, stream, ranked, pairs=pairs, known=known, context=ask.context, now=clock.now()
        )
        answer(response, outcome, location=f"/v1/searches/{request_id}/proposals/{proposal_id}")
        return Done(id=proposal_id, version=outcome.version)

    @router.post("/close")
    async def close(request_id: Id, ask: Opener, response: Response) -> Done:
        """No more offers; those who offered can still be chosen. Without any it lapses."""
        stream, _, known = await asked_for(ask.principal.tenant, request_id)
        command = CloseTender(clock.now(), known.pauses)
        outcome = await commands.handle(search, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return Done(id=request_id, version=outcome.version)

    async def asked_for(tenant: str, request_id: str) -> tuple[StreamId, Search, KnownPolicy]:
        stream = StreamId(tenant, "search", request_id)
        found = await commands.state(search, stream)
        if not found.version:
            raise SearchNotFound()
        return stream, found.state, await policies.known(tenant, found.state.programme)

    async def offers(tenant: str, found: JsonObject) -> list[OfferView]:
        state = (await commands.state(search, StreamId(tenant, "search", found["request_id"]))).state
        ranked = await chances(reading, candidates, tenant, state, found["offers"])
        views = []
        for one in ranked:
            offer = found["offers"][one.ranked.helper_id]
            views.append(OfferView.of(one.ranked, **offer, never_chosen=one.chosen_at is None))
        return sorted(views, key=lambda view: view.state != "live")

    return router
