"""Somebody proposes something to do together; coordinators support, publish and close it (S1.19, S1.22)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import JsonValue, StringConstraints

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
    versioned,
)
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from contracts.envelope import StreamId
from contracts.policy import Code
from services.matching.domain.activity import (
    ActivityNotFound,
    CloseActivity,
    Command,
    ProposeActivity,
    PublishActivity,
    SupportActivity,
    activity,
)
from services.matching.domain.approval import why_unapproved
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import HelperNotFound
from services.matching.domain.talk_only import is_talk_only
from services.matching.gatherings import Gatherings, place_in_list
from services.matching.http.activity_views import ActivityView, OwnActivityView, StaffedActivityView
from services.matching.http.offers import whose
from services.matching.http.views import Done
from services.matching.pairs import Pairs
from services.matching.policies import Policies
from services.matching.projections.activities import activities, activities_in, activities_led_by
from services.matching.tender_texts import what_identifies

Member = Annotated[Principal, caller("matching:answer")]
Reader = Annotated[Principal, caller("matching:read", "matching:manage", by_programme=True)]
Manager = Annotated[Commanded, commanded_by("matching:manage")]
MemberOrManager = Annotated[Commanded, commanded_by("matching:answer", "matching:manage")]


class ActivityBody(CommandBody):
    """What we do is needed; where it is talk alone, whoever plans it sees a flag (S3.54).

    `person_id`: whom a coordinator enters it for."""

    programme: Code
    kind: Code
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    what_we_do: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    category: Code | None = None
    offer_id: Id | None = None
    person_id: Id | None = None


class SupportBody(CommandBody):
    """Who stands beside whoever leads it; without a name, whoever asks (S1.22)."""

    supporter_id: Id | None = None


def activities_router(
    commands: CommandHandler,
    reading: ReadModels,
    gatherings: Gatherings,
    *,
    keyring: Keyring,
    pairs: Pairs,
    policies: Policies,
    clock: Clock,
) -> APIRouter:
    router = Router(prefix="/v1/activities", tags=["activities"])

    @router.post("", status_code=201)
    async def propose(body: ActivityBody, ask: MemberOrManager, response: Response) -> Done:
        """Anybody may; it is shown to others when a coordinator publishes it. 409 `title_identifies`."""
        tenant, lead_id = ask.principal.tenant, whose(ask, body.person_id)
        category = body.category
        if body.offer_id is not None:
            ready = await commands.state(helper, StreamId(tenant, "helper", lead_id))
            category = ready.state.offers.find(body.offer_id).category
        known, now = await policies.known(tenant, body.programme), clock.now()
        title, what_we_do = await keyring.seal_many(tenant, [(lead_id, body.title), (lead_id, body.what_we_do)])
        command = ProposeActivity(
            activity_id=ask.new_id("activity"),
            programme=body.programme,
            kind=body.kind,
            title=title,
            what_we_do=what_we_do,
            lead_id=lead_id,
            category=category,
            offer_id=body.offer_id,
            kinds=frozenset(kind.code for kind in known.policy.kinds),
            categories=frozenset(kind.code for kind in known.policy.categories),
            is_talk_only=is_talk_only(body.what_we_do),
            identifies=await what_identifies(keyring, reading, tenant, asker_id=lead_id, text=body.title),
            now=now,
        )
        return await run(command.activity_id, command, ask, response, is_new=True)

    @router.post("/{activity_id}/support")
    async def support(activity_id: Id, body: SupportBody, ask: MemberOrManager, response: Response) -> Done:
        """A coordinator names a helper or themselves; an approved helper says so for themselves (S1.22)."""
        tenant, own = ask.principal.tenant, ask.context.actor
        found = await gatherings.activity(tenant, activity_id)
        supporter_id = body.supporter_id or own
        is_staff = ask.principal.has("matching:manage")
        if not found.activity_id or (supporter_id != own and not is_staff):
            raise ActivityNotFound()
        if await pairs.are_barred(tenant, found.lead_id, supporter_id):
            raise HelperNotFound() if is_staff else ActivityNotFound()
        is_ready = (is_staff and supporter_id == own) or await is_approved(tenant, supporter_id, found.programme)
        return await run(activity_id, SupportActivity(supporter_id, is_ready, clock.now()), ask, response)

    @router.post("/{activity_id}/publish")
    async def publish(activity_id: Id, ask: Manager, response: Response) -> Done:
        """Open for sign-up from now on; 409 `needs_supporter`."""
        return await run(activity_id, PublishActivity(ask.context.actor, clock.now()), ask, response)

    @router.post("/{activity_id}/close")
    async def close(activity_id: Id, ask: MemberOrManager, response: Response) -> Done:
        """A coordinator, or whoever leads it; sessions that were to come are called off."""
        found = await gatherings.activity(ask.principal.tenant, activity_id)
        if not ask.principal.has("matching:manage") and ask.principal.person_id != found.lead_id:
            raise ActivityNotFound()
        return await run(activity_id, CloseActivity(clock.now()), ask, response)

    async def is_approved(tenant: str, person_id: str, programme: str) -> bool:
        ready = await commands.state(helper, StreamId(tenant, "helper", person_id))
        known = await policies.known(tenant, programme)
        return why_unapproved(ready.state.listings.get(programme), known.at(clock.now())) is None

    async def run(
        activity_id: str, command: Command, ask: Commanded, response: Response, *, is_new: bool = False
    ) -> Done:
        stream = StreamId(ask.principal.tenant, "activity", activity_id)
        outcome = await commands.handle(activity, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/activities/{activity_id}" if is_new else None)
        return Done(id=activity_id, version=outcome.version)

    return router


def activity_lists_router(reading: ReadModels, gatherings: Gatherings) -> APIRouter:
    router = Router(prefix="/v1", tags=["activities"])

    @router.get("/activities")
    async def published(
        who: Member,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        programme: Annotated[Code | None, Query()] = None,
    ) -> Page[ActivityView]:
        """What one may come to, with the sessions that come; the newest first."""
        if who.person_id is None:
            return paging.page([])
        found = await gatherings.published(
            who.tenant,
            who.person_id,
            programme=programme,
            after=paging.after,
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last: JsonValue = [*place_in_list(shown[-1].activity)] if len(found) > len(shown) else None
        return paging.page([ActivityView.of(one, who.person_id) for one in shown], next_after=last)

    @router.get("/own-activities")
    async def own(
        who: Member, paging: Annotated[Paging, paged()], at_least: MinPositionHeader
    ) -> Page[OwnActivityView]:
        """What the person of the token leads, the newest first; at most 200."""
        if who.person_id is None:
            return paging.page([])
        found = await activities_led_by(reading, who.tenant, who.person_id, limit=paging.limit, at_least=at_least)
        shown = await gatherings.of(who.tenant, found, only_coming=True)
        return paging.page([OwnActivityView.of(one, who.person_id) for one in shown])

    @router.get("/activities/all")
    async def by_stage(
        who: Reader,
        paging: Annotated[Paging, paged()],
        at_least: MinPositionHeader,
        stage: Annotated[Literal["proposed", "published", "closed"], Query()] = "proposed",
        programme: Annotated[Code | None, Query()] = None,
    ) -> Page[StaffedActivityView]:
        """The coordinators' list: what waits for a supporter and for publishing, unless another stage is asked for."""
        found = await activities_in(
            reading,
            who.tenant,
            stage,
            programme=programme,
            after=paging.after,
            limit=paging.limit + 1,
            at_least=at_least,
        )
        shown = found[: paging.limit]
        last: JsonValue = [*place_in_list(shown[-1])] if len(found) > len(shown) else None
        gathered = await gatherings.of(who.tenant, shown, only_coming=False)
        return paging.page([StaffedActivityView.of(one) for one in gathered], next_after=last)

    @router.get("/activities/{activity_id}")
    async def show(
        activity_id: Id, who: Reader, at_least: MinPositionHeader, response: Response
    ) -> StaffedActivityView:
        found = await reading.get(activities, who.tenant, activity_id, min_position=at_least)
        if found is None:
            raise ActivityNotFound()
        stream = StreamId(who.tenant, "activity", activity_id)
        versioned(response, Position(stream, found["_streams"][str(stream)]))
        [gathered] = await gatherings.of(who.tenant, [found], only_coming=False)
        return StaffedActivityView.of(gathered)

    return router
