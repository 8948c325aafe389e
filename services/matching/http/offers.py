"""Standing offers: a member makes them and sees those of others; coordinators find what nobody has asked for."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import JsonValue, StringConstraints

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.http import (
    CommandBody,
    Commanded,
    Id,
    Malformed,
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
from contracts.envelope import StreamId
from contracts.policy import Code
from services.matching.catalogue import Catalogue, CatalogueNotFound
from services.matching.domain.approval import NotListed
from services.matching.domain.helper import helper
from services.matching.domain.offers import MakeOffer, OfferNotFound, TakeBackOffer
from services.matching.http.offer_views import (
    GivenAndReceivedView,
    NeverChosenList,
    NeverChosenView,
    OfferView,
    StaffedOfferView,
)
from services.matching.http.views import Done
from services.matching.policies import Policies
from services.matching.projections.chances import never_chosen
from services.matching.projections.exchanges import given_and_received

Member = Annotated[Principal, caller("matching:answer")]
Reader = Annotated[Principal, caller("matching:read", "matching:manage", by_programme=True)]
CatalogueReader = Annotated[Principal, caller("matching:read", "matching:manage", "board:read", by_programme=True)]
MemberOrManager = Annotated[Commanded, commanded_by("matching:answer", "matching:manage")]
Wished = Annotated[Code | None, Query()]


class OfferBody(CommandBody):
    """What somebody would like to be asked for. `person_id`: a coordinator enters it for them (S1.12)."""

    programme: Code
    category: Code
    words: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    person_id: Id | None = None


def whose(ask: Commanded, person_id: str | None) -> str:
    """For whom is commanded: a coordinator says for whom, everybody else only for themselves."""
    own = ask.principal.person_id
    if person_id is not None and (person_id == own or ask.principal.has("matching:manage")):
        return person_id
    if person_id is not None or own is None:
        raise Malformed("person_id")
    return own


def offers_router(
    commands: CommandHandler, catalogue: Catalogue, keyring: Keyring, *, policies: Policies, clock: Clock
) -> APIRouter:
    router = Router(prefix="/v1", tags=["offers"])

    @router.post("/offers", status_code=201)
    async def make(body: OfferBody, ask: MemberOrManager, response: Response) -> Done:
        """In a category of the policy in force (422); the helper is approved in the programme (409)."""
        tenant, person_id = ask.principal.tenant, whose(ask, body.person_id)
        stream = StreamId(tenant, "helper", person_id)
        if body.programme not in (await commands.state(helper, stream)).state.listings:
            raise NotListed()
        known, now = await policies.known(tenant, body.programme), clock.now()
        # A keyed hash: nobody can guess it, and a repeat under the same Idempotency-Key is the same offer.
        offer_id = keyring.fingerprint(tenant, "offer", ask.new_id("offer"))
        command = MakeOffer(
            programme=body.programme,
            offer_id=offer_id,
            category=body.category,
            words=await keyring.seal(tenant, person_id, body.words),
            categories=frozenset(kind.code for kind in known.policy.categories if kind.by != "authority"),
            now=now,
            policy=known.at(now),
        )
        outcome = await commands.handle(helper, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome)
        return Done(id=offer_id, version=outcome.version)

    @router.delete("/offers/{offer_id}")
    async def take_back(
        offer_id: Id, ask: Annotated[Commanded, commanded_by("matching:answer")], response: Response
    ) -> Done:
        """One's own, at any time; another's is absent (404)."""
        person_id = ask.principal.person_id
        if person_id is None:
            raise OfferNotFound()
        stream = StreamId(ask.principal.tenant, "helper", person_id)
        outcome = await commands.handle(
            helper, stream, TakeBackOffer(offer_id), context=ask.context, expected_version=ask.if_match
        )
        answer(response, outcome)
        return Done(id=offer_id, version=outcome.version)

    @router.get("/offers")
    async def offered(
        who: Member, paging: Annotated[Paging, paged()], programme: Wished = None, category: Wished = None
    ) -> Page[OfferView]:
        """What others would like to be asked for, in the programmes one is approved in; 404 for another one."""
        if who.person_id is None:
            raise CatalogueNotFound()
        after, wished = paging.after, paging.limit + 1
        found = await catalogue.for_member(
            who.tenant, who.person_id, programme, category=category, after=after, limit=wished
        )
        shown = found[: paging.limit]
        last = shown[-1].offer_id if len(found) > len(shown) else None
        return paging.page([OfferView.of(one) for one in shown], next_after=last)

    @router.get("/own-offers")
    async def own(who: Member, paging: Annotated[Paging, paged()], at_least: MinPositionHeader) -> Page[OfferView]:
        """The offers of the person of the token; at most 200."""
        if who.person_id is None:
            return paging.page([])
        found = await catalogue.of_person(who.tenant, who.person_id, limit=paging.limit, at_least=at_least)
        return paging.page([OfferView.of(one) for one in found])

    return router


def offers_desk_router(catalogue: Catalogue, reading: ReadModels) -> APIRouter:
    router = Router(prefix="/v1", tags=["offers"])

    @router.get("/offers/to-ask")
    async def to_ask(
        who: CatalogueReader, paging: Annotated[Paging, paged()], programme: Wished = None, category: Wished = None
    ) -> Page[StaffedOfferView]:
        """All offers with who makes them, the oldest first: whom a coordinator could propose."""
        return await page(who, paging, programme, category=category, only_unused=False)

    @router.get("/offers/unused")
    async def unused(
        who: Reader, paging: Annotated[Paging, paged()], programme: Wished = None, category: Wished = None
    ) -> Page[StaffedOfferView]:
        """Offers whose helper was never asked for that since, the oldest first (S1.10)."""
        return await page(who, paging, programme, category=category, only_unused=True)

    @router.get("/offers/never-chosen")
    async def passed_by(
        who: Reader, programme: Wished = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> NeverChosenList:
        """Helpers who offered on tenders and were never chosen, who has waited longest first (S1.16)."""
        found = await never_chosen(reading, who.tenant, programme, limit=limit)
        return NeverChosenList(items=[NeverChosenView.model_validate(one) for one in found])

    @router.get("/me/given-and-received")
    async def reciprocity(who: Member, at_least: MinPositionHeader) -> GivenAndReceivedView:
        """For the person of the token alone: no route shows it of anybody else (S1.15)."""
        if who.person_id is None:
            return GivenAndReceivedView(given=0, received=0)
        given, received = await given_and_received(reading, who.tenant, who.person_id, at_least=at_least)
        return GivenAndReceivedView(given=given, received=received)

    async def page(
        who: Principal, paging: Paging, programme: str | None, *, category: str | None, only_unused: bool
    ) -> Page[StaffedOfferView]:
        found = await catalogue.for_coordinator(
            who.tenant,
            programme,
            category=category,
            only_unused=only_unused,
            after=_moment(paging.after),
            limit=paging.limit + 1,
        )
        shown = found[: paging.limit]
        last: JsonValue = [shown[-1].made_at.isoformat(), shown[-1].offer_id] if len(found) > len(shown) else None
        return paging.page([StaffedOfferView.of(one) for one in shown], next_after=last)

    return router


def _moment(after: Any) -> tuple[datetime, str] | None:
    """Where the last page ended: when that offer was made, and its id."""
    return None if after is None else (datetime.fromisoformat(after[0]), after[1])
